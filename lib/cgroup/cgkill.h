/* SPDX-License-Identifier: MIT */
/*
 * cgkill - end or freeze all processes of a group and of the groups in it
 *
 * The kernel's own cgroup.kill leaves out a process whose first thread has ended before the others;
 * and kernels before 5.14 lack the file. So what is left after it is killed one by one: by the
 * processes, and by the threads where a group shows no process.
 */
#ifndef HEADROOM_CGKILL_H
#define HEADROOM_CGKILL_H

#include "cgevents.h"
#include "cgtree.h"

/* Is there any process in the group or below? Return: 1, 0, or a negated errno. */
int cgkill_populated(int dir);

/* Is it frozen, as far as it was told to? Return: 1, 0, or a negated errno; -ENOENT: the kernel
 * (before 5.2) or the group (the root) cannot. */
int cgkill_frozen(int dir);

/**
 * cgkill_all() - kill them
 * @wait: until none is left; otherwise only as long as finding those needs that the kernel left out
 *
 * Return: 0, also when the group was removed meanwhile; -EBUSY (refused) if this
 * process is in the group itself; -ETIMEDOUT; -EINTR; or another negated errno.
 */
int cgkill_all(const struct cgtree *tree, const char *path, bool wait,
               const struct cgevents_patience *patience, struct err *e);

/* Tell the kernel to freeze them or let them go on. Return: 0; -EOPNOTSUPP; or another negated
 * errno. */
int cgkill_freeze(int dir, const char *path, bool freeze, struct err *e);

#endif
