/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgplan.h"
#include "limits.h"

static int run(struct cmd_context *ctx, const void *values)
{
    return limits_run(ctx, values, "memory", CGPLAN_CREATE);
}

const struct cmd cgctl_create = {
    .name = "create",
    .summary = "make a group, with limits",
    .operands = "GROUP",
    .about = "Makes a group, and those above it, hands down the controllers that its limits need, "
             "and sets the limits: all of it, or nothing.",
    .opts = limits_persist_opts,
    .shared = limits_opts,
    .shared_title = limits_title,
    .args_size = sizeof(struct limits_args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
