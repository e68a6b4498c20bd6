/* SPDX-License-Identifier: MIT */
#include "fish.h"

#include "walk.h"

static const char begin[] = "# fish completion for TOOL\n"
                            "\n"
                            "complete -c TOOL -f\n";

static const char process_names[] = "\n"
                                    "function __fish_TOOL_process_names\n"
                                    "    cat /proc/*/comm 2>/dev/null | sort -u\n"
                                    "end\n"
                                    "\n";

static const char subcommands[] =
    "\n"
    "function __fish_TOOL_no_subcommand\n"
    "    test (count (commandline -opc)) -eq 1\n"
    "end\n"
    "\n"
    "function __fish_TOOL_subcommand\n"
    "    set -l words (commandline -opc)\n"
    "    set -l n (math 1 + (count $argv))\n"
    "    test (count $words) -ge $n; and test \"$words[2..$n]\" = \"$argv\"\n"
    "end\n"
    "\n"
    "function __fish_TOOL_group\n"
    "    set -l words (commandline -opc)\n"
    "    test (count $words) -eq 2; and test \"$words[2]\" = $argv[1]\n"
    "end\n"
    "\n"
    "function __fish_TOOL_active_swap\n"
    "    for path in (string match -r '^/\\S+' </proc/swaps)\n"
    "        printf '%b\\n' (string replace -a '\\\\' '\\\\0' -- $path)\n"
    "    end\n"
    "end\n"
    "\n"
    "function __fish_TOOL_groups\n"
    "    set -l top /sys/fs/cgroup\n"
    "    for path in $top/(string replace -r '^/' '' -- (commandline -ct))*/\n"
    "        string replace -- $top '' $path\n"
    "    end\n"
    "end\n"
    "\n"
    "complete -c TOOL -n __fish_TOOL_no_subcommand -s h -l help -d 'print what there is'\n"
    "complete -c TOOL -n __fish_TOOL_no_subcommand -s V -l version -d 'print the version'\n"
    "complete -c TOOL -n __fish_TOOL_no_subcommand -a help -d 'print what there is'\n";

static void print_description(const char *text)
{
    fputs(" -d '", stdout);
    for (; *text; text++)
        printf("%s%c", strchr("\\'", *text) ? "\\" : "", *text);
    fputs("'\n", stdout);
}

static void print_start(const struct tool *tool, const struct cmd *cmd)
{
    printf("complete -c %s", tool->name);
    if (!cmd_is_single(tool))
        printf(" -n '__fish_%s_subcommand %s'", tool->name, cmd->name);
}

static void print_value(const struct cmd *cmd, const struct opt *o)
{
    switch (o->type) {
    case OPT_FLAG:
        break;
    case OPT_FILE:
        fputs(" -r -F", stdout);
        break;
    case OPT_DIR:
        fputs(" -x -a '(__fish_complete_directories)'", stdout);
        break;
    case OPT_STRING:
        if (!o->choices) {
            fputs(" -x", stdout);
            break;
        }
        /* fall through */
    case OPT_SIZE:
    case OPT_CHOICE:
        fputs(" -x -a '", stdout);
        walk_print_values(cmd, o);
        putchar('\'');
        break;
    case OPT_COLUMNS:
        fputs(" -x -a '(__fish_complete_list , \"printf %s\\\\\\\\n ", stdout);
        walk_print_values(cmd, o);
        fputs("\")'", stdout);
        break;
    default:
        fputs(" -x", stdout);
        break;
    }
}

static void print_option(const struct tool *tool, const struct cmd *cmd, const struct opt *o)
{
    print_start(tool, cmd);
    if (o->short_name)
        printf(" -s %c", o->short_name);
    printf(" -l %s", o->name);
    print_value(cmd, o);
    print_description(o->help);
}

static void print_operand(const struct tool *tool, const struct cmd *cmd)
{
    if (cmd->operand == CMD_OPERAND_FILE) {
        print_start(tool, cmd);
        fputs(" -F\n", stdout);
    } else if (cmd->operand == CMD_OPERAND_ACTIVE_SWAP) {
        print_start(tool, cmd);
        printf(" -a '(__fish_%s_active_swap)'\n", tool->name);
    } else if (cmd->operand == CMD_OPERAND_PROCESS_NAME) {
        print_start(tool, cmd);
        printf(" -a '(__fish_%s_process_names)'\n", tool->name);
    } else if (cmd->operand == CMD_OPERAND_GROUP) {
        print_start(tool, cmd);
        printf(" -a '(__fish_%s_groups)'\n", tool->name);
    } else if (cmd->operand == CMD_OPERAND_COMMAND) {
        print_start(tool, cmd);
        fputs(" -a '(__fish_complete_command)'\n", stdout);
    } else if (cmd->operand == CMD_OPERAND_WORD) {
        print_start(tool, cmd);
        fputs(" -a '", stdout);
        walk_print_words(cmd->words);
        fputs("'\n", stdout);
    }
}

static void print_first(const struct tool *tool, const char *name, const char *summary)
{
    printf("complete -c %s -n __fish_%s_no_subcommand -a %s", tool->name, tool->name, name);
    print_description(summary);
}

static void print_group(const struct tool *tool, const struct cmd_group *group)
{
    for (size_t i = 0; tool->cmds[i]; i++) {
        const char *name = cmd_name_in(tool->cmds[i], group);

        if (!name)
            continue;
        printf("complete -c %s -n '__fish_%s_group %s' -a %s", tool->name, tool->name, group->name,
               name);
        print_description(tool->cmds[i]->summary);
    }
}

static void print_help_of_all(const struct tool *tool)
{
    printf("complete -c %s -n '__fish_%s_subcommand help' -a '", tool->name, tool->name);
    walk_print_names(tool, NULL);
    fputs("'\n", stdout);
}

void fish_print(const struct tool *tool)
{
    bool single = cmd_is_single(tool);

    walk_print_template(tool, begin);
    walk_print_template(tool, single ? process_names : subcommands);
    if (!single)
        walk_names(tool, NULL, print_first);
    for (const struct cmd_group *g = tool->groups; g && g->name; g++)
        print_group(tool, g);
    for (size_t i = 0; tool->cmds[i]; i++) {
        walk_options(tool, tool->cmds[i], print_option);
        print_operand(tool, tool->cmds[i]);
    }
    if (!single)
        print_help_of_all(tool);
}
