/* SPDX-License-Identifier: MIT */
/*
 * cghits - how often groups met their limits since the last time we looked
 *
 * Documentation/admin-guide/cgroup-v2.rst, memory.events: "max" and "high" count how often a group
 * was made to reclaim, "oom" how often that was not enough. memory.events.local has what the
 * group's own limits made (since 5.2; before, memory.events had it), memory.events also what those
 * of groups below made.
 *
 * Groups come and go. What one counted until the last look at it is kept; what it counted after
 * that is seen only in a group above that is still there.
 */
#ifndef HEADROOM_CGHITS_H
#define HEADROOM_CGHITS_H

#include "cgtree.h"

enum cghits_event { CGHITS_MAX, CGHITS_HIGH, CGHITS_OOM, CGHITS_OOM_KILL, CGHITS_EVENTS };

struct cghits_count {
    uint64_t n[CGHITS_EVENTS];
};

/**
 * cghits_parse() - read the text of memory.events; pure
 *
 * A kernel without oom_kill (before 4.13) has 0 there.
 *
 * Return: 0; -ENODATA without max, high or oom; -EBADMSG or -EOVERFLOW.
 */
int cghits_parse(const char *text, struct cghits_count *out);

struct cghits_group {
    char *path;                /* owned; "" is the top */
    struct cghits_count last;  /* as it stood when we looked */
    struct cghits_count grown; /* since cghits_restart() */
    bool seen;
};

struct cghits {
    struct cghits_group *groups; /* in the order of their paths */
    size_t n;
    struct cghits_group *tops; /* the same of groups right below the root, with all below them */
    size_t n_tops;
    bool begun;
    bool lost;   /* since cghits_restart() a group went away, maybe with events that nobody saw */
    int inotify; /* tells that one came and went in between; -1: nobody does */
};

#define CGHITS_INIT ((struct cghits){.inotify = -1})

void cghits_clear(struct cghits *h);

/* Look at all groups; the first look begins. Return: 0 or a negated errno. */
int cghits_look(struct cghits *h, const struct cgtree *tree, struct err *e);

/* Begin a new interval at what stood at the last look. */
void cghits_restart(struct cghits *h);

/* How often limits were met (max and high). */
uint64_t cghits_sum(const struct cghits *h);

/* The group that met its own limits most often; NULL: none did. */
const struct cghits_group *cghits_most(const struct cghits *h);

#endif
