/* SPDX-License-Identifier: MIT */
#include "procfind.h"

int main(int argc, char **argv)
{
    return cmd_main(&procfind_tool, argc, argv);
}
