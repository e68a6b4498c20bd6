/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <stdarg.h>

void plan_clear(struct plan *plan)
{
    for (size_t i = 0; i < plan->n; i++)
        free(plan->steps[i].text);
    free(plan->steps);
    *plan = PLAN_INIT;
}

int plan_add(struct plan *plan, const char *action, int (*apply)(void *, struct err *),
             int (*undo)(void *, struct err *), void *ctx, struct err *e, const char *fmt, ...)
{
    struct plan_step *steps;
    char *text;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        return err_oom(e);
    steps = reallocarray(plan->steps, plan->n + 1, sizeof(*steps));
    if (!steps) {
        free(text);
        return err_oom(e);
    }
    steps[plan->n] = (struct plan_step){action, text, apply, undo, ctx};
    plan->steps = steps;
    plan->n++;
    return 0;
}

static void tell(const struct plan_watch *watch, const struct plan_step *step, bool undone)
{
    if (watch && watch->done)
        watch->done(watch->arg, step, undone);
}

static void undo(struct plan *plan, const struct plan_watch *watch, struct err *e)
{
    while (plan->n_done > 0) {
        const struct plan_step *step = &plan->steps[--plan->n_done];
        _cleanup_(err_clear) struct err why = ERR_INIT;

        if (!step->undo)
            continue;
        if (step->undo(step->ctx, &why) < 0)
            err_append(e, "; and undoing \"%s\" failed: %s", step->action,
                       why.text ? why.text : "no reason given");
        else
            tell(watch, step, true);
    }
}

void plan_undo(struct plan *plan, struct err *e)
{
    undo(plan, NULL, e);
}

int plan_apply(struct plan *plan, const struct plan_watch *watch, struct err *e)
{
    int r = 0;

    while (plan->n_done < plan->n) {
        const struct plan_step *step = &plan->steps[plan->n_done];

        if (watch && watch->interrupted && watch->interrupted(watch->arg)) {
            r = err_set(e, -EINTR, "interrupted before \"%s\"; what was done is undone",
                        step->action);
            break;
        }
        if (watch && watch->step)
            watch->step(watch->arg, step);
        r = step->apply(step->ctx, e);
        if (r < 0)
            break;
        plan->n_done++;
        tell(watch, step, false);
    }
    if (r < 0)
        undo(plan, watch, e);
    return r;
}
