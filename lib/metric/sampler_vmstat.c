/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include "cgtree.h"
#include "reclaim.h"

/* In the text of vmstat: those of reclaim, and these. */
enum {
    SWAP_IN = RECLAIM_ROOT_SCAN,
    SWAP_OUT,
    OOM_KILL,
    IN_VMSTAT,
    OTHERS = IN_VMSTAT - SWAP_IN,
    IN_ROOT = RECLAIM_HITS - RECLAIM_ROOT_SCAN,
};

/* What belongs to one moment. */
struct moment {
    struct reclaim_counters reclaim;
    uint64_t others[OTHERS];
    bool has[OTHERS];
    bool whole; /* false: there is none, or it was broken */
};

struct vmstat_family {
    double page; /* bytes */
    struct kept file;
    struct keyed_key keys[IN_VMSTAT];
    unsigned char which[IN_VMSTAT]; /* for each of those that are looked for */
    struct keyed keyed;
    int top; /* of the control groups, if that is the root of them all; or -1 */
    struct kept root_file;
    struct keyed_key root_keys[IN_ROOT];
    struct keyed root_keyed;
    struct moment now, before;
    bool of_node, node_known;
    struct reclaim between;
    bool has_between;
    struct err e;
};

static struct keyed_key key_of(const char *name)
{
    return (struct keyed_key){name, strlen(name)};
}

static const struct {
    const char *name;
    enum metric_id metric;
} others[OTHERS] = {
    [SWAP_IN - SWAP_IN] = {"pswpin", METRIC_SWAP_IN},
    [SWAP_OUT - SWAP_IN] = {"pswpout", METRIC_SWAP_OUT},
    [OOM_KILL - SWAP_IN] = {"oom_kill", METRIC_OOM},
};

static bool wants(const struct sampler_call *call, enum metric_id first, enum metric_id last)
{
    for (const struct sampler_slot *s = call->first; s; s = s->next)
        if (s->metric->info->id >= first && s->metric->info->id <= last)
            return true;
    return false;
}

/* What no metric is made of need not be understood at each sample. */
static bool is_needed(const struct vmstat_family *v, const struct sampler_call *call, size_t key)
{
    bool stolen = wants(call, METRIC_RECLAIM_EFFICIENCY, METRIC_REFAULT_RATIO);

    if (key >= SWAP_IN)
        return wants(call, others[key - SWAP_IN].metric, others[key - SWAP_IN].metric);
    if (key >= RECLAIM_STALL) /* where a limit's reclaim is counted with the others: who was it? */
        return v->of_node || !v->node_known;
    if (key >= RECLAIM_STEAL_KSWAPD)
        return stolen;
    return stolen || wants(call, METRIC_RECLAIM_KSWAPD, METRIC_RECLAIM_KHUGEPAGED);
}

static const char *name_of(size_t key)
{
    return key < SWAP_IN ? reclaim_key_name((enum reclaim_key)key) : others[key - SWAP_IN].name;
}

static void name_keys(struct vmstat_family *v, const struct sampler_call *call)
{
    v->keyed = KEYED_INIT(v->keys, ' ');
    v->keyed.n = 0;
    for (size_t i = 0; i < IN_VMSTAT; i++)
        if (is_needed(v, call, i)) {
            v->which[v->keyed.n] = (unsigned char)i;
            v->keys[v->keyed.n++] = key_of(name_of(i));
        }
    for (size_t i = 0; i < IN_ROOT; i++)
        v->root_keys[i] = key_of(reclaim_key_name((enum reclaim_key)(RECLAIM_ROOT_SCAN + i)));
    v->root_keyed = KEYED_INIT(v->root_keys, ' ');
}

/* Of a machine where version 2 counts memory: its root's counters have what limits made. */
static int open_top(const struct root *root)
{
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;

    if (cgtree_look(root, &t, NULL) < 0 || t.memory_v1 || !t.at_root || t.fd < 0)
        return -1;
    return TAKE_FD(t.fd);
}

static bool wants_limit(const struct sampler_call *call)
{
    for (const struct sampler_slot *s = call->first; s; s = s->next)
        switch (s->metric->info->id) {
        case METRIC_SWAP_IN:
        case METRIC_SWAP_OUT:
        case METRIC_OOM:
        case METRIC_RECLAIM_KSWAPD:
        case METRIC_RECLAIM_DIRECT:
            break;
        default:
            return true;
        }
    return false;
}

static void vmstat_close(void *own)
{
    struct vmstat_family *v = own;

    kept_close(&v->file);
    kept_close(&v->root_file);
    close_fd(&v->top);
    err_clear(&v->e);
    free(v);
}

static void look_at_node(struct vmstat_family *v, const struct sampler_call *call)
{
    struct kept node = KEPT_INIT("/sys/devices/system/node/node0/vmstat");
    struct reclaim_counters c = RECLAIM_COUNTERS_INIT;

    v->node_known = kept_read(&node, call->root, NULL, call->text) == 0;
    if (v->node_known)
        reclaim_counters_node(&c, call->text->p, call->text->n);
    v->of_node = c.of_node;
    kept_close(&node);
}

static int vmstat_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct vmstat_family *v = calloc(1, sizeof(*v));

    if (!v)
        return err_oom(e);
    v->page = (double)sysconf(_SC_PAGESIZE);
    v->file = KEPT_INIT("/proc/vmstat");
    v->root_file = KEPT_INIT("memory.stat");
    look_at_node(v, call);
    name_keys(v, call);
    v->top = !v->of_node && wants_limit(call) ? open_top(call->root) : -1;
    *out = v;
    return 0;
}

/* ---- read */

static int read_value(struct vmstat_family *v, const char *file, const struct keyed_key *key,
                      struct kv_span value, uint64_t *out)
{
    int r = kv_u64(value, out, NULL);

    return r < 0 ? err_set(&v->e, r, "%s: %s is no whole number: \"%.*s\"", file, key->name,
                           value.n < 40 ? (int)value.n : 40, value.p)
                 : 0;
}

/* Without nodes in /sys: a counter of the node stands before the events, which begin so. */
static bool is_of_node(const struct kv_span *scan, const struct procscan_text *text)
{
    const char *events = memmem(text->p, text->n, "\npgpgin ", 8);

    return scan->p && (!events || scan->p < events);
}

static int scan(struct vmstat_family *v, const struct procscan_text *text,
                const struct kv_span *values)
{
    const struct kv_span *kswapd = NULL;
    uint64_t n;
    int r = 0;

    for (size_t i = 0; i < v->keyed.n && r == 0; i++) {
        size_t key = v->which[i];

        if (key == RECLAIM_SCAN_KSWAPD)
            kswapd = &values[i];
        if (!values[i].p)
            continue;
        r = read_value(v, "vmstat", &v->keys[i], values[i], &n);
        if (r < 0)
            break;
        if (key < SWAP_IN) {
            reclaim_counters_put(&v->now.reclaim, (enum reclaim_key)key, n);
        } else {
            v->now.others[key - SWAP_IN] = n;
            v->now.has[key - SWAP_IN] = true;
        }
    }
    if (!v->node_known && kswapd) {
        v->of_node = is_of_node(kswapd, text);
        v->node_known = true;
    }
    v->now.reclaim.of_node = v->of_node;
    return r;
}

/* Were any pages looked at since the sample before? The sum is part of every kernel's vmstat that
 * has such a root. */
static bool nothing_scanned(const struct vmstat_family *v)
{
    static const enum reclaim_key sums[] = {RECLAIM_SCAN_ANON, RECLAIM_SCAN_FILE};
    const struct reclaim_counters *a = &v->before.reclaim, *b = &v->now.reclaim;

    for (size_t i = 0; i < ARRAY_SIZE(sums); i++)
        if (!(a->present & b->present & UINT64_C(1) << sums[i]) ||
            a->value[sums[i]] != b->value[sums[i]])
            return false;
    return v->before.whole;
}

/* It is dear: the kernel sums up all groups for it. So it is read only if something was done. */
static int read_root(struct vmstat_family *v, const struct sampler_call *call)
{
    struct kv_span values[IN_ROOT];
    int r;

    if (v->top < 0)
        return 0;
    if (nothing_scanned(v)) {
        for (unsigned i = RECLAIM_ROOT_SCAN; i < RECLAIM_HITS; i++)
            if (v->before.reclaim.present & UINT64_C(1) << i)
                reclaim_counters_put(&v->now.reclaim, i, v->before.reclaim.value[i]);
        return 0;
    }
    if (kept_find(&v->root_file, NULL, &v->top, call->text, &v->root_keyed, values) < 0)
        return 0;
    for (unsigned i = 0; i < IN_ROOT; i++) {
        uint64_t n;

        if (!values[i].p)
            continue;
        r = read_value(v, "memory.stat", &v->root_keys[i], values[i], &n);
        if (r < 0)
            return r;
        reclaim_counters_put(&v->now.reclaim, RECLAIM_ROOT_SCAN + i, n);
    }
    return 0;
}

/* ---- say */

static void say_state(struct sampler_slot *s, enum sampler_state state)
{
    sampler_slot_say(s, state, 0,
                     state == SAMPLER_ABSENT
                         ? "this kernel does not count it"
                         : "is told between two samples, and the one before does not serve");
}

/* How much one of the other counters grew. */
static enum sampler_state grew(const struct vmstat_family *v, int what, uint64_t *out)
{
    int i = what - SWAP_IN;

    if (!v->now.has[i])
        return SAMPLER_ABSENT;
    if (!v->before.whole || !v->before.has[i] || v->now.others[i] < v->before.others[i])
        return SAMPLER_EARLY;
    *out = v->now.others[i] - v->before.others[i];
    return SAMPLER_NUMBER;
}

static void say_other(struct sampler_slot *s, const struct vmstat_family *v, int what, double unit)
{
    uint64_t n = 0;
    enum sampler_state state = grew(v, what, &n);

    if (state == SAMPLER_NUMBER)
        sampler_slot_number(s, (double)n * unit);
    else
        say_state(s, state);
}

static void say_pages(struct sampler_slot *s, const struct vmstat_family *v,
                      const struct reclaim_amount *a, double per_second)
{
    uint64_t n;

    if (!v->has_between)
        say_state(s, SAMPLER_EARLY);
    else if (reclaim_number(a, &n))
        sampler_slot_number(s, (double)n * per_second);
    else if (a->known)
        sampler_slot_say(s, SAMPLER_ABSENT, 0,
                         "what the machine's shortage and what limits made cannot be told apart "
                         "now; \"memwatch reclaim\" shows the bounds");
    else
        say_state(s, SAMPLER_ABSENT);
}

static void say_efficiency(struct sampler_slot *s, const struct vmstat_family *v)
{
    double percent;
    uint64_t n;

    if (!v->has_between)
        say_state(s, SAMPLER_EARLY);
    else if (reclaim_efficiency(&v->between.all_scanned, &v->between.all_stolen, &percent))
        sampler_slot_number(s, percent);
    else if (reclaim_number(&v->between.all_scanned, &n))
        sampler_slot_say(s, SAMPLER_ABSENT, 0, "no page was looked at");
    else
        say_state(s, SAMPLER_ABSENT);
}

static void say_refault(struct sampler_slot *s, const struct vmstat_family *v)
{
    double ratio;
    uint64_t n;

    if (!v->has_between)
        say_state(s, SAMPLER_EARLY);
    else if (reclaim_refault_ratio(&v->between, &ratio))
        sampler_slot_number(s, ratio);
    else if (v->between.all && reclaim_number(&v->between.all_stolen, &n) && n == 0)
        sampler_slot_say(s, SAMPLER_ABSENT, 0, "no page was taken away");
    else
        say_state(s, SAMPLER_ABSENT);
}

static void say(struct sampler_slot *s, const struct vmstat_family *v, double per_second)
{
    static const enum reclaim_who who[] = {
        [METRIC_RECLAIM_KSWAPD - METRIC_RECLAIM_KSWAPD] = RECLAIM_KSWAPD,
        [METRIC_RECLAIM_DIRECT - METRIC_RECLAIM_KSWAPD] = RECLAIM_DIRECT,
        [METRIC_RECLAIM_LIMIT - METRIC_RECLAIM_KSWAPD] = RECLAIM_LIMIT,
        [METRIC_RECLAIM_PROACTIVE - METRIC_RECLAIM_KSWAPD] = RECLAIM_PROACTIVE,
        [METRIC_RECLAIM_KHUGEPAGED - METRIC_RECLAIM_KSWAPD] = RECLAIM_KHUGEPAGED,
    };
    enum metric_id id = s->metric->info->id;

    switch (id) {
    case METRIC_SWAP_IN:
        say_other(s, v, SWAP_IN, v->page * per_second);
        break;
    case METRIC_SWAP_OUT:
        say_other(s, v, SWAP_OUT, v->page * per_second);
        break;
    case METRIC_OOM:
        say_other(s, v, OOM_KILL, 1);
        break;
    case METRIC_RECLAIM_EFFICIENCY:
        say_efficiency(s, v);
        break;
    case METRIC_REFAULT_RATIO:
        say_refault(s, v);
        break;
    default:
        say_pages(s, v, &v->between.scanned[who[id - METRIC_RECLAIM_KSWAPD]], per_second);
    }
}

static void vmstat_take(void *own, const struct sampler_call *call)
{
    struct vmstat_family *v = own;
    double per_second = call->interval ? 1e9 / (double)call->interval : 0;
    struct kv_span values[IN_VMSTAT];
    int r = kept_find(&v->file, call->root, NULL, call->text, &v->keyed, values);

    err_clear(&v->e);
    v->before = v->now;
    v->now = (struct moment){.whole = false};
    if (r == 0)
        r = scan(v, call->text, values);
    if (r == 0)
        r = read_root(v, call);
    v->now.whole = r == 0;
    v->has_between = v->now.whole && v->before.whole && call->interval > 0 &&
                     reclaim_attribute(&v->before.reclaim, &v->now.reclaim, &v->between) == 0;
    for (struct sampler_slot *s = call->first; s; s = s->next)
        if (r == 0)
            say(s, v, per_second);
        else if (v->e.text)
            sampler_slot_broken(s, &v->e);
        else
            sampler_slot_unread(s, r, "there is no /proc/vmstat; mount /proc");
}

const struct sampler_family sampler_vmstat_family = {vmstat_open, vmstat_take, vmstat_close};
