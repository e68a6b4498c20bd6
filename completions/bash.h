/* SPDX-License-Identifier: MIT */
/* bash - the completion of a tool for bash(1), 4.3 and later; needs no other package */
#ifndef HEADROOM_BASH_H
#define HEADROOM_BASH_H

#include "cmd.h"

void bash_print(const struct tool *tool);

#endif
