/* SPDX-License-Identifier: MIT */
/*
 * deed_tool - what one of our own programs does: it lies beside this one
 *
 * They hold locks, talk to systemd and wait for disks, and undo what they have begun when they are
 * told to end; all that is none of the guard's business.
 */
#ifndef HEADROOM_MEMWATCH_DEED_TOOL_H
#define HEADROOM_MEMWATCH_DEED_TOOL_H

#include "deed_kind.h"
#include <limits.h>

extern const struct deed_kind deed_tool_drop_caches, deed_tool_reclaim, deed_tool_limit,
    deed_tool_swap_add;

/* Where it lies: in the folder of this program, or where both were built. Return: 0; -ENOENT as
 * ERR_UNSUPPORTED. */
int deed_tool_find(const char *name, char path[static PATH_MAX], struct err *e);

#endif
