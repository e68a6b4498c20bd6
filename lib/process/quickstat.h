/* SPDX-License-Identifier: MIT */
/*
 * quickstat - what the kernel knows of a file, without asking a server
 *
 * stat(2) of a file on a network file system asks who serves it whether it is still so, and waits
 * for ever when that one is dead. Which file it is does not change.
 */
#ifndef HEADROOM_QUICKSTAT_H
#define HEADROOM_QUICKSTAT_H

#include "root.h"

/**
 * quickstat_at() - fstatat(2) with AT_STATX_DONT_SYNC of statx(2), Linux 4.11
 * @path:  a walk along it may wait; a link of /proc/PID, or "" with AT_EMPTY_PATH, does not
 * @out:   device, inode, mode, owner, links, size and mtime; all else is 0
 *
 * Return: 0 or a negated errno.
 */
int quickstat_at(int dir, const char *path, int flags, struct stat *out);

/**
 * quickstat_open() - open a path if the kernel has it at hand, openat2(2) with RESOLVE_CACHED
 * @dir:   where it begins; with @in_root "/" is there, and no link leads out of it
 *
 * Return: a descriptor of O_PATH; -EAGAIN if a disk or a server had to be asked; or another negated
 * errno. Kernels before 5.12 cannot tell, and ask; those before 5.6 follow links out of the root.
 */
int quickstat_open(int dir, const char *path, bool in_root);

/* The same for a path as somebody typed it, see root_open_named(). */
int quickstat_open_named(const struct root *root, const char *path);

#endif
