/* SPDX-License-Identifier: MIT */
/*
 * swapusage - who holds swap: processes, users, or control groups
 *
 * What a process holds is VmSwap of /proc/PID/status: its anonymous memory that is swapped out. A
 * page that several processes share counts for each of them; shared memory and tmpfs count for
 * none. So the sum differs from what /proc/meminfo says is in use, both ways.
 *
 * What a group holds is charged to it, page by page, shared memory too: memory.swap.current, or
 * "swap" and "swapcached" in the memory.stat of version 1.
 */
#ifndef HEADROOM_SWAPUSAGE_H
#define HEADROOM_SWAPUSAGE_H

#include "root.h"

struct swapusage_row {
    uint64_t swap; /* bytes */
    pid_t pid;     /* of a process */
    uid_t uid;     /* of a process or a user */
    size_t count;  /* of a user: its processes that hold some */
    char *name;    /* owned: of a process; the path of a group below the top, "/a/b"; or NULL */
    uint64_t tree; /* of a group: with the groups in it */
};

struct swapusage {
    struct swapusage_row *rows; /* owned; nobody with nothing */
    size_t n;
    uint64_t accounted; /* bytes, all rows together */
    size_t unreadable;  /* processes that could not be read */
    bool hidden;        /* processes of others do not show at all (hidepid) */
};

#define SWAPUSAGE_INIT ((struct swapusage){.rows = NULL})

void swapusage_clear(struct swapusage *u);

/**
 * swapusage_processes() - what each process holds
 *
 * One that ends meanwhile is left out.
 *
 * Return: 0, also when some could not be read (.unreadable, .hidden); or a negated errno.
 */
int swapusage_processes(const struct root *root, struct swapusage *out, struct err *e);

/* What the processes of each user hold. Return: the same. */
int swapusage_users(const struct root *root, struct swapusage *out, struct err *e);

/**
 * swapusage_cgroups() - what each control group holds, without the groups in it
 *
 * Return: 0; -EOPNOTSUPP if no mounted hierarchy counts memory, or does not count swap; or another
 * negated errno.
 */
int swapusage_cgroups(const struct root *root, struct swapusage *out, struct err *e);

/* The largest first; among equals by process number, user number and name. */
void swapusage_sort(struct swapusage *u);

#endif
