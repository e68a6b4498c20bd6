/* SPDX-License-Identifier: MIT */
/*
 * deed_kill - end one process, so that its memory comes back
 *
 * SIGTERM, some time to obey it, then SIGKILL and process_mrelease(2). It is done when the process
 * has ended. While one is on its way no other is killed (struct deed_dying).
 */
#ifndef HEADROOM_MEMWATCH_DEED_KILL_H
#define HEADROOM_MEMWATCH_DEED_KILL_H

#include "deed_kind.h"

extern const struct deed_kind deed_kill_kind;

#endif
