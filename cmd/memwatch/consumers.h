/* SPDX-License-Identifier: MIT */
/* consumers - the largest holders of memory with their names: what "top" prints once, and "live"
 * again and again */
#ifndef HEADROOM_MEMWATCH_CONSUMERS_H
#define HEADROOM_MEMWATCH_CONSUMERS_H

#include "procusage.h"
#include "users.h"

enum consumers_sort {
    CONSUMERS_BY_RSS,
    CONSUMERS_BY_PSS,
    CONSUMERS_BY_USS,
    CONSUMERS_BY_SWAP,
    CONSUMERS_BY_GROWTH,
};

/* The words of options for these, and for enum procusage_by; NULL-terminated. */
extern const char *const consumers_sort_words[];
extern const char *const consumers_by_words[];

struct consumers_query {
    const struct root *root;
    struct match *match;   /* borrowed; NULL: all processes */
    enum finder_pick pick; /* of these */
    const char *filter;    /* borrowed; only those with this in their name, whatever the case of its
                              letters; NULL: all */
    enum procusage_by by;
    enum consumers_sort sort;
    size_t most;    /* 0: all */
    unsigned kinds; /* PROCUSAGE_BIT()s that are wanted besides that of the order */
    bool names;     /* of processes: their names, and their users */
    bool places;    /* of processes: their groups and containers */
};

struct consumer {
    struct procusage_row sum; /* its .name is not set */
    char *name;               /* owned; of a process, and of those by name */
    char *user;               /* owned; of a process and a user */
    char *cgroup, *container; /* owned; NULL: not asked for, in none, or not known */
};

struct consumers {
    struct consumer *rows; /* owned; the largest first */
    size_t n;
    struct procusage all; /* what they were chosen from, by number and name */
    bool has_growth;
    size_t unreadable; /* processes of which something could not be read */
    bool hidden;       /* processes of others do not show at all (hidepid) */
};

#define CONSUMERS_INIT ((struct consumers){.rows = NULL})

void consumers_clear(struct consumers *c);

/**
 * consumers_read() - look who holds most
 * @before: what an earlier call has filled, by the same query but for .sort; growth is told since
 *          then. NULL: it is not known.
 *
 * Return: 0, also when some could not be read; or a negated errno.
 */
int consumers_read(const struct consumers_query *q, struct procusage *before, struct users *users,
                   struct consumers *out, struct err *e);

/* What the order goes by; of growth it is RSS. */
enum procusage_kind consumers_kind(enum consumers_sort sort);

#endif
