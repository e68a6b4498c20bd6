/* SPDX-License-Identifier: MIT */
#include "compat.h"
#include "procfind.h"

int main(int argc, char **argv)
{
    const struct tool *tool = compat_choose(&argc, &argv);

    return cmd_main(tool ? tool : &procfind_tool, argc, argv);
}
