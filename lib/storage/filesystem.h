/* SPDX-License-Identifier: MIT */
/*
 * filesystem - what lies under a file, and whether the kernel can swap to a file on it
 *
 * Told by the magic number of statfs(2), because st_dev says nothing on btrfs and overlay. A file
 * system that is not in the table is given a try: the kernel decides.
 */
#ifndef HEADROOM_FILESYSTEM_H
#define HEADROOM_FILESYSTEM_H

#include "root.h"

enum filesystem_swap {
    FILESYSTEM_SWAP_YES,
    FILESYSTEM_SWAP_LOOP, /* not to a file, but to a loop device over it; the reason is in .why */
    FILESYSTEM_SWAP_NO,   /* the same */
};

struct filesystem {
    const char *name; /* as in mount(8): "ext4", "xfs"; NULL if unknown; static */
    enum filesystem_swap swap;
    const char *why;    /* cause and remedy, for messages; static */
    bool nocow;         /* the file needs FS_NOCOW_FL before it has any content (btrfs) */
    bool pin;           /* the file must be pinned before it has any content (f2fs) */
    bool read_only;     /* mounted so */
    uint64_t available; /* bytes free for this process; advice only */
};

/* @fd: any descriptor, O_PATH too; @name for the message. Return: 0 or the negated errno of
 * fstatfs(2). */
int filesystem_of(int fd, const char *name, struct filesystem *out, struct err *e);

/**
 * filesystem_check_swap() - refuse what cannot hold a swap file
 *
 * Return: 0; -EOPNOTSUPP for a kind that cannot; -EROFS for a read-only mount of one that could.
 */
int filesystem_check_swap(const struct filesystem *fs, const char *path, struct err *e);

/* The same for a file that is swapped to through a loop device. */
int filesystem_check_loop(const struct filesystem *fs, const char *path, struct err *e);

/**
 * filesystem_mounted_as() - the type that mount(8) shows for a device
 * @dev: st_dev of a file on it
 * @out: caller frees; NULL if no mount shows that device (btrfs has numbers of its own for each
 * subvolume)
 *
 * ext2, ext3 and ext4 share one magic number: only /proc/self/mountinfo tells them apart.
 *
 * Return: 0 or a negated errno.
 */
int filesystem_mounted_as(const struct root *root, dev_t dev, char **out, struct err *e);

#endif
