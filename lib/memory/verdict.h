/* SPDX-License-Identifier: MIT */
/* verdict - in one word who is behind what was reclaimed, and why; pure */
#ifndef HEADROOM_VERDICT_H
#define HEADROOM_VERDICT_H

#include "reclaim.h"

enum verdict {
    VERDICT_NONE,
    VERDICT_KSWAPD, /* host pressure (kswapd): in the background, nobody waited for it */
    VERDICT_DIRECT, /* host pressure (direct): programs waited */
    VERDICT_LIMIT,  /* cgroup limit */
    VERDICT_PROACTIVE,
    VERDICT_MIXED, /* more than one of them */
    VERDICTS,
};

/* Whoever scanned or stole at least a twentieth of the pages is behind it. What is only known to
 * lie between two bounds counts with the higher one. */
enum verdict verdict_of(const struct reclaim *r);

/* "none", "host pressure (kswapd)", "cgroup limit". */
const char *verdict_text(enum verdict v);

/* Why, in words, and what not to conclude from it. Return: @buf. */
enum { VERDICT_REASON_MAX = 800 };
const char *verdict_reason(const struct reclaim *r, enum verdict v,
                           char buf[static VERDICT_REASON_MAX]);

#endif
