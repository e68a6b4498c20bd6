/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include "cgtree.h"
#include "cgvalue.h"
#include "pressure.h"

/* What memory.stat tells of clean cache; both versions of the hierarchy. */
enum { ACTIVE, INACTIVE, DIRTY, WRITEBACK, STATS };

static const struct keyed_key stat_keys[2][STATS] = {
    {KEYED_KEY("total_active_file"), KEYED_KEY("total_inactive_file"), KEYED_KEY("total_dirty"),
     KEYED_KEY("total_writeback")},
    {KEYED_KEY("active_file"), KEYED_KEY("inactive_file"), KEYED_KEY("file_dirty"),
     KEYED_KEY("file_writeback")},
};

enum file { CURRENT, MAX, SWAP, SWAP_MAX, PRESSURE, EVENTS, STAT, FILES };

/* NULL: version 1 has no such thing. Its limit on swap is one on memory and swap together. */
static const char *const names[2][FILES] = {
    {"memory.usage_in_bytes", "memory.limit_in_bytes", "memory.memsw.usage_in_bytes", NULL, NULL,
     "memory.oom_control", "memory.stat"},
    {"memory.current", "memory.max", "memory.swap.current", "memory.swap.max", "memory.pressure",
     "memory.events", "memory.stat"},
};

/* Version 1 writes the largest number of whole pages for no limit. */
#define NO_LIMIT_V1 (UINT64_C(1) << 62)

struct item {
    struct sampler_slot *slot;
    char *path; /* from the top; NULL: it is no name of a group */
    int dir;    /* or a negated errno */
    struct kept files[FILES];
    struct keyed stat;
    struct kept *above; /* the limits of the groups above */
    char **above_paths;
    size_t n_above;
    uint64_t kills; /* at the last sample */
    bool has_kills;
};

struct groups {
    int top; /* or a negated errno */
    bool v2;
    struct item *items;
    size_t n;
};

static const char no_groups[] = "there are no control groups that count memory";

/* ---- open and close */

static void close_group(struct item *item)
{
    for (size_t i = 0; i < FILES; i++) {
        kept_close(&item->files[i]);
        item->files[i].fd = -ENOENT;
    }
    for (size_t i = 0; i < item->n_above; i++) {
        kept_close(&item->above[i]);
        item->above[i].fd = -ENOENT;
    }
    close_fd(&item->dir);
}

static void groups_close(void *own)
{
    struct groups *g = own;

    for (size_t i = 0; i < g->n; i++) {
        struct item *item = &g->items[i];

        close_group(item);
        for (size_t k = 0; k < item->n_above; k++)
            free(item->above_paths[k]);
        free(item->above_paths);
        free(item->above);
        free(item->path);
    }
    close_fd(&g->top);
    free(g->items);
    free(g);
}

static size_t depth_of(const char *path)
{
    size_t n = *path != '\0';

    for (const char *p = path; *p; p++)
        n += *p == '/';
    return n;
}

/* "../memory.max", "../../memory.max", up to the top */
static int name_above(struct item *item, const char *file)
{
    size_t depth = depth_of(item->path);

    item->above = calloc(depth ? depth : 1, sizeof(*item->above));
    item->above_paths = calloc(depth ? depth : 1, sizeof(char *));
    if (!item->above || !item->above_paths)
        return -ENOMEM;
    for (size_t i = 0; i < depth; i++) {
        char *name = malloc(3 * (i + 1) + strlen(file) + 1), *p = name;

        if (!name)
            return -ENOMEM;
        for (size_t k = 0; k <= i; k++)
            p = stpcpy(p, "../");
        strcpy(p, file);
        item->above_paths[i] = name;
        item->above[i] = KEPT_INIT(name);
        item->n_above++;
    }
    return 0;
}

static int open_item(const struct groups *g, struct item *item, struct sampler_slot *s)
{
    int r;

    item->slot = s;
    item->dir = -ENOENT;
    for (size_t i = 0; i < FILES; i++)
        item->files[i] = KEPT_INIT(names[g->v2][i]);
    item->stat = KEYED_INIT(stat_keys[g->v2], ' ');
    r = cgtree_path(s->metric->param, &item->path, NULL);
    if (r < 0)
        return r == -ENOMEM ? r : 0;
    return s->metric->info->id == METRIC_CGROUP_MEMORY_PERCENT ? name_above(item, names[g->v2][MAX])
                                                               : 0;
}

static int open_top(struct groups *g, const struct root *root)
{
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    int r = cgtree_look(root, &t, NULL);

    if (r < 0)
        return r;
    g->v2 = !t.memory_v1 && t.fd >= 0;
    if (g->v2)
        return TAKE_FD(t.fd);
    return t.v1_point ? root_openat(root, t.v1_point, O_RDONLY | O_DIRECTORY, 0) : -ENOENT;
}

static int groups_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct groups *g = calloc(1, sizeof(*g));
    size_t n = 0;
    int r;

    for (const struct sampler_slot *s = call->first; s; s = s->next)
        n++;
    if (g)
        g->items = calloc(n, sizeof(*g->items));
    if (!g || !g->items) {
        free(g);
        return err_oom(e);
    }
    g->top = open_top(g, call->root);
    r = g->top == -ENOMEM || g->top == -EMFILE ? g->top : 0;
    for (struct sampler_slot *s = call->first; s && r == 0; s = s->next)
        r = open_item(g, &g->items[g->n++], s);
    if (r < 0) {
        groups_close(g);
        return err_sys(e, r, "cgroups: cannot open them");
    }
    *out = g;
    return 0;
}

/* ---- read */

/* The text of one of the group's files. Return: 0 or a negated errno. */
static int read_file(struct item *item, enum file f, const struct sampler_call *call)
{
    if (!item->files[f].path)
        return -EOPNOTSUPP;
    return kept_read(&item->files[f], NULL, &item->dir, call->text);
}

static int read_kept(struct kept *file, const struct item *item, const struct sampler_call *call,
                     uint64_t *out)
{
    int r = kept_read(file, NULL, &item->dir, call->text);

    if (r == 0)
        r = cgvalue_parse((struct kv_span){call->text->p, call->text->n}, out);
    return r;
}

static int read_number(struct item *item, enum file f, const struct sampler_call *call,
                       uint64_t *out)
{
    return item->files[f].path ? read_kept(&item->files[f], item, call, out) : -EOPNOTSUPP;
}

static bool is_limit(uint64_t value, bool v2)
{
    return value != CGVALUE_MAX && (v2 || value < NO_LIMIT_V1);
}

/* The lowest limit on the group and those above; CGVALUE_MAX without one. */
static int read_lowest(struct item *item, bool v2, const struct sampler_call *call, uint64_t *out)
{
    uint64_t lowest = CGVALUE_MAX, value;
    int r = read_number(item, MAX, call, &value);

    if (r == 0 && is_limit(value, v2))
        lowest = value;
    for (size_t i = 0; i < item->n_above && (r == 0 || r == -ENOENT); i++) {
        r = read_kept(&item->above[i], item, call, &value);
        if (r == 0 && is_limit(value, v2) && value < lowest)
            lowest = value;
    }
    *out = lowest;
    return r == -ENOENT ? 0 : r; /* the root has none */
}

/* What could be dropped at once: files in the cache that are on the disk as well. */
static int read_clean_cache(struct item *item, const struct sampler_call *call, uint64_t *out)
{
    struct kv_span values[STATS];
    uint64_t n[STATS] = {0};
    int r = read_file(item, STAT, call);

    if (r < 0)
        return r;
    keyed_find(&item->stat, call->text->p, call->text->n, values);
    for (size_t i = 0; i < STATS; i++) {
        r = values[i].p ? kv_u64(values[i], &n[i], NULL) : 0;
        if (r < 0)
            return r;
    }
    if (__builtin_add_overflow(n[ACTIVE], n[INACTIVE], &n[ACTIVE]) ||
        __builtin_add_overflow(n[DIRTY], n[WRITEBACK], &n[DIRTY]))
        return -EOVERFLOW;
    *out = n[ACTIVE] > n[DIRTY] ? n[ACTIVE] - n[DIRTY] : 0;
    return 0;
}

/* ---- say */

static int say_percent(struct item *item, bool v2, const struct sampler_call *call)
{
    uint64_t current = 0, limit = 0, clean = 0;
    int r = read_number(item, CURRENT, call, &current);

    if (r == 0)
        r = read_lowest(item, v2, call, &limit);
    if (r == 0)
        r = read_clean_cache(item, call, &clean);
    if (r < 0)
        return r;
    if (limit == CGVALUE_MAX)
        sampler_slot_say(item->slot, SAMPLER_ABSENT, 0, "the group has no limit");
    else
        sampler_slot_percent(item->slot, current > clean ? current - clean : 0, limit,
                             "the group's limit is 0");
    return 0;
}

static int say_limit(struct item *item, enum file f, bool v2, const struct sampler_call *call)
{
    uint64_t value;
    int r = read_number(item, f, call, &value);

    if (r < 0)
        return r;
    if (is_limit(value, v2))
        sampler_slot_number(item->slot, (double)value);
    else
        sampler_slot_say(item->slot, SAMPLER_ABSENT, 0, "the group has no limit");
    return 0;
}

static int say_bytes(struct item *item, enum file f, const struct sampler_call *call)
{
    uint64_t value;
    int r = read_number(item, f, call, &value);

    if (r == 0)
        sampler_slot_number(item->slot, (double)value);
    return r;
}

/* Version 1 counts memory and swap together. */
static int say_swap(struct item *item, bool v2, const struct sampler_call *call)
{
    uint64_t memory = 0, swap;
    int r = read_number(item, SWAP, call, &swap);

    if (r == 0 && !v2)
        r = read_number(item, CURRENT, call, &memory);
    if (r == 0)
        sampler_slot_number(item->slot, swap > memory ? (double)(swap - memory) : 0);
    return r;
}

static int say_pressure(struct item *item, bool full, const struct sampler_call *call)
{
    struct pressure p;
    int r = read_file(item, PRESSURE, call);

    if (r == 0)
        r = pressure_parse(call->text->p, &p, NULL);
    if (r < 0)
        return r;
    if (full ? p.full.present : p.some.present)
        sampler_slot_number(item->slot, full ? p.full.avg10 : p.some.avg10);
    else
        sampler_slot_say(item->slot, SAMPLER_ABSENT, 0, "this kernel does not tell it");
    return 0;
}

static int say_kills(struct item *item, const struct sampler_call *call)
{
    bool had = item->has_kills;
    uint64_t was = item->kills, is;
    int r = read_file(item, EVENTS, call);

    item->has_kills = false;
    if (r == 0)
        r = cgvalue_flat(call->text->p, "oom_kill", &is);
    if (r < 0)
        return r == -ENODATA ? -EOPNOTSUPP : r;
    item->kills = is;
    item->has_kills = true;
    if (had && is >= was)
        sampler_slot_number(item->slot, (double)(is - was));
    else
        sampler_slot_say(item->slot, SAMPLER_EARLY, 0,
                         "is told between two samples, and the one before does not serve");
    return 0;
}

static int say(struct item *item, bool v2, const struct sampler_call *call)
{
    switch (item->slot->metric->info->id) {
    case METRIC_CGROUP_MEMORY:
        return say_bytes(item, CURRENT, call);
    case METRIC_CGROUP_MEMORY_PERCENT:
        return say_percent(item, v2, call);
    case METRIC_CGROUP_MAX:
        return say_limit(item, MAX, v2, call);
    case METRIC_CGROUP_SWAP:
        return say_swap(item, v2, call);
    case METRIC_CGROUP_SWAP_MAX:
        return say_limit(item, SWAP_MAX, v2, call);
    case METRIC_CGROUP_PSI:
        return say_pressure(item, false, call);
    case METRIC_CGROUP_PSI_FULL:
        return say_pressure(item, true, call);
    default: /* METRIC_CGROUP_OOM */
        return say_kills(item, call);
    }
}

/* Opens the group where it is not: it may have been removed, and made again. */
static int take_item(const struct groups *g, struct item *item, const struct sampler_call *call)
{
    int r;

    if (item->dir < 0)
        item->dir =
            openat(g->top, *item->path ? item->path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (item->dir < 0)
        return errno == ENOENT ? -ENODEV : -errno;
    r = say(item, g->v2, call);
    if (r == -ENODEV || (r == -ENOENT && faccessat(item->dir, "cgroup.procs", F_OK, 0) < 0)) {
        close_group(item);
        r = -ENODEV;
    }
    return r;
}

static void groups_take(void *own, const struct sampler_call *call)
{
    struct groups *g = own;

    for (size_t i = 0; i < g->n; i++) {
        struct item *item = &g->items[i];
        int r = g->top;

        if (g->top >= 0)
            r = item->path ? take_item(g, item, call) : -ENODEV;
        if (r >= 0)
            continue;
        item->has_kills = false;
        if (g->top < 0)
            sampler_slot_unread(item->slot, r, no_groups);
        else if (r == -EBADMSG || r == -EOVERFLOW || r == -ENODATA)
            sampler_slot_say(item->slot, SAMPLER_BROKEN, -r,
                             "what the kernel wrote makes no sense");
        else
            sampler_slot_unread(item->slot, r,
                                r == -ENODEV ? "there is no such group"
                                             : "its controller is not enabled for this group, or "
                                               "this kernel lacks it");
    }
}

const struct sampler_family sampler_cgroup_family = {groups_open, groups_take, groups_close};
