/* SPDX-License-Identifier: MIT */
/* help - what --help prints */
#ifndef HEADROOM_HELP_H
#define HEADROOM_HELP_H

#include "cmd.h"

void help_tool(FILE *out, const struct tool *tool);
void help_cmd(FILE *out, const struct tool *tool, const struct cmd *cmd);

#endif
