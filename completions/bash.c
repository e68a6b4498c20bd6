/* SPDX-License-Identifier: MIT */
#include "bash.h"

#include "walk.h"

/* File names are left to readline, which knows how to quote them. */
static const char helpers[] =
    "# bash completion for TOOL\n"
    "\n"
    "_TOOL_words() {\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "_TOOL_columns() {\n"
    "    local before=\n"
    "    case $cur in\n"
    "    *,*) before=${cur%,*}, ;;\n"
    "    +*) before=+ ;;\n"
    "    esac\n"
    "    compopt -o nospace\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -P \"$before\" -- \"${cur#\"$before\"}\")\n"
    "}\n"
    "\n"
    "_TOOL_active_swap() {\n"
    "    local path rest\n"
    "    compopt -o filenames\n"
    "    while read -r path rest; do\n"
    "        printf -v path %b \"${path//\\\\/\\\\0}\"\n"
    "        [[ $path != /* || $path != \"$cur\"* ]] || COMPREPLY+=(\"$path\")\n"
    "    done 2>/dev/null </proc/swaps\n"
    "}\n"
    "\n"
    "_TOOL_process_names() {\n"
    "    local file name\n"
    "    for file in /proc/[0-9]*/comm; do\n"
    "        { IFS= read -r name <\"$file\"; } 2>/dev/null || continue\n"
    "        [[ $name != \"$cur\"* ]] || COMPREPLY+=(\"$(printf %q \"$name\")\")\n"
    "    done\n"
    "}\n"
    "\n"
    "_TOOL_groups() {\n"
    "    local top=/sys/fs/cgroup path\n"
    "    compopt -o nospace\n"
    "    for path in \"$top/${cur#/}\"*/; do\n"
    "        [[ ! -d $path ]] || COMPREPLY+=(\"${path#\"$top\"}\")\n"
    "    done\n"
    "}\n"
    "\n";

/* Readline breaks words at "=": --size=2 arrives as three of them. */
static const char begin[] =
    "_TOOL() {\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} operands= i\n"
    "    COMPREPLY=()\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $prev == = ]] && ((COMP_CWORD > 1)); then\n"
    "        prev=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n";

static const char with_subcommand[] = "    local sub=${COMP_WORDS[1]} first=2\n";
static const char without_subcommand[] = "    local sub=TOOL first=1\n";

static const char find_operands[] = "    for ((i = first; i < COMP_CWORD; i++)); do\n"
                                    "        [[ ${COMP_WORDS[i]} != -- ]] || operands=1\n"
                                    "    done\n";

static const char values_begin[] = "    [[ $operands ]] || case $sub:$prev in\n";

static const char options_begin[] = "    esac\n"
                                    "    if [[ ! $operands && $cur == -* ]]; then\n"
                                    "        case $sub in\n";

static const char operands_begin[] = "        esac\n"
                                     "        return\n"
                                     "    fi\n"
                                     "    case $sub in\n";

static const char end[] = "    esac\n"
                          "}\n"
                          "\n"
                          "complete -F _TOOL TOOL\n";

static void print_value(const struct tool *tool, const struct cmd *cmd, const struct opt *o)
{
    if (o->type == OPT_FLAG)
        return;
    printf("    '%s':--%s", cmd->name, o->name);
    if (o->short_name)
        printf(" | '%s':-%c", cmd->name, o->short_name);
    fputs(") ", stdout);
    switch (o->type) {
    case OPT_FILE:
        fputs("compopt -o default; ", stdout);
        break;
    case OPT_DIR:
        fputs("compopt -o dirnames; ", stdout);
        break;
    case OPT_STRING:
        if (!o->choices)
            break;
        /* fall through */
    case OPT_SIZE:
    case OPT_CHOICE:
    case OPT_COLUMNS:
        printf("_%s_%s \"", tool->name, o->type == OPT_COLUMNS ? "columns" : "words");
        walk_print_values(cmd, o);
        fputs("\"; ", stdout);
        break;
    default:
        break;
    }
    fputs("return ;;\n", stdout);
}

static void print_name(const struct tool *tool _unused_, const struct cmd *cmd _unused_,
                       const struct opt *o)
{
    printf(" --%s", o->name);
}

static void print_names(const struct tool *tool, const struct cmd *cmd)
{
    printf("        '%s') _%s_words \"", cmd->name, tool->name);
    walk_options(tool, cmd, print_name);
    fputs("\" ;;\n", stdout);
}

static void print_operand(const struct tool *tool, const struct cmd *cmd)
{
    if (cmd->operand == CMD_OPERAND_FILE)
        printf("    '%s') compopt -o default ;;\n", cmd->name);
    else if (cmd->operand == CMD_OPERAND_ACTIVE_SWAP)
        printf("    '%s') _%s_active_swap ;;\n", cmd->name, tool->name);
    else if (cmd->operand == CMD_OPERAND_PROCESS_NAME)
        printf("    '%s') _%s_process_names ;;\n", cmd->name, tool->name);
    else if (cmd->operand == CMD_OPERAND_GROUP)
        printf("    '%s') _%s_groups ;;\n", cmd->name, tool->name);
    else if (cmd->operand == CMD_OPERAND_COMMAND)
        printf(
            "    '%s') compopt -o default; mapfile -t COMPREPLY < <(compgen -c -- \"$cur\") ;;\n",
            cmd->name);
    else if (cmd->operand == CMD_OPERAND_WORD) {
        printf("    '%s') _%s_words \"", cmd->name, tool->name);
        walk_print_words(cmd->words);
        fputs("\" ;;\n", stdout);
    }
}

/* The second word of a subcommand's name belongs to it as well. */
static void print_groups(const struct tool *tool)
{
    fputs("    case $sub in\n", stdout);
    for (const struct cmd_group *g = tool->groups; g && g->name; g++) {
        printf("    %s)\n"
               "        if ((COMP_CWORD == 2)); then\n"
               "            _%s_words \"",
               g->name, tool->name);
        walk_print_names(tool, g);
        fputs("--help --version\"\n"
              "            return\n"
              "        fi\n"
              "        sub+=\" ${COMP_WORDS[2]}\"\n"
              "        ;;\n",
              stdout);
    }
    fputs("    esac\n", stdout);
}

/* What can stand in place of the subcommand, and in that of the second word of a group. */
static void print_subcommands(const struct tool *tool)
{
    printf("    if ((COMP_CWORD == 1)); then\n"
           "        _%s_words \"",
           tool->name);
    walk_print_names(tool, NULL);
    fputs("help --help --version\"\n"
          "        return\n"
          "    fi\n",
          stdout);
    print_groups(tool);
}

void bash_print(const struct tool *tool)
{
    bool single = cmd_is_single(tool);

    walk_print_template(tool, helpers);
    walk_print_template(tool, begin);
    walk_print_template(tool, single ? without_subcommand : with_subcommand);
    fputs(find_operands, stdout);
    if (!single)
        print_subcommands(tool);
    fputs(values_begin, stdout);
    for (size_t i = 0; tool->cmds[i]; i++)
        walk_options(tool, tool->cmds[i], print_value);
    fputs(options_begin, stdout);
    for (size_t i = 0; tool->cmds[i]; i++)
        print_names(tool, tool->cmds[i]);
    fputs(operands_begin, stdout);
    for (size_t i = 0; tool->cmds[i]; i++)
        print_operand(tool, tool->cmds[i]);
    if (!single) {
        printf("    help) _%s_words \"", tool->name);
        walk_print_names(tool, NULL);
        fputs("\" ;;\n", stdout);
    }
    walk_print_template(tool, end);
}
