/* SPDX-License-Identifier: MIT */
/*
 * reclaim - who takes memory away from whom: the kernel's counters between two moments
 *
 * Pages are scanned (looked at) and stolen (taken away) by the kernel's background threads
 * (kswapd), by a program's own allocation because the machine is short of memory (direct), because
 * a control group met its limit, because somebody asked for it (proactive), and to make room for
 * huge pages (khugepaged). The counters of /proc/vmstat tell these apart in two ways:
 *
 * - Up to Linux 7.0 pgscan_direct has nothing of what control groups' limits make; that is only in
 *   pgscan_anon and pgscan_file (since 5.8), which have everything, and in memory.stat of the
 *   hierarchy's root group.
 * - Since 7.1 they are counters of the node, and pgscan_direct has both. Which of the two made it
 *   is told by others: a stalled allocation (allocstall) is the machine's shortage, and an event
 *   in memory.events is a group's limit. When both moved, it lies between two bounds.
 *
 * Which holds is seen from the counters and never from the version. What a kernel does not count is
 * absent, not 0. All of it is pure and allocates nothing.
 */
#ifndef HEADROOM_RECLAIM_H
#define HEADROOM_RECLAIM_H

#include "err.h"

enum reclaim_source {
    RECLAIM_VMSTAT, /* /proc/vmstat */
    RECLAIM_ROOT,   /* memory.stat of the root of the hierarchy, and of no other group */
};

enum reclaim_key {
    /* of /proc/vmstat */
    RECLAIM_SCAN_KSWAPD,
    RECLAIM_SCAN_DIRECT,
    RECLAIM_SCAN_KHUGEPAGED,
    RECLAIM_SCAN_PROACTIVE,
    RECLAIM_SCAN_ANON,
    RECLAIM_SCAN_FILE,
    RECLAIM_STEAL_KSWAPD,
    RECLAIM_STEAL_DIRECT,
    RECLAIM_STEAL_KHUGEPAGED,
    RECLAIM_STEAL_PROACTIVE,
    RECLAIM_STEAL_ANON,
    RECLAIM_STEAL_FILE,
    RECLAIM_REFAULT,
    RECLAIM_REFAULT_ANON,
    RECLAIM_REFAULT_FILE,
    RECLAIM_STALL, /* before 4.10 one counter, then one for each zone */
    RECLAIM_STALL_DMA,
    RECLAIM_STALL_DMA32,
    RECLAIM_STALL_NORMAL,
    RECLAIM_STALL_HIGH,
    RECLAIM_STALL_MOVABLE,
    RECLAIM_STALL_DEVICE,
    RECLAIM_ZONE_SUCCESS, /* vm.zone_reclaim_mode: direct without a stall */
    RECLAIM_ZONE_FAILED,
    /* of the root group's memory.stat */
    RECLAIM_ROOT_SCAN,
    RECLAIM_ROOT_SCAN_DIRECT,
    RECLAIM_ROOT_SCAN_KHUGEPAGED,
    RECLAIM_ROOT_SCAN_PROACTIVE,
    RECLAIM_ROOT_STEAL,
    RECLAIM_ROOT_STEAL_DIRECT,
    RECLAIM_ROOT_STEAL_KHUGEPAGED,
    RECLAIM_ROOT_STEAL_PROACTIVE,
    /* how often groups met memory.max or memory.high: set by reclaim_counters_hits() */
    RECLAIM_HITS,
    RECLAIM_KEYS,
};

/* The counters of one moment. Begin with RECLAIM_COUNTERS_INIT, then take from one or both texts,
 * then say what else is known. */
struct reclaim_counters {
    uint64_t value[RECLAIM_KEYS];
    uint64_t present; /* a bit for each key */
    bool of_node;    /* the meaning since 7.1: from reclaim_counters_node(), or the order of vmstat,
                        where counters of the node stand before pgpgin and events behind it */
    bool saw_events; /* pgpgin came by */
    bool hits_of_all; /* see reclaim_counters_hits() */
};

#define RECLAIM_COUNTERS_INIT ((struct reclaim_counters){.present = 0})

/**
 * reclaim_key() - which counter a name stands for
 * @key: @len bytes, no NUL needed
 *
 * For one pass over a text that feeds others as well. Names are told apart by their first bytes, so
 * one that is none costs next to nothing.
 *
 * Return: an enum reclaim_key, or -1.
 */
int reclaim_key(enum reclaim_source source, const char *key, size_t len);

/* The name of a counter, for those who look for names of their own; NULL for RECLAIM_HITS. */
const char *reclaim_key_name(enum reclaim_key key);

/* Set a counter that was found so. The first value counts. Who takes counters in this way asks
 * reclaim_counters_node() for their meaning. */
void reclaim_counters_put(struct reclaim_counters *c, enum reclaim_key key, uint64_t value);

/* Take a counter that such a pass came by, in the order of the text, of whatever name. The first
 * one of a name counts. Return: is it one of ours? */
bool reclaim_counters_take(struct reclaim_counters *c, enum reclaim_source source, const char *key,
                           size_t len, uint64_t value);

/**
 * reclaim_counters_parse() - take all there are in a text
 * @text: @len bytes
 *
 * Return: 0; -EBADMSG or -EOVERFLOW if one of ours is no whole number, cut off at the end of the
 * text too: the message names it, and @c is to be thrown away.
 */
int reclaim_counters_parse(struct reclaim_counters *c, enum reclaim_source source, const char *text,
                           size_t len, struct err *e);

/* What vmstat of a node says: its counters are of the node if reclaim is among them. Asked once,
 * for it does not change while a kernel runs; without nodes (none in /sys) the order decides. */
void reclaim_counters_node(struct reclaim_counters *c, const char *text, size_t len);

/**
 * reclaim_counters_hits() - how often groups met their limits
 * @hits: the sum of "max" and "high" of memory.events.local over all groups; or, without that file,
 *        of memory.events over the groups right below the root, for it has those of all below
 * @all:  they are of all groups of the machine, not only of those that a container sees
 *
 * May be left out: it is a walk over the groups.
 */
void reclaim_counters_hits(struct reclaim_counters *c, uint64_t hits, bool all);

/* ---- between two moments */

/* A number, or what it lies between, or nothing known. */
struct reclaim_amount {
    bool known;
    uint64_t low, high; /* the same: it is this number */
};

enum reclaim_who {
    RECLAIM_KSWAPD,
    RECLAIM_DIRECT, /* by the machine's shortage alone */
    RECLAIM_LIMIT,
    RECLAIM_PROACTIVE,
    RECLAIM_KHUGEPAGED, /* absent where the kernel counts it with the direct ones */
    RECLAIM_WHO,
};

struct reclaim {
    struct reclaim_amount scanned[RECLAIM_WHO], stolen[RECLAIM_WHO];
    struct reclaim_amount all_scanned, all_stolen; /* in one view of the kernel */
    bool all;            /* these two have what limits made; false: this kernel shows it nowhere */
    bool with_proactive; /* the limit's number has what was written to memory.reclaim, which this
                            kernel does not count apart */
    struct reclaim_amount refaults; /* pages that came back soon after they were taken away */
    struct reclaim_amount stalls;   /* allocations that had to reclaim for themselves */
    struct reclaim_amount hits;     /* of groups' limits */
    bool hits_of_all;
};

enum { RECLAIM_DROPPED = 1 };

/**
 * reclaim_attribute() - who did it between two moments
 * @out: set for 0 only
 *
 * Return: 0, or RECLAIM_DROPPED: a counter went backwards, so nothing is known of this interval.
 */
int reclaim_attribute(const struct reclaim_counters *before, const struct reclaim_counters *after,
                      struct reclaim *out);

/* A plain number. Return: false if it is absent or only bounds are known. */
bool reclaim_number(const struct reclaim_amount *a, uint64_t *out);

/* Stolen of scanned in per cent, 0 to 100. Return: false if nothing was scanned, or it is not
 * known. */
bool reclaim_efficiency(const struct reclaim_amount *scanned, const struct reclaim_amount *stolen,
                        double *out);

/* Refaults for each page that was stolen; may exceed 1. Return: false if nothing was stolen, or not
 * all that was is counted. */
bool reclaim_refault_ratio(const struct reclaim *r, double *out);

#endif
