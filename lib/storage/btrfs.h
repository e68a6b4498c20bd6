/* SPDX-License-Identifier: MIT */
/*
 * btrfs - where its data really lie
 *
 * FIEMAP on btrfs tells addresses in a space of its own; the chunk tree maps chunks of it to
 * devices (linux/btrfs_tree.h).
 */
#ifndef HEADROOM_BTRFS_H
#define HEADROOM_BTRFS_H

#include "err.h"

/**
 * btrfs_physical() - the place on the device of an address that FIEMAP told
 * @fd:       any file or folder of the file system
 * @name:     for the message
 * @physical: bytes from the beginning of the device
 *
 * Return: 0; -EOPNOTSUPP if the address lies on several devices or twice on one (any profile but
 * "single"); -EPERM without CAP_SYS_ADMIN; -ENODATA if no chunk holds it; or another negated errno.
 */
int btrfs_physical(int fd, const char *name, uint64_t logical, uint64_t *physical, struct err *e);

/**
 * btrfs_identity() - the UUID of the file system
 *
 * Return: 0; -EOPNOTSUPP if it has several devices, because the UUID names none of them; or another
 * negated errno.
 */
int btrfs_identity(int fd, const char *name, uint8_t uuid[static 16], struct err *e);

#endif
