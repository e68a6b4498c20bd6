/* SPDX-License-Identifier: MIT */
#include "make.h"
#include "swapctl.h"

struct args {
    const char *size;
    const char *label;
    int64_t priority;
    int discard;
    int backing;
    int persist;
    int64_t swappiness;
    bool resize;
    bool force;
};

static const struct args defaults = {.priority = -1,
                                     .discard = DECLARATION_DISCARD_UNSET,
                                     .persist = PERSIST_NONE,
                                     .swappiness = -1};

static const struct opt opts[] = {
    {'s', "size", OPT_SIZE, offsetof(struct args, size), "SIZE",
     "size of the area: 2G, 1.5G, 50% of RAM, or auto", .choices = make_size_words},
    {'p', "priority", OPT_NUMBER, offsetof(struct args, priority), "N",
     "priority, 0 to 32767; higher is used first", .min = 0, .max = SWAPAREA_PRIORITY_MAX},
    {'L', "label", OPT_STRING, offsetof(struct args, label), "LABEL",
     "label of the area, up to 15 bytes"},
    {'\0', "discard", OPT_CHOICE, offsetof(struct args, discard), "HOW",
     "tell the disk about freed blocks when it is activated", .choices = make_discard_words},
    {'\0', "backing", OPT_CHOICE, offsetof(struct args, backing), "HOW",
     "what the kernel swaps to: the file, a loop device over it, or what works there",
     .choices = make_backing_words},
    {'\0', "persist", OPT_CHOICE, offsetof(struct args, persist), "HOW",
     "declare it for the next boot: in fstab, as a systemd unit, or what fits the machine",
     .choices = make_persist_words},
    {'\0', "swappiness", OPT_NUMBER, offsetof(struct args, swappiness), "N",
     "set vm.swappiness too; kept when --persist is given", .min = 0, .max = 200},
    {'\0', "resize", OPT_FLAG, offsetof(struct args, resize), NULL,
     "make an area of another size longer or shorter, in use or not"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "make anew what is swap but unusable, or holds only zeros; never overwrites data"},
    OPT_END,
};

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    const struct make_request request = {
        .size = args->size,
        .label = args->label,
        .priority = (int)args->priority,
        .discard = (enum declaration_discard)args->discard,
        .backing = (enum declaration_backing)args->backing,
        .activate = true,
        .resize = args->resize,
        .force = args->force,
        .persist = (enum persist_how)args->persist,
        .swappiness = args->swappiness,
    };

    if (!args->size)
        return cmd_usage(ctx,
                         "missing --size; say how large the area should be, for example --size 2G");
    return make_run(ctx, &request);
}

const struct cmd swapctl_ensure = {
    .name = "ensure",
    .summary = "make it true that a file is active swap",
    .operands = "PATH",
    .about = "Makes it true that PATH is an active swap area of the wanted size, whole, private "
             "and, if asked for, declared for the "
             "next boot. Does the least, and says \"changed\" or \"unchanged\".",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES | CMD_SOFT_FAIL,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
