/* SPDX-License-Identifier: MIT */
/* fstablist - what /etc/fstab declares: the swap files that headroom looks after, and where file
 * systems are mounted */
#ifndef HEADROOM_FSTABLIST_H
#define HEADROOM_FSTABLIST_H

#include "declaration.h"
#include "root.h"

/**
 * fstablist_each_fn - told of one entry
 * @line:    its number, from 1
 * @d:       what it declares; with a @problem only the path is of use, which may be NULL then
 * @problem: NULL, or why it cannot be understood
 *
 * What it is told is gone after the call. Return: 0, or a negated errno, which ends the walk.
 */
typedef int fstablist_each_fn(void *arg, unsigned line, const struct declaration *d,
                              const struct err *problem, struct err *e);

/**
 * fstablist_each() - walk over what headroom declared
 *
 * That is every swap entry with the option x-headroom.size=, but for those with noauto, which an
 * area on a loop device has to have. The size is one of size_parse(): people may write "2G".
 *
 * Return: 0, what @fn returned, or -ENOMEM.
 */
int fstablist_each(const char *text, fstablist_each_fn *fn, void *arg, struct err *e);

/**
 * fstablist_mount_of() - where should the file system of @path be mounted?
 * @path: canonical and absolute
 *
 * The longest mount point of an entry that @path lies below, "/" and swap left aside.
 *
 * Return: 1 and the mount point, which the caller frees; 0 if no entry is about it; or -ENOMEM.
 */
int fstablist_mount_of(const struct root *root, const char *text, const char *path, char **mount,
                       struct err *e);

#endif
