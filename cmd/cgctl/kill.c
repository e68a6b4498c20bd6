/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgkill.h"
#include "cgwork.h"

struct args {
    bool wait;
    uint64_t timeout_ms;
};

static const struct opt opts[] = {
    {'w', "wait", OPT_FLAG, offsetof(struct args, wait), NULL, "wait until none is left"},
    {0, "timeout", OPT_DURATION, offsetof(struct args, timeout_ms), "DURATION",
     "with --wait: how long at most (default: until none is left)"},
    OPT_END,
};

struct step {
    const struct cgwork *work;
    const char *path;
    const struct args *args;
};

static int do_kill(void *ctx, struct err *e)
{
    const struct step *s = ctx;
    const struct cgevents_patience patience = cgwork_patience(s->args->timeout_ms);

    return cgkill_all(&s->work->tree, s->path, s->args->wait, &patience, e);
}

static int make_plan(struct step *s, struct plan *plan, struct err *e)
{
    _cleanup_(close_fd) int dir = cgtree_group(&s->work->tree, s->path, e);
    int r = dir < 0 ? dir : cgkill_populated(dir);

    if (dir >= 0 && r < 0)
        return do_kill(s, e);
    if (r <= 0)
        return r;
    return plan_add(plan, "kill", do_kill, NULL, s, e, "kill what is in /%s", s->path);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    struct step step = {.work = &w, .args = values};
    int r = cgwork_change(ctx, &w, &e);

    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0) {
        step.path = path;
        r = make_plan(&step, &plan, &e);
    }
    if (r == 0)
        r = cmd_plan_run(ctx, &plan, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : cgwork_answer(ctx, path, &plan);
}

const struct cmd cgctl_kill = {
    .name = "kill",
    .summary = "kill all processes of a group",
    .operands = "GROUP",
    .about = "Kills all processes of a group and of the groups in it, those too that the "
             "kernel's cgroup.kill leaves out.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
