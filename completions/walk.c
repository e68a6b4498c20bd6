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
    if (o->choices)
        walk_print_words(o->choices);
    for (size_t i = 0; o->type == OPT_COLUMNS && cmd->columns[i].name; i++)
        printf("%s%s", i ? " " : "", cmd->columns[i].name);
}

void walk_print_words(const char *const *words)
{
    for (size_t i = 0; words[i]; i++)
        printf("%s%s", i ? " " : "", words[i]);
}

void walk_names(const struct tool *tool, const struct cmd_group *group,
                void (*print)(const struct tool *, const char *, const char *))
{
    for (size_t i = 0; tool->cmds[i]; i++) {
        const char *name = cmd_name_in(tool->cmds[i], group);

        if (name)
            print(tool, name, tool->cmds[i]->summary);
    }
    for (const struct cmd_group *g = tool->groups; !group && g && g->name; g++)
        print(tool, g->name, g->summary);
}

static void print_word(const struct tool *tool _unused_, const char *name,
                       const char *summary _unused_)
{
    printf("%s ", name);
}

void walk_print_names(const struct tool *tool, const struct cmd_group *group)
{
    walk_names(tool, group, print_word);
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
