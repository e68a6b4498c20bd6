/* SPDX-License-Identifier: MIT */
/* help - what --help prints */
#ifndef HEADROOM_HELP_H
#define HEADROOM_HELP_H

#include "cmd.h"

/* The subcommands, or those of one group, and what is common to them. */
void help_tool(FILE *out, const struct tool *tool, const struct cmd_group *group);

/* Usage, words, options and columns of one subcommand. */
void help_cmd(FILE *out, const struct tool *tool, const struct cmd *cmd);

#endif
