/* SPDX-License-Identifier: MIT */
#include "memwatch.h"

/* In the order of --help. */
static const struct cmd *const cmds[] = {
    &memwatch_status,
    &memwatch_top,
    &memwatch_watch,
    &memwatch_live,
    &memwatch_reclaim,
    &memwatch_metrics,
    &memwatch_check,
    &memwatch_guard,
    &memwatch_drop_caches,
    &memwatch_export,
    &memwatch_record,
    &memwatch_replay,
    &memwatch_plot,
    NULL,
};

const struct tool memwatch_tool = {
    .name = "memwatch",
    .section = "8",
    .summary = "Shows who uses memory and who reclaims it, and says so to scripts.",
    .cmds = cmds,
    .alone = &memwatch_status,
};
