/* SPDX-License-Identifier: MIT */
/* zsh - the completion of a tool for zsh(1) */
#ifndef HEADROOM_ZSH_H
#define HEADROOM_ZSH_H

#include "cmd.h"

void zsh_print(const struct tool *tool);

#endif
