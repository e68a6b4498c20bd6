/* SPDX-License-Identifier: MIT */
/* moment - all that "memwatch reclaim" wants to know of two moments, and what lies between them */
#ifndef HEADROOM_MEMWATCH_MOMENT_H
#define HEADROOM_MEMWATCH_MOMENT_H

#include "cghits.h"
#include "cmd.h"
#include "kswapd.h"
#include "pressure.h"
#include "reclaim.h"

/* Of memory.pressure, since boot. */
struct moment_stall {
    bool some, full; /* known */
    uint64_t some_us, full_us;
};

/* A group that somebody named. One that is not there has nothing known. */
struct moment_group {
    bool there;
    struct cghits_count count;
    struct moment_stall stall;
};

struct moment {
    uint64_t ns; /* CLOCK_BOOTTIME */
    struct reclaim_counters counters;
    struct moment_stall stall;
    bool has_ticks[KSWAPD_MAX];
    uint64_t ticks[KSWAPD_MAX];
    struct moment_group *groups; /* owned; .n_groups of the scene */
};

void moment_clear(struct moment *m);

/* What stays the same from one moment to the next. */
struct moment_scene {
    const struct root *root; /* borrowed */
    struct cgtree tree;
    bool has_groups; /* of version 2, with the memory controller */
    char **groups;   /* owned; the paths that were named */
    size_t n_groups;
    struct kswapd kswapd;
    char *node; /* vmstat of the first node; NULL: there is none */
    struct cghits hits;
};

#define MOMENT_SCENE_INIT ((struct moment_scene){.tree = CGTREE_INIT, .hits = CGHITS_INIT})

void moment_scene_clear(struct moment_scene *s);

/* @groups: names, NULL-terminated; may be NULL. Return: 0 or a negated errno; -EOPNOTSUPP if groups
 * were named and there are none here. */
int moment_scene_set(struct moment_scene *s, const struct root *root, const char *const *groups,
                     struct err *e);

/* Return: 0 or a negated errno. */
int moment_take(struct moment_scene *s, struct moment *out, struct err *e);

/* What follows is counted from @m on, which was the last to be taken. */
void moment_restart(struct moment_scene *s, struct moment *m);

/* Per cent of one processor's, or of all, time. Return: false if it is not known. */
bool moment_kswapd_cpu(const struct moment *before, const struct moment *after, size_t i,
                       double *out);
bool moment_some(const struct moment_stall *before, const struct moment_stall *after, uint64_t ns,
                 double *out);
bool moment_full(const struct moment_stall *before, const struct moment_stall *after, uint64_t ns,
                 double *out);

#endif
