/* SPDX-License-Identifier: MIT */
#include "export_sources.h"

#include "cgroup.h"
#include "cgtree.h"
#include "declared.h"
#include "reclaim.h"
#include "swaparea.h"
#include "swaps.h"
#include "zram.h"
#include "zswap.h"

#define GAUGE EXPOSITION_GAUGE
#define COUNTER EXPOSITION_COUNTER
#define LABELS(...)                                                                                \
    (const struct exposition_label[])                                                              \
    {                                                                                              \
        __VA_ARGS__,                                                                               \
        {                                                                                          \
            NULL, NULL                                                                             \
        }                                                                                          \
    }

/* ---- active swap areas */

static const char *type_of(const struct swaps_area *area)
{
    if (str_after(area->path, "/dev/loop"))
        return "loop";
    if (str_after(area->path, "/dev/zram"))
        return "zram";
    return area->type == SWAPS_FILE ? "file" : "partition";
}

int export_sources_swap(const struct export_sources *s, struct err *e)
{
    static const struct exposition_family families[] = {
        {"swap_area_size", GAUGE, "bytes", "Size of an active swap area."},
        {"swap_area_used", GAUGE, "bytes", "How much of an active swap area holds something."},
        {"swap_area_priority", GAUGE, NULL, "Areas of higher priority are used first."},
    };
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    int r = swaps_read(s->root, &swaps, e);

    if (r < 0)
        return r == -EOPNOTSUPP ? 0 : r;
    for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
        exposition_begin(s->x, &families[f]);
        for (size_t i = 0; i < swaps.n; i++) {
            const struct swaps_area *a = &swaps.areas[i];
            const double values[] = {(double)a->size, (double)a->used, a->priority};

            exposition_sample(s->x, LABELS({"path", a->path}, {"type", type_of(a)}), values[f]);
        }
    }
    return 0;
}

/* ---- declared ones */

static bool is_active(const struct root *root, const struct swaps *swaps, const char *path)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_PATH | O_NOFOLLOW, 0);
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           swaparea_find(root, swaps, fd, &st);
}

static bool counts(const struct declared_area *d)
{
    return !d->said_by && !d->problem.text;
}

int export_sources_declared(const struct export_sources *s, struct err *e)
{
    static const struct exposition_family families[] = {
        {"swap_declared_size", GAUGE, "bytes", "Size of a swap area that is declared for boot."},
        {"swap_declared_active", GAUGE, NULL, "Whether a declared swap area is active: 1 or 0."},
    };
    _cleanup_(declared_clear) struct declared declared = DECLARED_INIT;
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    int r = declared_read(s->root, &declared, e);

    if (r == 0)
        r = swaps_read(s->root, &swaps, e);
    if (r < 0)
        return r == -EOPNOTSUPP ? 0 : r;
    for (size_t f = 0; f < ARRAY_SIZE(families); f++) {
        exposition_begin(s->x, &families[f]);
        for (size_t i = 0; i < declared.n; i++) {
            const struct declared_area *d = &declared.areas[i];

            if (!counts(d))
                continue;
            exposition_sample(
                s->x,
                LABELS({"path", d->path}, {"declared", d->how == PERSIST_UNIT ? "unit" : "fstab"}),
                f == 0 ? (double)d->d.size : is_active(s->root, &swaps, d->path));
        }
    }
    return 0;
}

/* ---- compressed memory */

int export_sources_zram(const struct export_sources *s, struct err *e)
{
    static const struct exposition_family families[] = {
        {"zram_size", GAUGE, "bytes", "Size of a zram device."},
        {"zram_stored", GAUGE, "bytes", "What a zram device holds, before compression."},
        {"zram_compressed", GAUGE, "bytes", "The same after compression."},
        {"zram_used", GAUGE, "bytes", "Memory that a zram device takes."},
        {"zram_limit", GAUGE, "bytes", "The most memory that a zram device may take."},
    };
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;
    int r = zram_list_read(s->root, &list, e);

    for (size_t f = 0; f < ARRAY_SIZE(families) && r == 0; f++) {
        exposition_begin(s->x, &families[f]);
        for (size_t i = 0; i < list.n; i++) {
            const struct zram *z = &list.devices[i];
            const uint64_t values[] = {z->size, z->stat.original, z->stat.compressed, z->stat.used,
                                       z->stat.limit};
            char path[ZRAM_PATH_MAX];

            /* one that is not set up has no numbers, and 0 is no limit */
            if (z->size == 0 || (f > 0 && !z->has_stat) || (f == 4 && values[f] == 0))
                continue;
            exposition_sample(s->x, LABELS({"device", zram_path(z->number, path)}),
                              (double)values[f]);
        }
    }
    return r;
}

static void one(const struct export_sources *s, const struct exposition_family *f, bool known,
                double value)
{
    exposition_begin(s->x, f);
    if (known)
        exposition_sample(s->x, NULL, value);
}

int export_sources_zswap(const struct export_sources *s, struct err *e)
{
    static const struct exposition_family
        enabled = {"zswap_enabled", GAUGE, NULL, "Whether zswap is on: 1 or 0."},
        back = {"zswap_written_back", COUNTER, "bytes", "What zswap has passed on to the disk."},
        limit = {"zswap_limit", GAUGE, "bytes", "The most memory that zswap may take."},
        pool = {"zswap_pool", GAUGE, "bytes", "Memory that zswap takes."},
        stored = {"zswap_stored", GAUGE, "bytes", "What zswap holds, before compression."};
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;
    int r = zswap_read(s->root, &z, e);
    const char *on = z.values[ZSWAP_ENABLED];

    if (r < 0)
        return r == -EOPNOTSUPP ? 0 : r;
    one(s, &enabled, on != NULL, on && *on == 'Y');
    one(s, &back, z.written_back.known,
        (double)z.written_back.value * (double)sysconf(_SC_PAGESIZE));
    one(s, &limit, z.limit.known, (double)z.limit.value);
    if (s->all) {
        one(s, &pool, z.pool.known, (double)z.pool.value);
        one(s, &stored, z.stored.known, (double)z.stored.value);
    }
    return 0;
}

/* ---- reclaim */

/* Text that may be absent: "" then. */
static int read_text(const struct root *root, const char *path, char **out, size_t *len,
                     struct err *e)
{
    int r = root_read(root, path, out, len, e);

    if (r != -ENOENT && r != -EACCES)
        return r;
    err_clear(e);
    *out = strdup("");
    *len = 0;
    return *out ? 0 : err_oom(e);
}

static int read_root_stat(const struct root *root, struct reclaim_counters *c, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree tree = CGTREE_INIT;
    _cleanup_(free_ptr) char *text = NULL;

    /* memory.stat of another group than the root does not have all */
    if (cgtree_look(root, &tree, NULL) < 0 || tree.fd < 0 || tree.memory_v1 || !tree.at_root ||
        cgroup_read(tree.fd, "memory.stat", &text) < 0)
        return 0;
    return reclaim_counters_parse(c, RECLAIM_ROOT, text, strlen(text), e);
}

static int read_counters(const struct root *root, struct reclaim_counters *c, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL, *node = NULL;
    size_t len = 0, node_len = 0;
    int r = read_text(root, "/proc/vmstat", &text, &len, e);

    if (r == 0)
        r = read_text(root, "/sys/devices/system/node/node0/vmstat", &node, &node_len, e);
    if (r == 0)
        r = reclaim_counters_parse(c, RECLAIM_VMSTAT, text, len, e);
    if (r == 0)
        r = read_root_stat(root, c, e);
    if (r == 0)
        reclaim_counters_node(c, node, node_len);
    return r;
}

static void write_amounts(const struct export_sources *s, const struct exposition_family *f,
                          const struct reclaim_counters *c, const struct reclaim_amount *amounts,
                          enum reclaim_key direct)
{
    static const char *const words[] = {
        [RECLAIM_KSWAPD] = "kswapd",         [RECLAIM_DIRECT] = "direct",
        [RECLAIM_LIMIT] = "limit",           [RECLAIM_PROACTIVE] = "proactive",
        [RECLAIM_KHUGEPAGED] = "khugepaged",
    };
    const double page = (double)sysconf(_SC_PAGESIZE);

    exposition_begin(s->x, f);
    for (size_t who = 0; who < RECLAIM_WHO; who++) {
        uint64_t n;

        /* one counter for both since 7.1: which it was can only be told for a short time */
        if (c->of_node && (who == RECLAIM_DIRECT || who == RECLAIM_LIMIT))
            continue;
        if (reclaim_number(&amounts[who], &n))
            exposition_sample(s->x, LABELS({"by", words[who]}), (double)n * page);
    }
    if (c->of_node && c->present & UINT64_C(1) << direct)
        exposition_sample(s->x, LABELS({"by", "direct_or_limit"}), (double)c->value[direct] * page);
}

int export_sources_reclaim(const struct export_sources *s, struct err *e)
{
    static const struct exposition_family scanned = {
        "reclaim_scanned", COUNTER, "bytes",
        "Memory that was looked at to take it away, by who made the kernel do it."};
    static const struct exposition_family stolen = {"reclaim_stolen", COUNTER, "bytes",
                                                    "Memory that was taken away, by who made the "
                                                    "kernel do it."};
    static const struct exposition_family refaults = {
        "reclaim_refault", COUNTER, "bytes",
        "Memory that was read again soon after it was taken away."};
    static const struct exposition_family stalls = {
        "reclaim_stalls", COUNTER, NULL, "Allocations that had to reclaim for themselves."};
    struct reclaim_counters zero, now = RECLAIM_COUNTERS_INIT;
    struct reclaim reclaim;
    uint64_t n = 0;
    bool known;
    int r = read_counters(s->root, &now, e);

    if (r < 0)
        return r;
    zero = now;
    memset(zero.value, 0, sizeof(zero.value));
    if (reclaim_attribute(&zero, &now, &reclaim) != 0)
        return 0;
    write_amounts(s, &scanned, &now, reclaim.scanned, RECLAIM_SCAN_DIRECT);
    write_amounts(s, &stolen, &now, reclaim.stolen, RECLAIM_STEAL_DIRECT);
    known = reclaim_number(&reclaim.refaults, &n);
    one(s, &refaults, known, (double)n * (double)sysconf(_SC_PAGESIZE));
    known = reclaim_number(&reclaim.stalls, &n);
    one(s, &stalls, known, (double)n);
    return 0;
}
