/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "freezing.h"

static int run(struct cmd_context *ctx, const void *values)
{
    return freezing_run(ctx, values, false);
}

const struct cmd cgctl_thaw = {
    .name = "thaw",
    .summary = "let the processes of a frozen group go on",
    .operands = "GROUP",
    .about = "Lets the processes of a frozen group go on. They stay stopped while a group above is "
             "frozen.",
    .opts = freezing_opts,
    .args_size = sizeof(struct freezing_args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
