/* SPDX-License-Identifier: MIT */
/*
 * cgattach - move a running process to another group
 *
 * The memory that it has stays charged to the group where it was touched; only what it touches from
 * then on counts in the new one. (Documentation/admin-guide/cgroup-v2.rst, "Memory Ownership")
 */
#ifndef HEADROOM_CGATTACH_H
#define HEADROOM_CGATTACH_H

#include "cgtree.h"

/* How much memory the process holds, resident and swapped, in bytes: no more than that stays
 * behind. Return: 0; -ESRCH; -ENODATA for a kernel thread, which has none. */
int cgattach_memory(const struct root *root, pid_t pid, uint64_t *out);

/**
 * cgattach_check() - is there anything left of the process that can be moved?
 *
 * The kernel moves nothing of a zombie, and calls that success.
 *
 * Return: 0, also if that cannot be read; -ESRCH if it has ended.
 */
int cgattach_check(const struct root *root, pid_t pid, struct err *e);

/**
 * cgattach_move() - move a process with all its threads
 * @group: directory of the new group
 * @path:  its path, for messages
 *
 * Return: 0; -ESRCH it has ended; -EINVAL a kernel thread; -EBUSY (refused) a group that hands on
 * controllers takes no processes; or another negated errno of the write to cgroup.procs.
 */
int cgattach_move(int group, const char *path, pid_t pid, struct err *e);

/**
 * cgattach_children() - the processes that descend from one
 * @out: their numbers, caller frees; @n: how many
 *
 * As far as /proc shows it: one whose parent ended before does not descend from it any more.
 *
 * Return: 0 or a negated errno.
 */
int cgattach_children(const struct root *root, pid_t pid, pid_t **out, size_t *n, struct err *e);

#endif
