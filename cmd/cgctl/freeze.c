/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "freezing.h"

static int run(struct cmd_context *ctx, const void *values)
{
    return freezing_run(ctx, values, true);
}

const struct cmd cgctl_freeze = {
    .name = "freeze",
    .summary = "stop all processes of a group",
    .operands = "GROUP",
    .about = "Stops all processes of a group and of the groups in it where they are, until \"cgctl "
             "thaw\". A frozen process can be killed.",
    .opts = freezing_opts,
    .args_size = sizeof(struct freezing_args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
