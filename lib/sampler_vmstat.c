/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

enum counter {
    SCAN_KSWAPD,
    SCAN_DIRECT,
    SCAN_KHUGEPAGED,
    SCAN_PROACTIVE,
    STEAL_KSWAPD,
    STEAL_DIRECT,
    STEAL_KHUGEPAGED,
    STEAL_PROACTIVE,
    SCAN_ANON,
    SCAN_FILE,
    STEAL_ANON,
    STEAL_FILE,
    REFAULT,
    REFAULT_ANON,
    REFAULT_FILE,
    SWAP_IN,
    SWAP_OUT,
    OOM_KILL,
    COUNTERS,
};

static const struct keyed_key keys[COUNTERS] = {
    [SCAN_KSWAPD] = KEYED_KEY("pgscan_kswapd"),
    [SCAN_DIRECT] = KEYED_KEY("pgscan_direct"),
    [SCAN_KHUGEPAGED] = KEYED_KEY("pgscan_khugepaged"),
    [SCAN_PROACTIVE] = KEYED_KEY("pgscan_proactive"),
    [STEAL_KSWAPD] = KEYED_KEY("pgsteal_kswapd"),
    [STEAL_DIRECT] = KEYED_KEY("pgsteal_direct"),
    [STEAL_KHUGEPAGED] = KEYED_KEY("pgsteal_khugepaged"),
    [STEAL_PROACTIVE] = KEYED_KEY("pgsteal_proactive"),
    [SCAN_ANON] = KEYED_KEY("pgscan_anon"),
    [SCAN_FILE] = KEYED_KEY("pgscan_file"),
    [STEAL_ANON] = KEYED_KEY("pgsteal_anon"),
    [STEAL_FILE] = KEYED_KEY("pgsteal_file"),
    [REFAULT] = KEYED_KEY("workingset_refault"),
    [REFAULT_ANON] = KEYED_KEY("workingset_refault_anon"),
    [REFAULT_FILE] = KEYED_KEY("workingset_refault_file"),
    [SWAP_IN] = KEYED_KEY("pswpin"),
    [SWAP_OUT] = KEYED_KEY("pswpout"),
    [OOM_KILL] = KEYED_KEY("oom_kill"),
};

struct counters {
    uint64_t n[COUNTERS];
    uint64_t has; /* a bit for each */
};

struct vmstat_family {
    struct kept file;
    struct keyed keys;
    struct counters now, before;
    struct err e;
};

static int vmstat_open(const struct sampler_call *call _unused_, void **out, struct err *e)
{
    struct vmstat_family *v = calloc(1, sizeof(*v));

    if (!v)
        return err_oom(e);
    v->file = KEPT_INIT("/proc/vmstat");
    v->keys = KEYED_INIT(keys, ' ');
    *out = v;
    return 0;
}

static void vmstat_close(void *own)
{
    struct vmstat_family *v = own;

    kept_close(&v->file);
    err_clear(&v->e);
    free(v);
}

static int scan(struct vmstat_family *v, const struct procscan_text *text)
{
    struct kv_span values[COUNTERS];

    keyed_find(&v->keys, text->p, text->n, values);
    for (size_t i = 0; i < COUNTERS; i++) {
        int r = values[i].p ? kv_u64(values[i], &v->now.n[i], NULL) : 0;

        if (r < 0)
            return err_set(&v->e, r, "vmstat: %s is no number: \"%.*s\"", keys[i].name,
                           values[i].n < 40 ? (int)values[i].n : 40, values[i].p);
        if (values[i].p)
            v->now.has |= UINT64_C(1) << i;
    }
    return 0;
}

/* How much the counters of a list have grown together: those that this kernel has. */
static enum sampler_state grew(const struct vmstat_family *v, const enum counter *list, size_t n,
                               uint64_t *out)
{
    uint64_t sum = 0;
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        uint64_t bit = UINT64_C(1) << list[i], was = v->before.n[list[i]], is = v->now.n[list[i]];

        if (!(v->now.has & bit))
            continue;
        if (!(v->before.has & bit) || is < was || __builtin_add_overflow(sum, is - was, &sum))
            return SAMPLER_EARLY;
        any = true;
    }
    *out = sum;
    return any ? SAMPLER_NUMBER : SAMPLER_ABSENT;
}

/* What is looked at, and taken: two splits of one sum, of which the newer is the whole one. */
static enum sampler_state grew_whole(const struct vmstat_family *v, bool steal, uint64_t *out)
{
    static const enum counter by_kind[2][2] = {{SCAN_ANON, SCAN_FILE}, {STEAL_ANON, STEAL_FILE}};
    static const enum counter by_who[2][4] = {
        {SCAN_KSWAPD, SCAN_DIRECT, SCAN_KHUGEPAGED, SCAN_PROACTIVE},
        {STEAL_KSWAPD, STEAL_DIRECT, STEAL_KHUGEPAGED, STEAL_PROACTIVE}};
    enum sampler_state state = grew(v, by_kind[steal], 2, out);

    return state == SAMPLER_ABSENT ? grew(v, by_who[steal], 4, out) : state;
}

static enum sampler_state grew_refault(const struct vmstat_family *v, uint64_t *out)
{
    static const enum counter split[] = {REFAULT_ANON, REFAULT_FILE}, old[] = {REFAULT};
    enum sampler_state state = grew(v, split, 2, out);

    return state == SAMPLER_ABSENT ? grew(v, old, 1, out) : state;
}

static void say_state(struct sampler_slot *s, enum sampler_state state)
{
    sampler_slot_say(s, state, 0,
                     state == SAMPLER_ABSENT
                         ? "this kernel does not count it"
                         : "is told between two samples, and the one before does not serve");
}

static void say_rate(struct sampler_slot *s, const struct vmstat_family *v, enum counter what,
                     double unit, const struct sampler_call *call)
{
    uint64_t n = 0;
    enum sampler_state state = grew(v, &what, 1, &n);

    if (state == SAMPLER_NUMBER && call->interval == 0)
        state = SAMPLER_EARLY;
    if (state == SAMPLER_NUMBER)
        sampler_slot_number(s, (double)n * unit * 1e9 / (double)call->interval);
    else
        say_state(s, state);
}

static void say_ratio(struct sampler_slot *s, enum sampler_state top_state, uint64_t top,
                      enum sampler_state bottom_state, uint64_t bottom, double unit,
                      const char *nothing)
{
    enum sampler_state state = top_state != SAMPLER_NUMBER ? top_state : bottom_state;

    if (state != SAMPLER_NUMBER)
        say_state(s, state);
    else if (bottom == 0)
        sampler_slot_say(s, SAMPLER_ABSENT, 0, nothing);
    else
        sampler_slot_number(s, unit * (double)top / (double)bottom);
}

static void say(struct sampler_slot *s, const struct vmstat_family *v,
                const struct sampler_call *call)
{
    double page = (double)sysconf(_SC_PAGESIZE);
    static const enum counter kills[] = {OOM_KILL};
    enum sampler_state top, bottom;
    uint64_t a = 0, b = 0;

    switch (s->metric->info->id) {
    case METRIC_RECLAIM_KSWAPD:
        say_rate(s, v, SCAN_KSWAPD, 1, call);
        break;
    case METRIC_RECLAIM_PROACTIVE:
        say_rate(s, v, SCAN_PROACTIVE, 1, call);
        break;
    case METRIC_RECLAIM_KHUGEPAGED:
        say_rate(s, v, SCAN_KHUGEPAGED, 1, call);
        break;
    case METRIC_SWAP_IN:
        say_rate(s, v, SWAP_IN, page, call);
        break;
    case METRIC_SWAP_OUT:
        say_rate(s, v, SWAP_OUT, page, call);
        break;
    case METRIC_OOM:
        top = grew(v, kills, 1, &a);
        if (top == SAMPLER_NUMBER)
            sampler_slot_number(s, (double)a);
        else
            say_state(s, top);
        break;
    case METRIC_RECLAIM_EFFICIENCY:
        top = grew_whole(v, true, &a);
        bottom = grew_whole(v, false, &b);
        say_ratio(s, top, a, bottom, b, 100, "no page was looked at");
        break;
    case METRIC_REFAULT_RATIO:
        top = grew_refault(v, &a);
        bottom = grew_whole(v, true, &b);
        say_ratio(s, top, a, bottom, b, 1, "no page was taken away");
        break;
    default: /* reclaim.direct and reclaim.limit, which are one number on some kernels */
        say_state(s, SAMPLER_ABSENT);
    }
}

static void vmstat_take(void *own, const struct sampler_call *call)
{
    struct vmstat_family *v = own;
    int r = kept_read(&v->file, call->root, NULL, call->text);

    err_clear(&v->e);
    v->before = v->now;
    v->now.has = 0;
    if (r == 0)
        r = scan(v, call->text);
    if (r < 0)
        v->now.has = 0;
    for (struct sampler_slot *s = call->first; s; s = s->next)
        if (r == 0)
            say(s, v, call);
        else if (v->e.text)
            sampler_slot_broken(s, &v->e);
        else
            sampler_slot_unread(s, r, "there is no /proc/vmstat; mount /proc");
}

const struct sampler_family sampler_vmstat_family = {vmstat_open, vmstat_take, vmstat_close};
