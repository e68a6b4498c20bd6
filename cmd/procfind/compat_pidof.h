/* SPDX-License-Identifier: MIT */
/* compat_pidof - pidof: the numbers of the processes that run a program */
#ifndef HEADROOM_PROCFIND_COMPAT_PIDOF_H
#define HEADROOM_PROCFIND_COMPAT_PIDOF_H

#include "cmd.h"

/* Return: the exit status. */
int compat_pidof_run(struct cmd_context *ctx, int argc, char **argv);

#endif
