/* SPDX-License-Identifier: MIT */
/*
 * generate - completions for a shell, made from the tables that the tools parse their options by
 *
 * usage: generate bash|zsh|fish|list TOOL
 *
 * `list` prints SUBCOMMAND, LONG, SHORT and ARG of every option, a tab between them; "-" is none.
 */
#include "bash.h"
#include "cgctl.h"
#include "fish.h"
#include "memwatch.h"
#include "procfind.h"
#include "swapctl.h"
#include "walk.h"
#include "zsh.h"

static const struct tool *const tools[] = {&cgctl_tool, &memwatch_tool, &procfind_tool, &swapctl_tool};

static void list_option(const struct tool *tool _unused_, const struct cmd *cmd,
                        const struct opt *o)
{
    printf("%s\t%s\t%c\t%s\n", cmd->name, o->name, o->short_name ? o->short_name : '-',
           o->arg ? o->arg : "-");
}

static void list(const struct tool *tool)
{
    for (size_t i = 0; tool->cmds[i]; i++)
        walk_options(tool, tool->cmds[i], list_option);
}

static const struct {
    const char *name;
    void (*print)(const struct tool *);
} kinds[] = {
    {"bash", bash_print},
    {"zsh", zsh_print},
    {"fish", fish_print},
    {"list", list},
};

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 3 && i < ARRAY_SIZE(kinds); i++) {
        for (size_t t = 0; t < ARRAY_SIZE(tools); t++) {
            if (streq(kinds[i].name, argv[1]) && streq(tools[t]->name, argv[2])) {
                kinds[i].print(tools[t]);
                return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
            }
        }
    }
    fprintf(stderr, "usage: generate bash|zsh|fish|list TOOL\n");
    return EXIT_FAILURE;
}
