/* SPDX-License-Identifier: MIT */
/* swapctl - the tool and its subcommands, each in the file of its name */
#ifndef HEADROOM_SWAPCTL_H
#define HEADROOM_SWAPCTL_H

#include "cmd.h"

extern const struct tool swapctl_tool;

extern const struct cmd swapctl_ensure;
extern const struct cmd swapctl_create;
extern const struct cmd swapctl_resize;
extern const struct cmd swapctl_on;
extern const struct cmd swapctl_off;
extern const struct cmd swapctl_remove;
extern const struct cmd swapctl_apply;
extern const struct cmd swapctl_status;
extern const struct cmd swapctl_clean;
extern const struct cmd swapctl_list;
extern const struct cmd swapctl_usage;
extern const struct cmd swapctl_recommend;
extern const struct cmd swapctl_resume_offset;
extern const struct cmd swapctl_swappiness;
extern const struct cmd swapctl_loop_list;
extern const struct cmd swapctl_loop_attach;
extern const struct cmd swapctl_loop_detach;
extern const struct cmd swapctl_zram_ensure;
extern const struct cmd swapctl_zram_list;
extern const struct cmd swapctl_zram_remove;
extern const struct cmd swapctl_zswap;

#endif
