/* SPDX-License-Identifier: MIT */
/* fish - the completion of a tool for fish(1), 3.0 and later */
#ifndef HEADROOM_FISH_H
#define HEADROOM_FISH_H

#include "cmd.h"

void fish_print(const struct tool *tool);

#endif
