/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "verdict.h"
#include <math.h>

/* The input is four texts with NULs between them: vmstat and memory.stat of two moments. */
static bool take(const char **text, const char *end, enum reclaim_source source,
                 struct reclaim_counters *c)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    const char *stop = memchr(*text, '\0', (size_t)(end - *text));
    int r;

    stop = stop ? stop : end;
    r = reclaim_counters_parse(c, source, *text, (size_t)(stop - *text), &e);
    MUST(r == 0 ? !e.text : (r == -EBADMSG || r == -EOVERFLOW) && e.text);
    *text = stop < end ? stop + 1 : end;
    return r == 0;
}

static void check_amount(const struct reclaim_amount *a)
{
    uint64_t n;

    MUST(a->low <= a->high);
    MUST(a->known || a->high == 0);
    MUST(!reclaim_number(a, &n) || n == a->high);
}

static void check(const struct reclaim *r)
{
    enum verdict v = verdict_of(r);
    char reason[VERDICT_REASON_MAX];
    double n;

    for (int i = 0; i < RECLAIM_WHO; i++) {
        check_amount(&r->scanned[i]);
        check_amount(&r->stolen[i]);
        MUST(!reclaim_efficiency(&r->scanned[i], &r->stolen[i], &n) || (n >= 0 && n <= 100));
    }
    check_amount(&r->all_scanned);
    check_amount(&r->all_stolen);
    MUST(!reclaim_efficiency(&r->all_scanned, &r->all_stolen, &n) || (n >= 0 && n <= 100));
    MUST(!reclaim_refault_ratio(r, &n) || (isfinite(n) && n >= 0));
    MUST(v < VERDICTS && *verdict_text(v));
    MUST(strlen(verdict_reason(r, v, reason)) > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *copy = fuzz_text(data, size);
    struct reclaim_counters before = RECLAIM_COUNTERS_INIT, after = RECLAIM_COUNTERS_INIT;
    const char *text = copy, *end = copy + size;
    struct reclaim r;

    reclaim_counters_node(&before, copy, size);
    if (!take(&text, end, RECLAIM_VMSTAT, &before) || !take(&text, end, RECLAIM_ROOT, &before) ||
        !take(&text, end, RECLAIM_VMSTAT, &after) || !take(&text, end, RECLAIM_ROOT, &after))
        return 0;
    if (size > 0 && data[0] & 1) {
        reclaim_counters_hits(&before, 0, data[0] & 2);
        reclaim_counters_hits(&after, data[0], data[0] & 2);
    }
    if (reclaim_attribute(&before, &after, &r) == 0)
        check(&r);
    return 0;
}
