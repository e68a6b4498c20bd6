/* SPDX-License-Identifier: MIT */
#include "device.h"
#include "make.h"
#include "swapctl.h"

struct args {
    const char *size;
    const char *label;
    int backing;
    bool device;
    bool force;
};

static const struct opt opts[] = {
    {'s', "size", OPT_SIZE, offsetof(struct args, size), "SIZE",
     "size of the area: 2G, 1.5G, 50% of RAM, or auto", .choices = make_size_words},
    {'L', "label", OPT_STRING, offsetof(struct args, label), "LABEL",
     "label of the area, up to 15 bytes"},
    {'\0', "backing", OPT_CHOICE, offsetof(struct args, backing), "HOW",
     "what the kernel swaps to: the file, a loop device over it, or what works there",
     .choices = make_backing_words},
    {'\0', "device", OPT_FLAG, offsetof(struct args, device), NULL,
     "PATH is a block device: write the header of a swap area to it; SIZE is all of it, unless "
     "said"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "make anew what is swap but unusable, or holds only zeros; never overwrites the data of a "
     "file, but whatever is on a device"},
    OPT_END,
};

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    const struct make_request request = {
        .size = args->size,
        .label = args->label,
        .priority = -1,
        .discard = DECLARATION_DISCARD_UNSET,
        .backing = (enum declaration_backing)args->backing,
        .force = args->force,
        .persist = PERSIST_NONE,
        .swappiness = -1,
    };
    const struct device_request device = {args->size, args->label, args->force};

    if (args->device)
        return device_create(ctx, &device);
    if (!args->size)
        return cmd_usage(ctx,
                         "missing --size; say how large the area should be, for example --size 2G");
    return make_run(ctx, &request);
}

const struct cmd swapctl_create = {
    .name = "create",
    .summary = "make a swap file, or a block device swap, without activating it",
    .operands = "PATH",
    .about = "Makes it true that PATH is a swap file of the wanted size, ready for \"swapctl on\"; "
             "with --device, that a block device is a swap area, if nothing else is on it.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
