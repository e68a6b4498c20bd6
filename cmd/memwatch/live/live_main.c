/* SPDX-License-Identifier: MIT */
#include "liveloop.h"
#include "memwatch.h"

/* memwatch with one subcommand, which does what the one of that name there only starts. */
int main(int argc, char **argv)
{
    struct cmd live = memwatch_live;
    const struct cmd *const cmds[] = {&live, NULL};
    struct tool tool = memwatch_tool;

    live.run = liveloop_run;
    tool.cmds = cmds;
    return cmd_main(&tool, argc, argv);
}
