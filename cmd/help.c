/* SPDX-License-Identifier: MIT */
#include "help.h"

static void print_end(FILE *out, const struct tool *tool, const struct cmd *cmd)
{
    fputc('\n', out);
    opt_print_wrapped(out,
                      cmd && cmd->flags & CMD_PLUGIN
                          ? "Exit status: 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN, for wrong usage "
                            "too."
                          : "Exit status: 0 done or yes, 1 the answer is no, 2 wrong usage, 3 "
                            "failed, 4 failed in part, "
                            "5 not supported here, 6 refused for safety, 124 timed out.",
                      0, 0);
    fprintf(out, "\nSee %s(%s).\n", tool->name, tool->section);
}

void help_tool(FILE *out, const struct tool *tool, const struct cmd_group *group)
{
    const char *blank = group ? " " : "", *name = group ? group->name : "";

    fprintf(out, "Usage: %s%s%s SUBCOMMAND [OPTION...] [OPERAND...]\n\n", tool->name, blank, name);
    opt_print_wrapped(out, group ? group->summary : tool->summary, 0, 0);
    fputs("\nSubcommands:\n", out);
    for (size_t i = 0; tool->cmds[i]; i++) {
        if (!group || cmd_name_in(tool->cmds[i], group))
            opt_print_wrapped(out, tool->cmds[i]->summary,
                              fprintf(out, "  %s", tool->cmds[i]->name), 16);
    }
    fprintf(out,
            "\nOptions:\n"
            "  -h, --help      print this and exit; %s%s%s SUBCOMMAND --help has more\n"
            "  -V, --version   print the version and exit\n",
            tool->name, blank, name);
    print_end(out, tool, NULL);
}

void help_cmd(FILE *out, const struct tool *tool, const struct cmd *cmd)
{
    struct opt_group groups[CMD_GROUPS_MAX];
    struct cmd_common common;
    bool single = streq(tool->name, cmd->name);

    fprintf(out, "Usage: %s%s%s [OPTION...]%s%s\n\n", tool->name, single ? "" : " ",
            single ? "" : cmd->name, *cmd->operands ? " " : "", cmd->operands);
    opt_print_wrapped(out, cmd->about, 0, 0);
    cmd_groups(cmd, NULL, &common, groups);
    opt_print_help(out, groups);
    if (cmd->columns)
        table_print_help(out, cmd->columns);
    print_end(out, tool, cmd);
}
