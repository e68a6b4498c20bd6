/* SPDX-License-Identifier: MIT */
/*
 * blockdev - a block device: how large it is, and whether somebody uses it
 *
 * Whoever uses a device has claimed it: a mount, an active swap area, a RAID, LVM or encrypted
 * volume on top of it, and with a partition the whole disk. open(2) with O_EXCL is the only answer
 * that holds, because it is a claim of its own; sysfs and mountinfo merely tell who it was.
 */
#ifndef HEADROOM_BLOCKDEV_H
#define HEADROOM_BLOCKDEV_H

#include "root.h"

/* Bytes. Return: 0 or the negated errno of ioctl(2). */
int blockdev_size(int fd, const char *path, uint64_t *out, struct err *e);

/* Root may open a read-only device for writing, and fails only when it writes. Return: 0 or -EROFS.
 */
int blockdev_check_writable(int fd, const char *path, struct err *e);

/**
 * blockdev_claim() - open a device for us alone
 * @fd:   any descriptor of it that is open for reading
 * @path: for messages
 *
 * Return: a descriptor open for reading, caller closes; -EBUSY, and the message says who uses it;
 * or another negated errno.
 */
int blockdev_claim(const struct root *root, int fd, const char *path, struct err *e);

/**
 * blockdev_user() - who uses a device?
 * @dev: its number
 * @out: "is mounted at /mnt"; "is part of /dev/mapper/vg-root (RAID, LVM or encryption)"; "has the
 * partition sda1, which ..."; caller frees
 *
 * Return: 1; 0 if nobody can be seen; or -ENOMEM.
 */
int blockdev_user(const struct root *root, dev_t dev, char **out, struct err *e);

/* Does the kernel know partitions on it? */
bool blockdev_has_partitions(const struct root *root, dev_t dev);

#endif
