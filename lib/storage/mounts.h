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

/**
 * mounts_has_option() - has a file system this option ("seclabel"), whatever its mounts have?
 * @dev: st_dev of a file on it
 *
 * Return: 1 yes, 0 no; -ENODEV if no mount shows that device (btrfs has numbers of its own for each
 * subvolume); or another negated errno.
 */
int mounts_has_option(const struct root *root, dev_t dev, const char *option, struct err *e);

#endif
