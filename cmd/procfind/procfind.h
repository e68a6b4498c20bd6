/* SPDX-License-Identifier: MIT */
/* procfind - the tool, and its one command in find.c */
#ifndef HEADROOM_PROCFIND_H
#define HEADROOM_PROCFIND_H

#include "cmd.h"

extern const struct tool procfind_tool;

extern const struct cmd procfind_find;

#endif
