/* SPDX-License-Identifier: MIT */
/* walk - what the generators for the shells share */
#ifndef HEADROOM_WALK_H
#define HEADROOM_WALK_H

#include "cmd.h"

/* Call @print for every option of the subcommand, the common ones too. */
void walk_options(const struct tool *tool, const struct cmd *cmd,
                  void (*print)(const struct tool *, const struct cmd *, const struct opt *));

/* Print the values that an option may have, separated by blanks; nothing if they are not known. */
void walk_print_values(const struct cmd *cmd, const struct opt *o);

/* Print words, separated by blanks. */
void walk_print_words(const char *const *words);

/* Call @print with what can follow the tool's name, or the group's, and its summary. */
void walk_names(const struct tool *tool, const struct cmd_group *group,
                void (*print)(const struct tool *, const char *, const char *));

/* Print what can follow the tool's name, or the group's, with a blank behind each. */
void walk_print_names(const struct tool *tool, const struct cmd_group *group);

/* Print a text in which "TOOL" stands for the tool's name. */
void walk_print_template(const struct tool *tool, const char *text);

#endif
