/* SPDX-License-Identifier: MIT */
#include "zsh.h"

#include "walk.h"

static const char helpers[] = "#compdef TOOL\n"
                              "\n"
                              "_TOOL_active_swap() {\n"
                              "    local -a paths\n"
                              "    paths=(${${(M)${(f)\"$(</proc/swaps)\"}:#/*}%%[[:blank:]]*})\n"
                              "    paths=(\"${(@g:o:)paths}\")\n"
                              "    _wanted paths expl 'active swap area' compadd -a paths\n"
                              "}\n"
                              "\n"
                              "_TOOL_process_names() {\n"
                              "    local -a names\n"
                              "    names=(${(fu)\"$(cat /proc/<->/comm 2>/dev/null)\"})\n"
                              "    _wanted names expl 'process name' compadd -a names\n"
                              "}\n"
                              "\n"
                              "_TOOL_columns() {\n"
                              "    compset -P +\n"
                              "    _sequence compadd - \"$@\"\n"
                              "}\n"
                              "\n";

static const char begin[] = "_TOOL() {\n"
                            "    local expl sub=$words[2]\n"
                            "    local -a subcommands\n"
                            "    subcommands=(\n";

static const char options_begin[] =
    "        'help:print what the tool or a subcommand does'\n"
    "    )\n"
    "    if ((CURRENT == 2)); then\n"
    "        _arguments '(-)'{-h,--help}'[print what there is and exit]' \\\n"
    "            '(-)'{-V,--version}'[print the version and exit]' \\\n"
    "            '*: :{ _describe -t subcommands subcommand subcommands }'\n"
    "        return\n"
    "    fi\n";

static const char cases_begin[] = "    shift words\n"
                                  "    ((CURRENT -= 1))\n"
                                  "    case $sub in\n"
                                  "    help)\n"
                                  "        _describe -t subcommands subcommand subcommands\n"
                                  "        ;;\n";

static const char end[] = "}\n"
                          "\n"
                          "_TOOL \"$@\"\n";

/* Inside single quotes, within the brackets or between the colons of a specification. */
static void print_help(const char *help)
{
    for (; *help; help++) {
        if (*help == '\'')
            fputs("'\\''", stdout);
        else
            printf("%s%c", strchr("[]:\\", *help) ? "\\" : "", *help);
    }
}

static void print_action(const struct tool *tool, const struct cmd *cmd, const struct opt *o)
{
    printf(":%s:", o->arg);
    switch (o->type) {
    case OPT_FILE:
        fputs("_files", stdout);
        break;
    case OPT_DIR:
        fputs("_files -/", stdout);
        break;
    case OPT_STRING:
    case OPT_SIZE:
    case OPT_CHOICE:
        fputs(o->choices ? "(" : " ", stdout);
        walk_print_values(cmd, o);
        fputs(o->choices ? ")" : "", stdout);
        break;
    case OPT_COLUMNS:
        printf("_%s_columns ", tool->name);
        walk_print_values(cmd, o);
        break;
    default:
        putchar(' ');
        break;
    }
}

static void print_option(const struct tool *tool, const struct cmd *cmd, const struct opt *o)
{
    bool flag = o->type == OPT_FLAG;

    fputs(" \\\n            ", stdout);
    if (o->short_name && o->type == OPT_STRINGS)
        printf("'*'{-%c+,--%s=}'[", o->short_name, o->name);
    else if (o->short_name)
        printf("'(-%c --%s)'{-%c%s,--%s%s}'[", o->short_name, o->name, o->short_name,
               flag ? "" : "+", o->name, flag ? "" : "=");
    else
        printf("'%s--%s%s[", o->type == OPT_STRINGS ? "*" : "", o->name, flag ? "" : "=");
    print_help(o->help);
    putchar(']');
    if (!flag)
        print_action(tool, cmd, o);
    putchar('\'');
}

static void print_operand(const struct tool *tool, const struct cmd *cmd)
{
    switch (cmd->operand) {
    case CMD_OPERAND_NONE:
        return;
    case CMD_OPERAND_FILE:
        printf(" \\\n            '*: :_files'");
        return;
    case CMD_OPERAND_ACTIVE_SWAP:
        printf(" \\\n            '*: :_%s_active_swap'", tool->name);
        return;
    case CMD_OPERAND_PROCESS_NAME:
        printf(" \\\n            '*: :_%s_process_names'", tool->name);
        return;
    case CMD_OPERAND_GROUP:
        printf(" \\\n            '*: :_files -W /sys/fs/cgroup -/'");
        return;
    case CMD_OPERAND_COMMAND:
        printf(" \\\n            '(-)1: :_command_names -e' '*:: :_normal'");
        return;
    case CMD_OPERAND_NUMBER:
        printf(" \\\n            '1:number: '");
        return;
    case CMD_OPERAND_WORD:
        fputs(" \\\n            '1: :(", stdout);
        walk_print_words(cmd->words);
        fputs(")'", stdout);
        return;
    }
}

static void print_described(const struct tool *tool _unused_, const char *name, const char *summary)
{
    printf("        '%s:", name);
    print_help(summary);
    fputs("'\n", stdout);
}

/* The second word of a subcommand's name belongs to it as well. */
static void print_groups(const struct tool *tool)
{
    fputs("    case $sub in\n", stdout);
    for (const struct cmd_group *g = tool->groups; g && g->name; g++) {
        printf("    %s)\n        subcommands=(\n", g->name);
        walk_names(tool, g, print_described);
        fputs("        )\n"
              "        if ((CURRENT == 3)); then\n"
              "            _describe -t subcommands subcommand subcommands\n"
              "            return\n"
              "        fi\n"
              "        shift words\n"
              "        ((CURRENT -= 1))\n"
              "        sub+=\" $words[2]\"\n"
              "        ;;\n",
              stdout);
    }
    fputs("    esac\n", stdout);
}

static void print_arguments(const struct tool *tool, const struct cmd *cmd)
{
    fputs("_arguments -s -S", stdout);
    walk_options(tool, cmd, print_option);
    print_operand(tool, cmd);
    putchar('\n');
}

static void print_subcommands(const struct tool *tool)
{
    walk_print_template(tool, begin);
    walk_names(tool, NULL, print_described);
    fputs(options_begin, stdout);
    print_groups(tool);
    fputs(cases_begin, stdout);
    for (size_t i = 0; tool->cmds[i]; i++) {
        printf("    '%s')\n        ", tool->cmds[i]->name);
        print_arguments(tool, tool->cmds[i]);
        fputs("        ;;\n", stdout);
    }
    fputs("    esac\n", stdout);
}

void zsh_print(const struct tool *tool)
{
    walk_print_template(tool, helpers);
    if (cmd_is_single(tool)) {
        walk_print_template(tool, "_TOOL() {\n    local expl\n    ");
        print_arguments(tool, tool->cmds[0]);
    } else {
        print_subcommands(tool);
    }
    walk_print_template(tool, end);
}
