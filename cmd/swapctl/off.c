/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "swapctl.h"
#include "target.h"

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
    _cleanup_(target_clear) struct target t = TARGET_INIT;
    struct swaparea area;
    int r;

    r = target_open(s, operand, &t, e);
    if (r < 0 || !t.active)
        return r;
    area = (struct swaparea){.fd = t.fd, .path = t.path, .watch = &s->watch};
    r = swaparea_plan_off(&area, &s->ctx->root, &s->swaps, t.active, args->force, plan, e);
    return r < 0 ? r : cmd_plan_run(s->ctx, plan, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    return each_run(ctx, true, values, one);
}

const struct cmd swapctl_off = {
    .name = "off",
    .summary = "deactivate swap areas",
    .operands = "PATH|UUID=UUID|LABEL=LABEL...",
    .about = "Deactivates the areas, and only these, moving what they hold into RAM and the other "
             "areas. Refuses when that would not fit.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_ACTIVE_SWAP,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
