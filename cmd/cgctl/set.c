/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "limits.h"

static int run(struct cmd_context *ctx, const void *values)
{
    return limits_run(ctx, values, NULL, 0);
}

const struct cmd cgctl_set = {
    .name = "set",
    .summary = "set limits of a group",
    .operands = "GROUP",
    .about = "Sets limits of a group that is there: all of them, or none. What is not named stays "
             "as it is.",
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
