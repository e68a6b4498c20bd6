/* SPDX-License-Identifier: MIT */
/* mounts - what is mounted: /proc/self/mountinfo, proc(5) */
#ifndef HEADROOM_MOUNTS_H
#define HEADROOM_MOUNTS_H

#include "root.h"

/**
 * mounts_point_of() - where is a block device mounted?
 * @dev: its number
 * @out: the mount point, caller frees; the first of several
 *
 * Also the device that btrfs is mounted from, though its files show another number.
 *
 * Return: 1 if it is mounted, 0 if not, or a negated errno.
 */
int mounts_point_of(const struct root *root, dev_t dev, char **out, struct err *e);

#endif
