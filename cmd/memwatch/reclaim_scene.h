/* SPDX-License-Identifier: MIT */
/* reclaim_scene - all that "memwatch reclaim" wants to know of two moments, and what lies between
 * them */
#ifndef HEADROOM_MEMWATCH_RECLAIM_SCENE_H
#define HEADROOM_MEMWATCH_RECLAIM_SCENE_H

#include "cghits.h"
#include "cmd.h"
#include "kswapd.h"
#include "pressure.h"
#include "reclaim.h"

/* Of memory.pressure, since boot. */
struct reclaim_scene_stall {
    bool some, full; /* known */
    uint64_t some_us, full_us;
};

/* A group that somebody named. One that is not there has nothing known. */
struct reclaim_scene_group {
    bool there;
    struct cghits_count count;
    struct reclaim_scene_stall stall;
};

struct reclaim_moment {
    uint64_t ns; /* CLOCK_BOOTTIME */
    struct reclaim_counters counters;
    struct reclaim_scene_stall stall;
    bool has_ticks[KSWAPD_MAX];
    uint64_t ticks[KSWAPD_MAX];
    struct reclaim_scene_group *groups; /* owned; .n_groups of the scene */
};

/* Release what a moment holds. */
void reclaim_scene_forget(struct reclaim_moment *m);

/* What stays the same from one moment to the next. */
struct reclaim_scene {
    const struct root *root; /* borrowed */
    struct cgtree tree;
    bool has_groups; /* of version 2, with the memory controller */
    char **groups;   /* owned; the paths that were named */
    size_t n_groups;
    struct kswapd kswapd;
    char *node; /* vmstat of the first node; NULL: there is none */
    struct cghits hits;
};

#define RECLAIM_SCENE_INIT ((struct reclaim_scene){.tree = CGTREE_INIT, .hits = CGHITS_INIT})

void reclaim_scene_clear(struct reclaim_scene *s);

/* @groups: names, NULL-terminated; may be NULL. Return: 0 or a negated errno; -EOPNOTSUPP if groups
 * were named and there are none here. */
int reclaim_scene_set(struct reclaim_scene *s, const struct root *root, const char *const *groups,
                      struct err *e);

/* Return: 0 or a negated errno. */
int reclaim_scene_take(struct reclaim_scene *s, struct reclaim_moment *out, struct err *e);

/* What follows is counted from @m on, which was the last to be taken. */
void reclaim_scene_restart(struct reclaim_scene *s, struct reclaim_moment *m);

/* Per cent of one processor's, or of all, time. Return: false if it is not known. */
bool reclaim_scene_kswapd_cpu(const struct reclaim_moment *before,
                              const struct reclaim_moment *after, size_t i, double *out);
bool reclaim_scene_some(const struct reclaim_scene_stall *before,
                        const struct reclaim_scene_stall *after, uint64_t ns, double *out);
bool reclaim_scene_full(const struct reclaim_scene_stall *before,
                        const struct reclaim_scene_stall *after, uint64_t ns, double *out);

#endif
