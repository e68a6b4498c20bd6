/* SPDX-License-Identifier: MIT */
#include "freezing.h"

#include "cgkill.h"
#include "cgwork.h"

const struct opt freezing_opts[] = {
    {'w', "wait", OPT_FLAG, offsetof(struct freezing_args, wait), NULL,
     "wait until the kernel says that it is so"},
    {0, "timeout", OPT_DURATION, offsetof(struct freezing_args, timeout_ms), "DURATION",
     "with --wait: how long at most (default: until it is so)"},
    OPT_END,
};

/* One step of a plan. */
struct step {
    const struct freezing_args *args;
    const char *path;
    int dir;
    bool freeze;
};

static int do_write(void *ctx, struct err *e)
{
    const struct step *s = ctx;

    return cgkill_freeze(s->dir, s->path, s->freeze, e);
}

static int undo_write(void *ctx, struct err *e)
{
    const struct step *s = ctx;

    return cgkill_freeze(s->dir, s->path, !s->freeze, e);
}

static int do_wait(void *ctx, struct err *e)
{
    const struct step *s = ctx;
    const struct cgevents_wish wish = {"cgroup.events", "frozen", false, s->freeze};
    const struct cgevents_patience patience = cgwork_patience(s->args->timeout_ms);
    int r = cgevents_wait(s->dir, s->path, &wish, &patience, e);

    if (r == CGEVENTS_GONE)
        return err_set(e, -ENODEV, "/%s: was removed meanwhile", s->path);
    return r;
}

static int make_plan(struct step *s, struct plan *plan, struct err *e)
{
    const char *word = s->freeze ? "freeze" : "thaw";
    int r = cgkill_frozen(s->dir);

    if (r < 0)
        return cgkill_freeze(s->dir, s->path, s->freeze, e);
    if (r == s->freeze)
        return 0;
    r = plan_add(plan, word, do_write, undo_write, s, e, "%s /%s", word, s->path);
    if (r == 0 && s->args->wait)
        r = plan_add(plan, "wait", do_wait, NULL, s, e, "wait for it");
    return r;
}

int freezing_run(struct cmd_context *ctx, const struct freezing_args *args, bool freeze)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int dir = -1;
    struct step step = {.args = args, .freeze = freeze};
    int r = cgwork_change(ctx, &w, &e);

    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = dir = cgtree_group(&w.tree, path, &e);
    if (r >= 0) {
        step.dir = dir;
        step.path = path;
        r = make_plan(&step, &plan, &e);
    }
    if (r == 0)
        r = cmd_plan_run(ctx, &plan, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : cgwork_answer(ctx, path, &plan);
}
