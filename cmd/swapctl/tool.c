/* SPDX-License-Identifier: MIT */
#include "swapctl.h"

/* In the order of --help. */
static const struct cmd *const cmds[] = {
    &swapctl_ensure,        &swapctl_create,
    &swapctl_resize,        &swapctl_on,
    &swapctl_off,           &swapctl_remove,
    &swapctl_apply,         &swapctl_status,
    &swapctl_clean,         &swapctl_list,
    &swapctl_usage,         &swapctl_recommend,
    &swapctl_resume_offset, &swapctl_swappiness,
    &swapctl_loop_list,     &swapctl_loop_attach,
    &swapctl_loop_detach,   &swapctl_zram_ensure,
    &swapctl_zram_list,     &swapctl_zram_remove,
    &swapctl_zswap,         NULL,
};

static const struct cmd_group groups[] = {
    {"loop", "loop devices over files: list, attach or detach them"},
    {"zram", "swap in compressed RAM: ensure, list or remove it"},
    {NULL, NULL},
};

const struct tool swapctl_tool = {
    .name = "swapctl",
    .section = "8",
    .summary = "Makes swap areas, keeps them there after the next boot, and takes them away again.",
    .cmds = cmds,
    .groups = groups,
};
