/* SPDX-License-Identifier: MIT */
#include "procfind.h"

static const struct cmd *const cmds[] = {&procfind_find, NULL};

const struct tool procfind_tool = {
    .name = "procfind",
    .section = "1",
    .summary = "Finds exactly the processes that were meant.",
    .cmds = cmds,
};
