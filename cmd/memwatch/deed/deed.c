/* SPDX-License-Identifier: MIT */
#include "deed.h"

#include "deed_exec.h"
#include "deed_kill.h"
#include "deed_kind.h"
#include "deed_signal.h"
#include "deed_tool.h"

#include <stdarg.h>

/* What the caller does itself. */
static void start_nothing(struct deed *d, const struct deed_cause *cause _unused_,
                          uint64_t now _unused_)
{
    d->state = DEED_DONE;
}

static const struct deed_kind nothing = {.start = start_nothing};

static const struct deed_kind *kind_of(enum rule_verb verb)
{
    static const struct deed_kind *const kinds[RULE_VERBS] = {
        [RULE_WARN] = &nothing,
        [RULE_DROP_CACHES] = &deed_tool_drop_caches,
        [RULE_RECLAIM] = &deed_tool_reclaim,
        [RULE_EXEC] = &deed_exec_kind,
        [RULE_SIGNAL] = &deed_signal_kind,
        [RULE_KILL] = &deed_kill_kind,
        [RULE_LIMIT] = &deed_tool_limit,
        [RULE_SWAP_ADD] = &deed_tool_swap_add,
        [RULE_STOP] = &nothing,
    };

    return kinds[verb];
}

/* ---- plans */

int deed_plan_new(const struct rule_action *action, const struct deed_policy *policy,
                  struct deed_plan **out, struct err *e)
{
    struct deed_plan *p = malloc(sizeof(*p));
    int r = 0;

    if (!p)
        return err_oom(e);
    *p = (struct deed_plan){
        .kind = kind_of(action->verb),
        .action = action,
        .policy = policy,
        .target = DEED_TARGET_INIT,
        .deed = {.plan = p, .hold = DEED_HOLD_INIT, .child = DEED_CHILD_INIT},
    };
    if (p->kind->prepare)
        r = p->kind->prepare(p, e);
    if (r < 0) {
        deed_plan_free(&p);
        return r;
    }
    *out = p;
    return 0;
}

void deed_plan_free(struct deed_plan **p)
{
    if (!*p)
        return;
    if ((*p)->kind->stop)
        (*p)->kind->stop(&(*p)->deed);
    deed_target_clear(&(*p)->target);
    free((*p)->output);
    free((*p)->tool);
    free(TAKE_PTR(*p));
}

void deed_plan_rehearse(struct deed_plan *plan)
{
    if (plan->kind->rehearse && !plan->deed.taken)
        plan->kind->rehearse(plan);
}

void deed_plan_adopt(struct deed_plan *plan, const struct deed_plan *old)
{
    deed_target_adopt(&plan->target, &old->target);
}

uint64_t deed_timeout(const struct deed_plan *plan, uint64_t otherwise)
{
    uint64_t asked = plan->action->timeout_ms;

    return asked == RULE_NO_TIMEOUT ? otherwise : asked;
}

/* ---- deeds */

struct deed *deed_start(struct deed_plan *plan, const struct deed_cause *cause, uint64_t now)
{
    struct deed *d = &plan->deed;

    if (d->taken)
        return NULL;
    *d = (struct deed){.plan = plan,
                       .taken = true,
                       .hold = DEED_HOLD_INIT,
                       .child = DEED_CHILD_INIT,
                       .holds = cause->holds,
                       .arg = cause->arg};
    if (plan->output)
        plan->output[0] = '\0';
    plan->kind->start(d, cause, now);
    return d;
}

void deed_free(struct deed **d)
{
    if (*d && (*d)->plan->kind->stop)
        (*d)->plan->kind->stop(*d);
    if (*d)
        (*d)->taken = false;
    *d = NULL;
}

size_t deed_poll(const struct deed *d, struct pollfd fds[static DEED_FDS], uint64_t *until)
{
    *until = UINT64_MAX;
    return d->state == DEED_UNDER_WAY ? d->plan->kind->poll(d, fds, until) : 0;
}

enum deed_state deed_continue(struct deed *d, uint64_t now)
{
    if (d->state == DEED_UNDER_WAY)
        d->plan->kind->go_on(d, now);
    return d->state;
}

enum deed_state deed_state(const struct deed *d)
{
    return d->state;
}

const char *deed_text(const struct deed *d)
{
    return *d->text ? d->text : NULL;
}

const char *deed_output(const struct deed *d)
{
    return d->plan->output && *d->plan->output ? d->plan->output : NULL;
}

void deed_say(struct deed *d, const char *fmt, ...)
{
    size_t n = strlen(d->text);
    va_list args;

    va_start(args, fmt);
    vsnprintf(d->text + n, sizeof(d->text) - n, fmt, args);
    va_end(args);
}
