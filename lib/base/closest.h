/* SPDX-License-Identifier: MIT */
/* closest - which of the known words did somebody mean who mistyped one? */
#ifndef HEADROOM_CLOSEST_H
#define HEADROOM_CLOSEST_H

#include "base.h"

struct closest {
    const char *word; /* as typed; its first .len bytes */
    size_t len;
    const char *best; /* NULL while no candidate is close enough to be offered; borrowed */
    unsigned distance;
};

/* @len: how much of @word counts, SIZE_MAX for all of it. */
void closest_begin(struct closest *c, const char *word, size_t len);

/**
 * closest_try() - compare with one candidate, and keep it if it is the nearest so far
 *
 * Nearness is the number of letters to insert, drop, replace or swap with their neighbour, whatever
 * their case; up to a third of the word may differ. A candidate that begins with the word is
 * nearest.
 */
void closest_try(struct closest *c, const char *candidate);

#endif
