/* SPDX-License-Identifier: MIT */
/* liveloop - keys and signals: the subcommand "live" of the program memwatch-live */
#ifndef HEADROOM_MEMWATCH_LIVELOOP_H
#define HEADROOM_MEMWATCH_LIVELOOP_H

#include "cmd.h"

/* Show the screen until somebody has seen enough. @args: struct live_args. Return: the exit status.
 */
int liveloop_run(struct cmd_context *ctx, const void *args);

#endif
