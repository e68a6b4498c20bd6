/* SPDX-License-Identifier: MIT */
/*
 * pace - how long may one look away before a rule is to fire? pure
 *
 * As long as memory cannot fill to where the rule says, even if it fills as fast as it can. What
 * nobody knows the speed of is looked at each second; so is what has to be noticed when it ends.
 */
#ifndef HEADROOM_PACE_H
#define HEADROOM_PACE_H

#include "alarm.h"

enum {
    PACE_LEAST_MS = 100,      /* nothing is looked at more often */
    PACE_FIXED_MS = 1000,     /* what is told for the time between two samples, and what is open */
    PACE_PRESSURE_MS = 10000, /* how long after a sign of pressure it goes faster */
};

/*
 * Bytes a second. Programs that write to fresh pages as fast as they could got 1.5 GiB/s, with huge
 * pages, on a small machine; four times that is what larger ones with faster memory and more
 * processors may reach. Pages leave for a fast disk or for compressed memory at some hundred MiB/s.
 */
#define PACE_RAM_SPEED (6. * (1 << 30))
#define PACE_SWAP_SPEED (1. * (1 << 30))

/* What there is, in bytes; 0: none, or not known. */
struct pace_machine {
    double ram, swap;
};

/* What is known of one condition's metric. */
struct pace_reading {
    bool elsewhere; /* it is looked at at times of its own, which do not count here */
    bool absent;    /* there is no such thing, swap for example, that could fill */
    bool known;
    double value;
};

/* The least time in which the condition can come to hold; 0: it holds; PACE_FIXED_MS: nobody knows;
 * ALARM_NEVER. */
uint64_t pace_condition(const struct condition *c, double value, const struct pace_machine *m);

/* Until when the conditions of a rule, one reading for each, have to be looked at again;
 * ALARM_NEVER: as seldom as one likes. At least PACE_LEAST_MS. */
uint64_t pace_alarm(const struct alarm *a, const struct pace_reading *readings,
                    const struct pace_machine *m);

/* The same because of a sign of pressure so many milliseconds ago: often, then less and less. */
uint64_t pace_pressure(uint64_t ago_ms);

#endif
