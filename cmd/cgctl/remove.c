/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgremove.h"
#include "cgunitplan.h"
#include "cgwork.h"

struct args {
    bool recursive, kill, force;
    int manager;
    uint64_t timeout_ms;
};

static const struct opt opts[] = {
    {'R', "recursive", OPT_FLAG, offsetof(struct args, recursive), NULL,
     "remove the groups in it as well"},
    {0, "kill", OPT_FLAG, offsetof(struct args, kill), NULL, "kill the processes that are in it"},
    {0, "timeout", OPT_DURATION, offsetof(struct args, timeout_ms), "DURATION",
     "with --kill: how long to wait for them to end (default: until they do)"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "with --manager cgroupfs: a group of systemd too"},
    {0, "manager", OPT_CHOICE, offsetof(struct args, manager), "WHO",
     "who manages the group (default auto); cgroupfs with --force: by hand what is systemd's",
     .choices = cgwork_managers},
    OPT_END,
};

static int plan_and_run(struct cgwork *w, const struct args *args, const char *path,
                        struct plan *plan, struct err *e)
{
    _cleanup_(cgremove_clear) struct cgremove c = CGREMOVE_INIT;
    _cleanup_(cgunitplan_clear) struct cgunitplan u = CGUNITPLAN_INIT;
    const struct cgevents_patience patience = cgwork_patience(args->timeout_ms);
    unsigned flags =
        (args->recursive ? CGREMOVE_RECURSIVE : 0U) | (args->kill ? CGREMOVE_KILL : 0U);
    struct cgunit unit;
    int r = cgwork_way(w, path, args->manager, args->force, &unit, e);

    if (r == CGWORK_BY_UNIT)
        r = cgunitplan_remove(&u, &w->tree, &unit, path, flags, &patience, plan, e);
    else if (r == CGWORK_BY_FILES)
        r = cgremove_plan(&c, &w->tree, path, flags, &patience, plan, e);
    return r < 0 ? r : cmd_plan_run(w->ctx, plan, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    int r = cgwork_change(ctx, &w, &e);

    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = plan_and_run(&w, values, path, &plan, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : cgwork_answer(ctx, path, &plan);
}

const struct cmd cgctl_remove = {
    .name = "remove",
    .summary = "remove a group",
    .operands = "GROUP",
    .about = "Removes a group. One that has processes or groups in it is refused, unless it is "
             "said what shall happen to them. One that is not there is unchanged.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
