/* SPDX-License-Identifier: MIT */
#include "make.h"
#include "swapctl.h"

struct args {
    const char *size;
};

static const struct opt opts[] = {
    {'s', "size", OPT_SIZE, offsetof(struct args, size), "SIZE",
     "new size of the area: 2G, 1.5G, 50% of RAM, or auto", .choices = make_size_words},
    OPT_END,
};

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    const struct make_request request = {
        .size = args->size,
        .priority = -1,
        .discard = DECLARATION_DISCARD_UNSET,
        .resize = true,
        .must_exist = true,
        .persist = PERSIST_NONE,
        .swappiness = -1,
    };

    if (!args->size)
        return cmd_usage(ctx,
                         "missing --size; say how large the area should be, for example --size 4G");
    return make_run(ctx, &request);
}

const struct cmd swapctl_resize = {
    .name = "resize",
    .summary = "make a swap file longer or shorter, in use or not",
    .operands = "PATH",
    .about = "Changes the size of the swap file in place and keeps its UUID, label, priority and "
             "declaration. What it holds "
             "goes to RAM, the other areas or a helper meanwhile.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
