/* SPDX-License-Identifier: MIT */
/* cgctl - the tool and its subcommands, each in the file of its name */
#ifndef HEADROOM_CGCTL_H
#define HEADROOM_CGCTL_H

#include "cmd.h"

extern const struct tool cgctl_tool;

extern const struct cmd cgctl_run;
extern const struct cmd cgctl_limit;
extern const struct cmd cgctl_create;
extern const struct cmd cgctl_set;
extern const struct cmd cgctl_get;
extern const struct cmd cgctl_remove;
extern const struct cmd cgctl_list;
extern const struct cmd cgctl_top;
extern const struct cmd cgctl_stat;
extern const struct cmd cgctl_attach;
extern const struct cmd cgctl_freeze;
extern const struct cmd cgctl_thaw;
extern const struct cmd cgctl_kill;
extern const struct cmd cgctl_reclaim;
extern const struct cmd cgctl_wait;
extern const struct cmd cgctl_doctor;

#endif
