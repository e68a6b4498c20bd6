/* SPDX-License-Identifier: MIT */
#include "memwatch.h"

int main(int argc, char **argv)
{
    return cmd_main(&memwatch_tool, argc, argv);
}
