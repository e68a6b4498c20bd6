/* SPDX-License-Identifier: MIT */
/* compat_pgrep - pgrep, pkill and pidwait: find, then print, signal or wait */
#ifndef HEADROOM_PROCFIND_COMPAT_PGREP_H
#define HEADROOM_PROCFIND_COMPAT_PGREP_H

#include "cmd.h"

/* The three of them; which one is the name of the tool. Return: the exit status. */
int compat_pgrep_run(struct cmd_context *ctx, int argc, char **argv);

#endif
