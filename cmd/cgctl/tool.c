/* SPDX-License-Identifier: MIT */
#include "cgctl.h"

/* In the order of --help. */
static const struct cmd *const cmds[] = {
    &cgctl_run,  &cgctl_limit,   &cgctl_create, &cgctl_set,    &cgctl_get,    &cgctl_remove,
    &cgctl_list, &cgctl_top,     &cgctl_stat,   &cgctl_attach, &cgctl_freeze, &cgctl_thaw,
    &cgctl_kill, &cgctl_reclaim, &cgctl_wait,   &cgctl_doctor, NULL,
};

const struct tool cgctl_tool = {
    .name = "cgctl",
    .section = "8",
    .summary = "Makes control groups, limits what is in them, and says what the limits do.",
    .cmds = cmds,
};
