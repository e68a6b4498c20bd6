/* SPDX-License-Identifier: MIT */
/*
 * deed_dying - who was killed last
 *
 * Until that one has ended, and a moment longer, no other is killed, because its memory is on its
 * way back; but not for ever, because it may hang in the kernel.
 */
#ifndef HEADROOM_MEMWATCH_DEED_DYING_H
#define HEADROOM_MEMWATCH_DEED_DYING_H

#include "deed_hold.h"

struct deed_dying {
    struct deed_hold hold; /* none: it has ended, or there is nobody */
    uint64_t until;        /* milliseconds of CLOCK_MONOTONIC */
};

#define DEED_DYING_INIT ((struct deed_dying){.hold = DEED_HOLD_INIT})

void deed_dying_clear(struct deed_dying *d);

/* Somebody was told to end. @until: when nobody waits for it any more. */
void deed_dying_mark(struct deed_dying *d, const struct deed_hold *victim, uint64_t until);

/* Is there one whose memory has still to come? */
bool deed_dying_blocks(struct deed_dying *d, uint64_t now);

#endif
