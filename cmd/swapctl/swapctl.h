/* SPDX-License-Identifier: MIT */
/* swapctl - the tool and its subcommands, each in the file of its name */
#ifndef HEADROOM_SWAPCTL_H
#define HEADROOM_SWAPCTL_H

#include "cmd.h"

extern const struct tool swapctl_tool;

#endif
