/* SPDX-License-Identifier: MIT */
#include "compat.h"
#include "compat_pgrep.h"
#include "compat_pidof.h"

static const struct cmd pgrep = {
    .name = "pgrep",
    .summary = "find processes as pgrep of procps does",
    .operands = "PATTERN",
    .run_words = compat_pgrep_run,
};

static const struct cmd pkill = {
    .name = "pkill",
    .summary = "signal processes as pkill of procps does",
    .operands = "PATTERN",
    .run_words = compat_pgrep_run,
};

static const struct cmd pidwait = {
    .name = "pidwait",
    .summary = "wait for processes as pidwait of procps does",
    .operands = "PATTERN",
    .run_words = compat_pgrep_run,
};

static const struct cmd pidof = {
    .name = "pidof",
    .summary = "find processes as pidof of procps does",
    .operands = "PROGRAM...",
    .run_words = compat_pidof_run,
};

#define TOOL(which)                                                                                \
    {                                                                                              \
        .name = #which, .section = "1", .cmds = (const struct cmd *const[])                        \
        {                                                                                          \
            &which, NULL                                                                           \
        }                                                                                          \
    }

static const struct tool tools[] = {TOOL(pgrep), TOOL(pkill), TOOL(pidwait), TOOL(pidof)};

const char *const compat_names[] = {"pgrep", "pkill", "pidwait", "pidof", NULL};

static const struct tool *find(const char *word)
{
    const char *slash = strrchr(word, '/'), *name = slash ? slash + 1 : word;

    for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
        if (streq(tools[i].name, name))
            return &tools[i];
    return NULL;
}

const struct tool *compat_choose(int *argc, char ***argv)
{
    const struct tool *tool = *argc > 0 ? find((*argv)[0]) : NULL;

    if (tool || *argc < 3 || !streq((*argv)[1], "--compat"))
        return tool;
    tool = find((*argv)[2]);
    if (tool) {
        *argc -= 2;
        *argv += 2;
    }
    return tool;
}
