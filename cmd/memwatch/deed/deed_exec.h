/* SPDX-License-Identifier: MIT */
/*
 * deed_exec - run somebody's command
 *
 * No shell. It learns what is the matter from its environment: HEADROOM_RULE, HEADROOM_METRIC,
 * HEADROOM_VALUE, and what else the cause has.
 */
#ifndef HEADROOM_MEMWATCH_DEED_EXEC_H
#define HEADROOM_MEMWATCH_DEED_EXEC_H

#include "deed_kind.h"

extern const struct deed_kind deed_exec_kind;

/* Would execvp(3) find such a program now? */
bool deed_exec_finds(const char *program);

/* What all deeds with a child share: reserve room for its output; wait for it; forget it. */
int deed_exec_prepare(struct deed_plan *plan, struct err *e);
size_t deed_exec_poll(const struct deed *d, struct pollfd fds[static DEED_FDS], uint64_t *until);
void deed_exec_stop(struct deed *d);

/* How it has ended: "ended with 3 after 1.2 s", "took longer than 30s and was ended by SIGTERM".
 * Return: was it a success? */
bool deed_exec_say_end(struct deed *d, uint64_t now);

#endif
