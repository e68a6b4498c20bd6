/* SPDX-License-Identifier: MIT */
/*
 * livedata - what the screen shows, measured by a thread of its own
 *
 * A process that the kernel keeps busy can hold up who looks into it; the keys work meanwhile.
 */
#ifndef HEADROOM_MEMWATCH_LIVEDATA_H
#define HEADROOM_MEMWATCH_LIVEDATA_H

#include "consumers.h"
#include "meminfo.h"

enum livedata_metric {
    LIVEDATA_PSI_SOME,
    LIVEDATA_PSI_FULL,
    LIVEDATA_KSWAPD,
    LIVEDATA_DIRECT,
    LIVEDATA_LIMIT,
    LIVEDATA_PROACTIVE,
    LIVEDATA_SWAP_IN,
    LIVEDATA_SWAP_OUT,
    LIVEDATA_RAM_USED,
    LIVEDATA_METRICS,
};

enum { LIVEDATA_HISTORY = 512, LIVEDATA_FILTER_MAX = 64 };

/* What the user has chosen. */
struct livedata_choice {
    enum procusage_by by;
    enum consumers_sort sort;
    size_t most;                      /* rows that fit */
    char filter[LIVEDATA_FILTER_MAX]; /* "": none */
    bool frozen;
};

struct livedata_point {
    double value[LIVEDATA_METRICS]; /* NAN: absent */
};

struct livedata_shot {
    struct livedata_choice choice;
    time_t when;
    bool has_memory;
    struct meminfo memory;
    struct livedata_point points[LIVEDATA_HISTORY]; /* the newest last */
    size_t n;
    struct consumers list;
    struct err problem; /* why there is no list */
};

/* Does nothing for NULL. */
void livedata_shot_free(struct livedata_shot **shot);

struct livedata;

/* Begin to measure. @root is borrowed until livedata_end(). Signals that the caller has blocked
 * stay with it. Return: 0 or a negated errno. */
int livedata_begin(const struct root *root, uint64_t interval_ms,
                   const struct livedata_choice *choice, struct livedata **out, struct err *e);

/* Readable when there is something to take. */
int livedata_fd(const struct livedata *d);

/* Measure this from here on, at once. */
void livedata_choose(struct livedata *d, const struct livedata_choice *choice);

/* The newest shot, which is the caller's, or NULL if there is none since the last call. */
struct livedata_shot *livedata_take(struct livedata *d);

/* End. A thread that hangs in the kernel is left behind: nothing of it may be freed then. */
void livedata_end(struct livedata **d);

#endif
