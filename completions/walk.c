/* SPDX-License-Identifier: MIT */
#include "walk.h"

void walk_options(const struct tool *tool, const struct cmd *cmd,
                  void (*print)(const struct tool *, const struct cmd *, const struct opt *))
{
    struct opt_group groups[CMD_GROUPS_MAX];
    struct cmd_common common;

    cmd_groups(cmd, NULL, &common, groups);
    for (const struct opt_group *g = groups; g->opts; g++) {
        for (const struct opt *o = g->opts; o->name; o++)
            print(tool, cmd, o);
    }
}

void walk_print_values(const struct cmd *cmd, const struct opt *o)
{
    if (o->type == OPT_SIZE)
        fputs("auto", stdout);
    for (size_t i = 0; o->type == OPT_CHOICE && o->choices[i]; i++)
        printf("%s%s", i ? " " : "", o->choices[i]);
    for (size_t i = 0; o->type == OPT_COLUMNS && cmd->columns[i].name; i++)
        printf("%s%s", i ? " " : "", cmd->columns[i].name);
}

void walk_print_names(const struct tool *tool)
{
    for (size_t i = 0; tool->cmds[i]; i++)
        printf("%s%s", i ? " " : "", tool->cmds[i]->name);
}

void walk_print_template(const struct tool *tool, const char *text)
{
    const char *next;

    while ((next = strstr(text, "TOOL"))) {
        printf("%.*s%s", (int)(next - text), text, tool->name);
        text = next + strlen("TOOL");
    }
    fputs(text, stdout);
}
