/* SPDX-License-Identifier: MIT */
/*
 * extents - how the blocks of a file lie on the disk, as far as swapping to it is concerned
 *
 * Asked by FIEMAP (Documentation/filesystems/fiemap.rst), not by SEEK_HOLE: that reports the
 * allocated but never written blocks that fallocate(2) makes as holes, and the kernel is content
 * with those.
 */
#ifndef HEADROOM_EXTENTS_H
#define HEADROOM_EXTENTS_H

#include "err.h"

struct extents {
    bool known;   /* false: this file system cannot tell */
    bool hole;    /* a part of the file has no blocks */
    bool shared;  /* a part belongs to another file or a snapshot as well */
    bool encoded; /* a part is compressed, encrypted or kept inline */
};

/**
 * extents_look() - look at the first @size bytes of a file
 *
 * Return: 0, or a negated errno of ioctl(2); not supported is known = false, not a failure.
 */
int extents_look(int fd, const char *name, uint64_t size, struct extents *out, struct err *e);

/**
 * extents_first() - where the first @size bytes of a file lie
 * @place: bytes, as the file system counts them: from the beginning of its device, on btrfs in a
 * space of its own (btrfs.h)
 *
 * Return: 0; -EOPNOTSUPP if this file system cannot tell; -EINVAL if they lie in several pieces, in
 * none, or encoded; or another negated errno of ioctl(2).
 */
int extents_first(int fd, const char *name, uint64_t size, uint64_t *place, struct err *e);

/**
 * extents_all_zero() - does the file hold nothing but zero bytes?
 * @interrupted: asked between chunks; may be NULL
 *
 * Parts that have no data (SEEK_DATA) are not read.
 *
 * Return: 1 yes, 0 no, or a negated errno.
 */
int extents_all_zero(int fd, const char *name, bool (*interrupted)(void *), void *arg,
                     struct err *e);

#endif
