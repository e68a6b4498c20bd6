/* SPDX-License-Identifier: MIT */
#include "swapctl.h"

int main(int argc, char **argv)
{
    return cmd_main(&swapctl_tool, argc, argv);
}
