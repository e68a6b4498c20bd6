/* SPDX-License-Identifier: MIT */
#include "cgctl.h"

int main(int argc, char **argv)
{
    return cmd_main(&cgctl_tool, argc, argv);
}
