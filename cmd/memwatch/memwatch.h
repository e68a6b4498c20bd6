/* SPDX-License-Identifier: MIT */
/* memwatch - the tool and its subcommands, each in the file of its name */
#ifndef HEADROOM_MEMWATCH_H
#define HEADROOM_MEMWATCH_H

#include "cmd.h"

extern const struct tool memwatch_tool;

extern const struct cmd memwatch_check;
extern const struct cmd memwatch_drop_caches;
extern const struct cmd memwatch_export;
extern const struct cmd memwatch_guard;
extern const struct cmd memwatch_live;
extern const struct cmd memwatch_metrics;
extern const struct cmd memwatch_status;
extern const struct cmd memwatch_plot;
extern const struct cmd memwatch_record;
extern const struct cmd memwatch_replay;
extern const struct cmd memwatch_top;
extern const struct cmd memwatch_watch;
extern const struct cmd memwatch_reclaim;

#endif
