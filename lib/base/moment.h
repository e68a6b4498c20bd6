/* SPDX-License-Identifier: MIT */
/* moment - points in time as people and programs write them */
#ifndef HEADROOM_MOMENT_H
#define HEADROOM_MOMENT_H

#include "err.h"

/**
 * moment_parse() - read a point in time
 * @text:   "2026-11-22", "2026-11-22T21:40", "2026-11-22 21:40:05.5", each also with "Z" or
 *          "+01:00" at the end and otherwise by the local clock; "21:40" and "21:40:05" of today;
 *          "@1763847600" seconds since 1970; "now"; "-90s", "-1h30m" before now
 * @now_ms: milliseconds since 1970
 *
 * Return: 0; -EINVAL as ERR_USAGE.
 */
int moment_parse(const char *text, uint64_t now_ms, uint64_t *ms, struct err *e);

enum { MOMENT_TEXT_MAX = 80 };

/* "2026-11-22T21:40:05.123Z" of milliseconds since 1970, not later than the year 9999. Return:
 * @out. */
const char *moment_utc(uint64_t ms, char out[static MOMENT_TEXT_MAX]);

/* "2026-11-22 21:40:05" by the local clock. Return: @out. */
const char *moment_local(uint64_t ms, char out[static MOMENT_TEXT_MAX]);

/* How far the local clock is ahead of UTC at that time: "+01:00", or "UTC" for 0. Return: @out. */
const char *moment_zone(uint64_t ms, char out[static MOMENT_TEXT_MAX]);

/* CLOCK_REALTIME in milliseconds. */
uint64_t moment_now(void);

#endif
