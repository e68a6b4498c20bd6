/* SPDX-License-Identifier: MIT */
/* meminfo - the memory totals of the system: /proc/meminfo, proc(5) */
#ifndef HEADROOM_MEMINFO_H
#define HEADROOM_MEMINFO_H

#include "keyed.h"
#include "root.h"

/* All in bytes. */
struct meminfo {
    uint64_t total;
    uint64_t free;
    uint64_t available; /* never above total; estimated where the kernel says 0 or nothing
                           (available_estimated) */
    bool available_estimated;
    uint64_t buffers;
    uint64_t cached;
    uint64_t sreclaimable; /* 0 where the kernel lacks it */
    uint64_t swap_total;
    uint64_t swap_free;
    uint64_t swap_cached;
    uint64_t committed_as;
    uint64_t commit_limit;
};

/**
 * meminfo_parse() - read the text of /proc/meminfo; pure
 *
 * An available that is absent (before Linux 3.14) or 0 is estimated as free + buffers + cached +
 * sreclaimable, at most total; one above total (seen in containers) is replaced by free.
 *
 * Return: 0; -ENODATA if MemTotal, MemFree or SwapTotal is missing; -EBADMSG or -EOVERFLOW if a
 * value is not a size.
 */
int meminfo_parse(const char *text, struct meminfo *out, struct err *e);

/* The fields, for those who read them again and again: keyed.h. */
enum { MEMINFO_FIELDS = 11 };
struct keyed meminfo_keys(void);

/**
 * meminfo_take() - the same from the values of these fields
 *
 * One that is cut off is no size.
 */
int meminfo_take(const struct kv_span values[static MEMINFO_FIELDS], struct meminfo *out,
                 struct err *e);

/**
 * meminfo_read() - read the memory totals of a system
 * @out: set on success, untouched on failure
 *
 * Return: as meminfo_parse(), or the negated errno of open(2) or read(2).
 */
int meminfo_read(const struct root *root, struct meminfo *out, struct err *e);

#endif
