/* SPDX-License-Identifier: MIT */
/*
 * procusage - who holds memory: processes, or what they have in common
 *
 * One walk reads of each process only what was asked for, from the cheapest file that has it, and
 * keeps some 64 bytes; names are read when somebody wants them.
 *
 * Rows of users, groups, containers and names are sums over their processes. A page that several
 * of these share counts for each of them in RSS and once in PSS; what no process has mapped (the
 * page cache, tmpfs, shared memory that is swapped out) counts for none.
 */
#ifndef HEADROOM_PROCUSAGE_H
#define HEADROOM_PROCUSAGE_H

#include "finder.h"

enum procusage_by {
    PROCUSAGE_PROCESS,
    PROCUSAGE_USER,   /* whose rights it has, effective */
    PROCUSAGE_CGROUP, /* see proc_cgroup_memory() */
    PROCUSAGE_CONTAINER,
    PROCUSAGE_NAME,
};

enum procusage_kind {
    PROCUSAGE_RSS,  /* in RAM */
    PROCUSAGE_SWAP, /* anonymous and swapped out */
    PROCUSAGE_PSS,  /* in RAM, of shared pages its part; dear, and for those with rights only */
    PROCUSAGE_USS,  /* in RAM and nobody else's: what its end would give back; the same */
    PROCUSAGE_KINDS,
};

#define PROCUSAGE_BIT(kind) (1U << (kind))

struct procusage_row {
    uint64_t bytes[PROCUSAGE_KINDS];
    int64_t growth; /* see procusage_grow() */
    pid_t pid;      /* of a process */
    uid_t uid;      /* of a user; of a process where names are wanted */
    uint32_t count; /* processes */
    unsigned known; /* PROCUSAGE_BIT()s; a sum with a part that could not be read is not known */
    char *name;     /* owned; path of a group; id of a container, "" for none; of a process NULL
                       unless names are wanted */
};

struct procusage_query {
    const struct root *root;
    struct match *match;   /* borrowed: these processes, also the caller; NULL: all */
    enum finder_pick pick; /* of these */
    enum procusage_by by;
    unsigned kinds; /* PROCUSAGE_BIT()s to read */
    enum procusage_kind
        held;    /* a process that holds none of it is left out; one that cannot be read
                    is not. PSS and USS are never above RSS: with them it is that */
    bool names;  /* of processes too */
    size_t most; /* with held PSS or USS, of processes: so many rows are wanted, so these two stay
                    unknown of those that cannot be among them; 0: all */
};

struct procusage {
    struct procusage_row *rows; /* owned */
    size_t n, size;
    size_t unreadable; /* processes of which something could not be read */
    bool hidden;       /* processes of others do not show at all (hidepid) */
    uint64_t began_ms; /* when the walk began, since boot */
};

#define PROCUSAGE_INIT ((struct procusage){.rows = NULL})

void procusage_clear(struct procusage *u);

/**
 * procusage_read() - look at all processes
 *
 * One that ends meanwhile is left out.
 *
 * Return: 0, also when some could not be read (.unreadable, .hidden); or a negated errno.
 */
int procusage_read(const struct procusage_query *q, struct procusage *out, struct err *e);

/* How much RSS each row of @now has more than in @before, or less; what was not there had none.
 * Sorts both. */
void procusage_grow(struct procusage *now, struct procusage *before);

/* The largest first; what is not known last; among equals by number and name. */
void procusage_sort(struct procusage *u, enum procusage_kind kind);
void procusage_sort_growth(struct procusage *u);

/* Forget all rows but the first ones. */
void procusage_cut(struct procusage *u, size_t n);

#endif
