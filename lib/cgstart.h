/* SPDX-License-Identifier: MIT */
/*
 * cgstart - a child that is in a group from its first moment
 *
 * clone3(2) with CLONE_INTO_CGROUP (Linux 5.7); where the kernel or a seccomp filter lacks it, a
 * child that waits until it was moved.
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

#endif
