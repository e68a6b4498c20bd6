/* SPDX-License-Identifier: MIT */
/* arc - ZFS' cache: /proc/spl/kstat/zfs/arcstats */
#ifndef HEADROOM_ARC_H
#define HEADROOM_ARC_H

#include "err.h"
#include "keyed.h"

/* In bytes. */
struct arc {
    uint64_t size;
    uint64_t reclaimable; /* what is above the minimum that ZFS keeps */
};

/* The fields, for arc_scan(). */
struct keyed arc_keys(void);

/**
 * arc_scan() - read the text of arcstats; pure
 * @k: of arc_keys(); remembers where the fields stand
 *
 * Lines are "name type value".
 *
 * Return: 0; -ENODATA without size or c_min; -EBADMSG or -EOVERFLOW if one is no number.
 */
int arc_scan(struct keyed *k, const char *text, size_t len, struct arc *out, struct err *e);

#endif
