/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "removal.h"
#include "swapctl.h"

struct args {
    bool force;
};

static const struct opt opts[] = {
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "even if what is swapped out may not fit into RAM and the other areas"},
    OPT_END,
};

static int one(struct session *s, const char *operand, const void *values, struct plan *plan,
               struct err *e)
{
    const struct args *args = values;
    _cleanup_(removal_clear) struct removal w = REMOVAL_INIT;
    int r;

    r = swapfile_inspect(&s->ctx->root, operand, &s->swaps, &w.file, e);
    if (r == -ENOENT && *operand == '/') {
        err_clear(e);
        r = removal_plan_lost(s, operand, &w, plan, e);
    } else if (r == 0) {
        r = removal_plan(s, args->force, &w, plan, e);
    }
    if (r >= 0)
        r = cmd_plan_run(s->ctx, plan, e);
    if (r >= 0 && w.persist.how == PERSIST_UNIT)
        cmd_warn(s->ctx, "%s: a systemd unit that headroom did not write still declares it",
                 operand);
    return r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    return each_run(ctx, ctx->root.live, values, one);
}

const struct cmd swapctl_remove = {
    .name = "remove",
    .summary = "deactivate swap files, undeclare and delete them",
    .operands = "PATH...",
    .about = "Takes back what \"swapctl ensure\" made: deactivates the file, takes it out of fstab "
             "and the systemd units, and deletes it. "
             "Refuses what is not a swap file.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
