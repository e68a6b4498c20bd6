/* SPDX-License-Identifier: MIT */
#include "reclaim.h"

#include "kv.h"

struct name {
    const char *text;
    size_t len;
};

#define NAME(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

static const struct name names[RECLAIM_HITS] = {
    [RECLAIM_SCAN_KSWAPD] = NAME("pgscan_kswapd"),
    [RECLAIM_SCAN_DIRECT] = NAME("pgscan_direct"),
    [RECLAIM_SCAN_KHUGEPAGED] = NAME("pgscan_khugepaged"),
    [RECLAIM_SCAN_PROACTIVE] = NAME("pgscan_proactive"),
    [RECLAIM_SCAN_ANON] = NAME("pgscan_anon"),
    [RECLAIM_SCAN_FILE] = NAME("pgscan_file"),
    [RECLAIM_STEAL_KSWAPD] = NAME("pgsteal_kswapd"),
    [RECLAIM_STEAL_DIRECT] = NAME("pgsteal_direct"),
    [RECLAIM_STEAL_KHUGEPAGED] = NAME("pgsteal_khugepaged"),
    [RECLAIM_STEAL_PROACTIVE] = NAME("pgsteal_proactive"),
    [RECLAIM_STEAL_ANON] = NAME("pgsteal_anon"),
    [RECLAIM_STEAL_FILE] = NAME("pgsteal_file"),
    [RECLAIM_REFAULT] = NAME("workingset_refault"),
    [RECLAIM_REFAULT_ANON] = NAME("workingset_refault_anon"),
    [RECLAIM_REFAULT_FILE] = NAME("workingset_refault_file"),
    [RECLAIM_STALL] = NAME("allocstall"),
    [RECLAIM_STALL_DMA] = NAME("allocstall_dma"),
    [RECLAIM_STALL_DMA32] = NAME("allocstall_dma32"),
    [RECLAIM_STALL_NORMAL] = NAME("allocstall_normal"),
    [RECLAIM_STALL_HIGH] = NAME("allocstall_high"),
    [RECLAIM_STALL_MOVABLE] = NAME("allocstall_movable"),
    [RECLAIM_STALL_DEVICE] = NAME("allocstall_device"),
    [RECLAIM_ZONE_SUCCESS] = NAME("zone_reclaim_success"),
    [RECLAIM_ZONE_FAILED] = NAME("zone_reclaim_failed"),
    [RECLAIM_ROOT_SCAN] = NAME("pgscan"),
    [RECLAIM_ROOT_SCAN_DIRECT] = NAME("pgscan_direct"),
    [RECLAIM_ROOT_SCAN_KHUGEPAGED] = NAME("pgscan_khugepaged"),
    [RECLAIM_ROOT_SCAN_PROACTIVE] = NAME("pgscan_proactive"),
    [RECLAIM_ROOT_STEAL] = NAME("pgsteal"),
    [RECLAIM_ROOT_STEAL_DIRECT] = NAME("pgsteal_direct"),
    [RECLAIM_ROOT_STEAL_KHUGEPAGED] = NAME("pgsteal_khugepaged"),
    [RECLAIM_ROOT_STEAL_PROACTIVE] = NAME("pgsteal_proactive"),
};

/* Most of a text's names begin otherwise; those of vmstat with an "n" for the most part. */
static bool may_be_ours(const char *key, size_t len)
{
    return len > 5 && (memcmp(key, "pgs", 3) == 0 || memcmp(key, "workin", 6) == 0 ||
                       memcmp(key, "allocs", 6) == 0 || memcmp(key, "zone_r", 6) == 0);
}

int reclaim_key(enum reclaim_source source, const char *key, size_t len)
{
    bool vmstat = source == RECLAIM_VMSTAT;
    int first = vmstat ? 0 : RECLAIM_ROOT_SCAN, end = vmstat ? RECLAIM_ROOT_SCAN : RECLAIM_HITS;

    if (!may_be_ours(key, len))
        return -1;
    for (int i = first; i < end; i++)
        if (names[i].len == len && memcmp(names[i].text, key, len) == 0)
            return i;
    return -1;
}

const char *reclaim_key_name(enum reclaim_key key)
{
    return key < RECLAIM_HITS ? names[key].text : NULL;
}

static bool has(const struct reclaim_counters *c, enum reclaim_key key)
{
    return c->present >> key & 1;
}

void reclaim_counters_put(struct reclaim_counters *c, enum reclaim_key key, uint64_t value)
{
    if (has(c, key))
        return;
    c->present |= UINT64_C(1) << key;
    c->value[key] = value;
}

bool reclaim_counters_take(struct reclaim_counters *c, enum reclaim_source source, const char *key,
                           size_t len, uint64_t value)
{
    int k = reclaim_key(source, key, len);

    if (k >= 0) {
        reclaim_counters_put(c, (enum reclaim_key)k, value);
        if (k == RECLAIM_SCAN_KSWAPD && !c->saw_events)
            c->of_node = true;
    } else if (source == RECLAIM_VMSTAT && len == 6 && memcmp(key, "pgpgin", 6) == 0) {
        c->saw_events = true;
    }
    return k >= 0;
}

static const char *file_name(enum reclaim_source source)
{
    return source == RECLAIM_VMSTAT ? "/proc/vmstat" : "memory.stat";
}

/* @end: of the line; a number that no newline ends may have lost its last digits. */
static int take_line(struct reclaim_counters *c, enum reclaim_source source, const char *line,
                     const char *end, bool whole, struct err *e)
{
    const char *blank = memchr(line, ' ', (size_t)(end - line));
    size_t len = blank ? (size_t)(blank - line) : (size_t)(end - line);
    bool ours = reclaim_key(source, line, len) >= 0;
    uint64_t value = 0;
    int r = 0;

    if (ours)
        r = !blank || !whole
                ? -EBADMSG
                : kv_u64((struct kv_span){blank + 1, (size_t)(end - blank - 1)}, &value, NULL);
    if (r < 0)
        return err_set(e, r, "%s: %.*s is %s", file_name(source), (int)len, line,
                       r == -EOVERFLOW ? "larger than a counter can be" : "no whole number");
    reclaim_counters_take(c, source, line, len, value);
    return 0;
}

int reclaim_counters_parse(struct reclaim_counters *c, enum reclaim_source source, const char *text,
                           size_t len, struct err *e)
{
    const char *stop = text + len;
    int r = 0;

    while (text < stop && r == 0) {
        const char *newline = memchr(text, '\n', (size_t)(stop - text));

        r = take_line(c, source, text, newline ? newline : stop, newline != NULL, e);
        text = newline ? newline + 1 : stop;
    }
    return r;
}

void reclaim_counters_node(struct reclaim_counters *c, const char *text, size_t len)
{
    static const char name[] = "\npgscan_kswapd ";

    c->of_node = (len >= sizeof(name) - 2 && memcmp(text, name + 1, sizeof(name) - 2) == 0) ||
                 memmem(text, len, name, sizeof(name) - 1);
}

void reclaim_counters_hits(struct reclaim_counters *c, uint64_t hits, bool all)
{
    c->present &= ~(UINT64_C(1) << RECLAIM_HITS);
    reclaim_counters_put(c, RECLAIM_HITS, hits);
    c->hits_of_all = all;
}

/* ---- between two moments */

/* What is needed of two moments: how much each counter grew. */
struct growth {
    uint64_t by[RECLAIM_KEYS];
    uint64_t present;
};

static int grow(const struct reclaim_counters *before, const struct reclaim_counters *after,
                struct growth *out)
{
    out->present = before->present & after->present;
    for (unsigned key = 0; key < RECLAIM_KEYS; key++) {
        if (!(out->present >> key & 1))
            continue;
        if (after->value[key] < before->value[key])
            return RECLAIM_DROPPED;
        out->by[key] = after->value[key] - before->value[key];
    }
    return 0;
}

static struct reclaim_amount absent(void)
{
    return (struct reclaim_amount){.known = false};
}

static struct reclaim_amount between(uint64_t low, uint64_t high)
{
    return (struct reclaim_amount){true, low, high};
}

static struct reclaim_amount of(const struct growth *g, enum reclaim_key key)
{
    return g->present >> key & 1 ? between(g->by[key], g->by[key]) : absent();
}

static uint64_t sum(uint64_t a, uint64_t b)
{
    return __builtin_add_overflow(a, b, &a) ? UINT64_MAX : a;
}

/* Of those that are known; absent if none is. */
static struct reclaim_amount sum_of(const struct growth *g, enum reclaim_key first,
                                    enum reclaim_key last)
{
    struct reclaim_amount a = absent();

    for (enum reclaim_key key = first; key <= last; key++)
        if (g->present >> key & 1)
            a = between(sum(a.low, g->by[key]), sum(a.low, g->by[key]));
    return a;
}

/* Counters that are read one after the other differ by a little: less than nothing is nothing. */
static struct reclaim_amount rest(struct reclaim_amount all, struct reclaim_amount part)
{
    uint64_t n = all.low > part.low ? all.low - part.low : 0;

    return all.known && part.known ? between(n, n) : absent();
}

/* The same questions are asked of what was scanned and of what was stolen. */
struct view {
    enum reclaim_key kswapd, direct, khugepaged, proactive, anon, file;
    enum reclaim_key root, root_direct, root_khugepaged, root_proactive;
};

static const struct view scans = {
    RECLAIM_SCAN_KSWAPD,         RECLAIM_SCAN_DIRECT,      RECLAIM_SCAN_KHUGEPAGED,
    RECLAIM_SCAN_PROACTIVE,      RECLAIM_SCAN_ANON,        RECLAIM_SCAN_FILE,
    RECLAIM_ROOT_SCAN,           RECLAIM_ROOT_SCAN_DIRECT, RECLAIM_ROOT_SCAN_KHUGEPAGED,
    RECLAIM_ROOT_SCAN_PROACTIVE,
};
static const struct view steals = {
    RECLAIM_STEAL_KSWAPD,         RECLAIM_STEAL_DIRECT,      RECLAIM_STEAL_KHUGEPAGED,
    RECLAIM_STEAL_PROACTIVE,      RECLAIM_STEAL_ANON,        RECLAIM_STEAL_FILE,
    RECLAIM_ROOT_STEAL,           RECLAIM_ROOT_STEAL_DIRECT, RECLAIM_ROOT_STEAL_KHUGEPAGED,
    RECLAIM_ROOT_STEAL_PROACTIVE,
};

static bool both_have(const struct growth *g, enum reclaim_key a, enum reclaim_key b)
{
    return (g->present >> a & 1) && (g->present >> b & 1);
}

/* Pages of what kind, or else the root group's sum: each has all that there was. */
static struct reclaim_amount everything(const struct growth *g, const struct view *v)
{
    return both_have(g, v->anon, v->file) ? sum_of(g, v->anon, v->file) : of(g, v->root);
}

/* Up to Linux 7.0: what the reclaimers' counters lack was made by limits. */
static struct reclaim_amount old_limit(const struct growth *g, const struct view *v)
{
    if (both_have(g, v->root_direct, v->direct))
        return rest(of(g, v->root_direct), of(g, v->direct));
    if (!both_have(g, v->kswapd, v->direct))
        return absent();
    return rest(everything(g, v), sum_of(g, v->kswapd, v->proactive));
}

static void attribute_old(const struct growth *g, const struct view *v,
                          struct reclaim_amount out[static RECLAIM_WHO])
{
    out[RECLAIM_KSWAPD] = of(g, v->kswapd);
    out[RECLAIM_DIRECT] = of(g, v->direct);
    out[RECLAIM_LIMIT] = old_limit(g, v);
    /* the root group's have groups' too */
    out[RECLAIM_PROACTIVE] = of(g, v->root_proactive);
    if (!out[RECLAIM_PROACTIVE].known)
        out[RECLAIM_PROACTIVE] = of(g, v->proactive);
    out[RECLAIM_KHUGEPAGED] = of(g, v->root_khugepaged);
    if (!out[RECLAIM_KHUGEPAGED].known)
        out[RECLAIM_KHUGEPAGED] = of(g, v->khugepaged);
}

/* Did the machine's own shortage make somebody reclaim? What is not counted may have. */
static bool host_may_have(const struct growth *g)
{
    struct reclaim_amount stalls = sum_of(g, RECLAIM_STALL, RECLAIM_STALL_DEVICE);
    struct reclaim_amount zones = sum_of(g, RECLAIM_ZONE_SUCCESS, RECLAIM_ZONE_FAILED);

    return !stalls.known || stalls.high > 0 || zones.high > 0;
}

static bool limit_may_have(const struct growth *g, bool hits_of_all)
{
    struct reclaim_amount hits = of(g, RECLAIM_HITS);

    return !hits.known || !hits_of_all || hits.high > 0;
}

static void attribute_new(const struct growth *g, const struct view *v, bool hits_of_all,
                          struct reclaim_amount out[static RECLAIM_WHO])
{
    struct reclaim_amount direct = of(g, v->direct);

    out[RECLAIM_KSWAPD] = of(g, v->kswapd);
    out[RECLAIM_PROACTIVE] = of(g, v->proactive);
    out[RECLAIM_KHUGEPAGED] = of(g, v->khugepaged);
    out[RECLAIM_DIRECT] = out[RECLAIM_LIMIT] = direct;
    if (!direct.known || direct.high == 0)
        return;
    if (!host_may_have(g))
        out[RECLAIM_DIRECT] = between(0, 0);
    else if (!limit_may_have(g, hits_of_all))
        out[RECLAIM_LIMIT] = between(0, 0);
    else
        out[RECLAIM_DIRECT] = out[RECLAIM_LIMIT] = between(0, direct.high);
}

/* Before 6.15 writing to memory.reclaim is counted as if it were a limit. It is told apart where no
 * group met one. */
static void part_proactive(const struct growth *g, bool hits_of_all, struct reclaim *r)
{
    if (r->scanned[RECLAIM_PROACTIVE].known || !r->scanned[RECLAIM_LIMIT].known)
        return;
    if (r->scanned[RECLAIM_LIMIT].high > 0 && limit_may_have(g, hits_of_all)) {
        r->with_proactive = true;
        return;
    }
    r->scanned[RECLAIM_PROACTIVE] = r->scanned[RECLAIM_LIMIT];
    r->scanned[RECLAIM_LIMIT] = between(0, 0);
    r->stolen[RECLAIM_PROACTIVE] = r->stolen[RECLAIM_LIMIT];
    if (r->stolen[RECLAIM_LIMIT].known)
        r->stolen[RECLAIM_LIMIT] = between(0, 0);
}

/* Both in the same view, the one that has the most. */
static void add_totals(const struct growth *g, bool of_node, struct reclaim *r)
{
    bool kinds = both_have(g, RECLAIM_SCAN_ANON, RECLAIM_SCAN_FILE) &&
                 both_have(g, RECLAIM_STEAL_ANON, RECLAIM_STEAL_FILE);

    if (kinds || (!of_node && both_have(g, RECLAIM_ROOT_SCAN, RECLAIM_ROOT_STEAL))) {
        r->all_scanned = kinds ? everything(g, &scans) : of(g, RECLAIM_ROOT_SCAN);
        r->all_stolen = kinds ? everything(g, &steals) : of(g, RECLAIM_ROOT_STEAL);
        r->all = true;
        return;
    }
    r->all_scanned = sum_of(g, RECLAIM_SCAN_KSWAPD, RECLAIM_SCAN_PROACTIVE);
    r->all_stolen = sum_of(g, RECLAIM_STEAL_KSWAPD, RECLAIM_STEAL_PROACTIVE);
    r->all = of_node && r->all_scanned.known && r->all_stolen.known;
}

int reclaim_attribute(const struct reclaim_counters *before, const struct reclaim_counters *after,
                      struct reclaim *out)
{
    struct reclaim r = {.hits_of_all = before->hits_of_all && after->hits_of_all};
    struct growth g;

    if (grow(before, after, &g) != 0)
        return RECLAIM_DROPPED;
    if (after->of_node) {
        attribute_new(&g, &scans, r.hits_of_all, r.scanned);
        attribute_new(&g, &steals, r.hits_of_all, r.stolen);
    } else {
        attribute_old(&g, &scans, r.scanned);
        attribute_old(&g, &steals, r.stolen);
        part_proactive(&g, r.hits_of_all, &r);
    }
    add_totals(&g, after->of_node, &r);
    r.refaults = sum_of(&g, RECLAIM_REFAULT_ANON, RECLAIM_REFAULT_FILE);
    if (!r.refaults.known)
        r.refaults = of(&g, RECLAIM_REFAULT);
    r.stalls = sum_of(&g, RECLAIM_STALL, RECLAIM_STALL_DEVICE);
    r.hits = of(&g, RECLAIM_HITS);
    *out = r;
    return 0;
}

bool reclaim_number(const struct reclaim_amount *a, uint64_t *out)
{
    if (!a->known || a->low != a->high)
        return false;
    *out = a->low;
    return true;
}

bool reclaim_efficiency(const struct reclaim_amount *scanned, const struct reclaim_amount *stolen,
                        double *out)
{
    uint64_t of_these, taken;

    if (!reclaim_number(scanned, &of_these) || !reclaim_number(stolen, &taken) || of_these == 0)
        return false;
    /* a page that was scanned just before the interval may be stolen in it */
    *out = taken < of_these ? 100.0 * (double)taken / (double)of_these : 100.0;
    return true;
}

bool reclaim_refault_ratio(const struct reclaim *r, double *out)
{
    uint64_t came, went;

    if (!r->all || !reclaim_number(&r->refaults, &came) || !reclaim_number(&r->all_stolen, &went) ||
        went == 0)
        return false;
    *out = (double)came / (double)went;
    return true;
}
