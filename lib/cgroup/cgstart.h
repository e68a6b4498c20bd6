/* SPDX-License-Identifier: MIT */
/*
 * cgstart - a child that is in a group from its first moment
 *
 * clone3(2) with CLONE_INTO_CGROUP (Linux 5.7); where the kernel or a seccomp filter lacks it, a
 * child that waits until it was moved.
 *
 * A fork copies our page tables, and each page that is written to afterwards. A child that only
 * becomes another program need not have them, see vfork(2).
 */
#ifndef HEADROOM_CGSTART_H
#define HEADROOM_CGSTART_H

#include "err.h"
#include <sys/types.h>

/**
 * cgstart_fork() - as fork(2), with the child in the group
 * @group: directory of the group
 * @path:  its path, for messages
 *
 * Return: 0 in the child; its number in the parent; or a negated errno.
 */
pid_t cgstart_fork(int group, const char *path, struct err *e);

/* What the child does; it must not return. */
typedef void cgstart_fn(void *arg);

/**
 * cgstart_run() - a child in the group that soon becomes another program
 * The child may share our memory while we wait until it executes a program or ends: what @run
 * writes may be seen here. All signals are blocked in it; it has to set the mask that it wants.
 *
 * Return: its number, or a negated errno.
 */
pid_t cgstart_run(int group, const char *path, cgstart_fn *run, void *arg, struct err *e);

#endif
