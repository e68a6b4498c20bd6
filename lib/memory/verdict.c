/* SPDX-License-Identifier: MIT */
#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>

/* What is derived from counters that are read one after the other is off by a few pages. */
enum { NOISE = 64 };

/* All that was scanned, or stolen, as far as it is known. */
static uint64_t base_of(const struct reclaim_amount *all,
                        const struct reclaim_amount by[static RECLAIM_WHO])
{
    uint64_t base = all->high;

    for (int who = 0; who < RECLAIM_WHO; who++)
        if (by[who].high > base)
            base = by[who].high;
    return base;
}

static bool is_quiet(const struct reclaim *r)
{
    return base_of(&r->all_scanned, r->scanned) == 0;
}

static bool is_part(uint64_t n, uint64_t base)
{
    return n > 0 && n >= base / 20;
}

/* Who scans in vain may scan so much that the others hardly show: what was stolen counts as well.
 */
static bool counts(const struct reclaim *r, enum reclaim_who who)
{
    return is_part(r->scanned[who].high, base_of(&r->all_scanned, r->scanned)) ||
           is_part(r->stolen[who].high, base_of(&r->all_stolen, r->stolen));
}

/* Where pages are not counted, or there were none to scan, the events speak. */
static bool is_limit(const struct reclaim *r)
{
    const struct reclaim_amount *limit = &r->scanned[RECLAIM_LIMIT];
    bool none_met = r->hits.known && r->hits_of_all && r->hits.high == 0;

    if (r->hits.high > 0 && (!limit->known || is_quiet(r)))
        return true;
    return counts(r, RECLAIM_LIMIT) && !(none_met && limit->high < NOISE);
}

enum verdict verdict_of(const struct reclaim *r)
{
    bool kswapd = counts(r, RECLAIM_KSWAPD), direct = counts(r, RECLAIM_DIRECT);
    bool proactive = counts(r, RECLAIM_PROACTIVE), limit = is_limit(r);

    if ((kswapd || direct) + limit + proactive > 1)
        return VERDICT_MIXED;
    if (limit)
        return VERDICT_LIMIT;
    if (proactive)
        return VERDICT_PROACTIVE;
    if (direct)
        return VERDICT_DIRECT;
    return kswapd ? VERDICT_KSWAPD : VERDICT_NONE;
}

const char *verdict_text(enum verdict v)
{
    static const char *const texts[] = {
        [VERDICT_NONE] = "none",
        [VERDICT_KSWAPD] = "host pressure (kswapd)",
        [VERDICT_DIRECT] = "host pressure (direct)",
        [VERDICT_LIMIT] = "cgroup limit",
        [VERDICT_PROACTIVE] = "proactive",
        [VERDICT_MIXED] = "mixed",
    };

    return texts[v];
}

/* ---- the reason */

struct words {
    char *buf;
    size_t at;
};

static void say(struct words *w, const char *fmt, ...) _printf_(2, 3);
static void say(struct words *w, const char *fmt, ...)
{
    size_t room = VERDICT_REASON_MAX - w->at;
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(w->buf + w->at, room, fmt, args);
    va_end(args);
    if (n > 0)
        w->at += (size_t)n < room ? (size_t)n : room - 1;
}

static void say_amount(struct words *w, const struct reclaim_amount *a, const char *thing)
{
    if (!a->known)
        say(w, "an unknown number of %ss", thing);
    else if (a->low == a->high)
        say(w, "%" PRIu64 " %s%s", a->high, thing, a->high == 1 ? "" : "s");
    else
        say(w, "%" PRIu64 " to %" PRIu64 " %ss", a->low, a->high, thing);
}

static void say_trap(struct words *w)
{
    say(w, "; pgscan in a group's memory.stat names whom pages were taken from, not who needed "
           "them");
}

static void say_none(struct words *w, const struct reclaim *r)
{
    const struct reclaim_amount *huge = &r->scanned[RECLAIM_KHUGEPAGED];

    if (huge->high > 0) {
        say_amount(w, huge, "page");
        say(w, " scanned to make room for huge pages, and none for lack of memory");
    } else if (is_quiet(r)) {
        say(w, "no page was scanned");
    } else {
        say_amount(w, &r->all_scanned, "page");
        say(w, " scanned, and nothing tells for whom");
    }
    if (!r->scanned[RECLAIM_LIMIT].known)
        say(w, "; this kernel does not count what limits of groups make it scan");
}

static void say_host(struct words *w, const struct reclaim *r, enum verdict v)
{
    say(w, "the machine is short of memory: kswapd scanned ");
    say_amount(w, &r->scanned[RECLAIM_KSWAPD], "page");
    if (v == VERDICT_DIRECT) {
        say(w, ", and programs waited in ");
        say_amount(w, &r->stalls, "allocation");
        say(w, " and scanned ");
        say_amount(w, &r->scanned[RECLAIM_DIRECT], "page");
    } else {
        say(w, " in the background, and programs hardly had to wait");
    }
    say_trap(w);
    if (!r->scanned[RECLAIM_LIMIT].known)
        say(w, "; this kernel does not count what limits of groups make it scan");
}

static void say_limit(struct words *w, const struct reclaim *r)
{
    const struct reclaim_amount *limit = &r->scanned[RECLAIM_LIMIT];

    if (r->hits.high > 0)
        say(w, "memory.max or memory.high was met %" PRIu64 " time%s", r->hits.high,
            r->hits.high == 1 ? "" : "s");
    else if (r->hits.known && r->hits_of_all)
        say(w, "a limit was lowered");
    else
        say(w, "a limit was met in a group that is not seen from here");
    if (limit->known && is_quiet(r))
        say(w, " and there was no page to scan");
    else if (limit->known)
        say(w, " and %" PRIu64 " page%s scanned for it", limit->high,
            limit->high == 1 ? " was" : "s were");
    else
        say(w, "; this kernel does not count what it scanned for it");
    say(w, "; the machine itself has memory, although its PSI \"some\" rises with that of the "
           "group");
    if (r->with_proactive)
        say(w, "; what is written to memory.reclaim counts with it on this kernel");
}

static void say_mixed(struct words *w, const struct reclaim *r)
{
    static const char *const who[RECLAIM_WHO] = {"kswapd", "direct", "limit", "proactive",
                                                 "khugepaged"};
    const struct reclaim_amount *direct = &r->scanned[RECLAIM_DIRECT];
    const char *comma = "";

    for (int i = 0; i < RECLAIM_WHO; i++) {
        if (r->scanned[i].known && r->scanned[i].high == 0)
            continue;
        if (!r->scanned[i].known && i != RECLAIM_LIMIT)
            continue;
        say(w, "%s%s scanned ", comma, who[i]);
        say_amount(w, &r->scanned[i], "page");
        comma = ", ";
    }
    if (direct->low != direct->high) {
        say(w, "; this kernel counts direct and limit in one: ");
        say_amount(w, &r->stalls, "allocation");
        say(w, " stalled and limits were met ");
        say_amount(w, &r->hits, "time");
    }
    if (r->with_proactive)
        say(w, "; what is written to memory.reclaim counts as limit on this kernel");
    say_trap(w);
}

const char *verdict_reason(const struct reclaim *r, enum verdict v,
                           char buf[static VERDICT_REASON_MAX])
{
    struct words w = {buf, 0};

    switch (v) {
    case VERDICT_NONE:
        say_none(&w, r);
        break;
    case VERDICT_KSWAPD:
    case VERDICT_DIRECT:
        say_host(&w, r, v);
        break;
    case VERDICT_LIMIT:
        say_limit(&w, r);
        break;
    case VERDICT_PROACTIVE:
        say_amount(&w, &r->scanned[RECLAIM_PROACTIVE], "page");
        say(&w, " scanned because somebody wrote to memory.reclaim%s; nobody was short of memory",
            r->hits.known ? ", or lowered a limit" : "");
        break;
    case VERDICT_MIXED:
        say_mixed(&w, r);
        break;
    case VERDICTS:
        break;
    }
    return buf;
}
