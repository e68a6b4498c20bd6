/* SPDX-License-Identifier: MIT */
/*
 * liveargs - what "memwatch live" and the program that it becomes have in common
 *
 * The terminal's library takes more memory than all the rest, so it is linked to a program of its
 * own, libexec/headroom/memwatch-live, which has this one subcommand.
 */
#ifndef HEADROOM_MEMWATCH_LIVEARGS_H
#define HEADROOM_MEMWATCH_LIVEARGS_H

#include "cmd.h"

struct live_args {
    uint64_t interval_ms;
    int sort; /* enum consumers_sort */
    int by;   /* enum procusage_by */
};

#endif
