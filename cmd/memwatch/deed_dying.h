/* SPDX-License-Identifier: MIT */
/*
 * deed_dying - who was killed last
 *
 * Until that one has ended, and a moment longer, no other is killed, because its memory is on its
 * way back; but not for ever, because it may hang in the kernel.
 */
#ifndef HEADROOM_MEMWATCH_DEED_DYING_H
#define HEADROOM_MEMWATCH_DEED_DYING_H

#include "victim.h"

struct deed_dying {
    int fd;         /* of the process, owned; -1: it has ended, or there is none */
    uint64_t until; /* milliseconds of CLOCK_MONOTONIC */
    pid_t pid;
    char name[PROC_NAME_MAX];
};

#define DEED_DYING_INIT ((struct deed_dying){.fd = -1})

void deed_dying_clear(struct deed_dying *d);

/* Somebody was told to end. @fd: borrowed. @until: when nobody waits for it any more. */
void deed_dying_mark(struct deed_dying *d, const struct victim_facts *victim, int fd,
                     uint64_t until);

/* Is there one whose memory has still to come? */
bool deed_dying_blocks(struct deed_dying *d, uint64_t now);

#endif
