/* SPDX-License-Identifier: MIT */
#include "swapfit.h"
#include "cgroup.h"
#include "kv.h"
#include "meminfo.h"
#include "size.h"

/* What is the same for all groups. */
struct walk {
    int version;
    const struct swaps_area *area;
    uint64_t spare; /* free in the other areas */
    bool alone;     /* no other area is in use, so what a group holds lies in this one */
    struct err *e;
};

/* What a group says of itself, with the groups in it; bytes. A limit that is not set, or that is
 * not shown, is UINT64_MAX. */
struct group {
    const char *path;
    uint64_t max, current;
    uint64_t cache; /* can be dropped */
    uint64_t swap, swap_max;
};

/* What deactivation means for a group, or for several together. */
struct load {
    uint64_t back;   /* comes back into memory, at most */
    uint64_t again;  /* of that: has to go to the other areas, because of limits */
    char *tightest;  /* owned: the group that has to send away the most, or NULL */
    uint64_t excess; /* and how much that is */
};

static void load_clear(struct load *l)
{
    free(l->tightest);
}

static uint64_t minus(uint64_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

static uint64_t plus(uint64_t a, uint64_t b)
{
    uint64_t sum;

    return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* ---- what a group says */

/* A file that holds one number. "max" is none, and so is what cannot be read: the controller may
 * be off, or the group gone. */
static uint64_t number_of(int dir, const char *file, uint64_t none)
{
    _cleanup_(free_ptr) char *text = NULL;
    uint64_t n;

    if (cgroup_read(dir, file, &text) < 0 ||
        kv_u64((struct kv_span){text, strcspn(text, "\n")}, &n, NULL) < 0)
        return none;
    return n;
}

static uint64_t stat_of(const char *text, const char *key)
{
    struct kv_span value;
    uint64_t n;

    return kv_find(text, ' ', key, &value) && kv_u64(value, &n, NULL) == 0 ? n : 0;
}

/* What memory.stat calls the same in both versions, but for the words before it. */
struct keys {
    const char *active, *inactive, *dirty, *writeback;
};

static const struct keys keys_1 = {"total_active_file", "total_inactive_file", "total_dirty",
                                   "total_writeback"};
static const struct keys keys_2 = {"active_file", "inactive_file", "file_dirty", "file_writeback"};

static uint64_t cache_of(const char *text, const struct keys *keys)
{
    return minus(stat_of(text, keys->active) + stat_of(text, keys->inactive),
                 stat_of(text, keys->dirty) + stat_of(text, keys->writeback));
}

/* What is in the swap cache is in memory already, and counted there. */
static void read_2(int dir, struct group *g)
{
    _cleanup_(free_ptr) char *text = NULL;

    g->swap = number_of(dir, "memory.swap.current", 0);
    if (g->swap == 0)
        return;
    if (cgroup_read(dir, "memory.stat", &text) == 0) {
        g->swap = minus(g->swap, stat_of(text, "swapcached"));
        g->cache = cache_of(text, &keys_2);
    }
    g->max = number_of(dir, "memory.max", UINT64_MAX);
    g->current = number_of(dir, "memory.current", 0);
    g->swap_max = number_of(dir, "memory.swap.max", UINT64_MAX);
}

/* Version 1 counts the swap cache apart, and limits memory and swap together: a page that is
 * swapped out again is nothing new for that limit. */
static void read_1(int dir, struct group *g)
{
    _cleanup_(free_ptr) char *text = NULL;

    if (cgroup_read(dir, "memory.stat", &text) < 0)
        return;
    g->swap = stat_of(text, "total_swap");
    g->cache = cache_of(text, &keys_1);
    g->max = number_of(dir, "memory.limit_in_bytes", UINT64_MAX);
    g->current = number_of(dir, "memory.usage_in_bytes", 0);
}

/* ---- judging */

static const char *limit_name(const struct walk *w)
{
    return w->version == 2 ? "memory.max" : "memory.limit_in_bytes";
}

static int refuse_group(const struct walk *w, const struct group *g, const struct load *l,
                        uint64_t room, struct err *e)
{
    char back[SIZE_TEXT_MAX], fits[SIZE_TEXT_MAX], max[SIZE_TEXT_MAX], current[SIZE_TEXT_MAX];

    return err_refuse(e, -ENOMEM,
                      "%s: cgroup %s holds %s%s of it and has room for %s (%s is %s, %s in use); "
                      "raise its %s, stop something in it, or add swap that it may use",
                      w->area->path, g->path, w->alone ? "" : "up to ", size_format(l->back, back),
                      size_format(room, fits), limit_name(w), size_format(g->max, max),
                      size_format(g->current, current), limit_name(w));
}

/* Each of them could do it, but not all at once. */
static int refuse_groups(const struct walk *w, const struct load *l, uint64_t room, struct err *e)
{
    char again[SIZE_TEXT_MAX], fits[SIZE_TEXT_MAX];

    return err_refuse(e, -ENOMEM,
                      "%s: cgroup %s and others have no room for what they hold of it: up to %s "
                      "would have to be swapped out again, and %s can be; raise their %s, stop "
                      "something in them, or add swap",
                      w->area->path, l->tightest ? l->tightest : "/", size_format(l->again, again),
                      size_format(room, fits), limit_name(w));
}

/*
 * @l has the groups in this one. What they must send away need not fit here; more may have to go.
 * All of it needs room in the other areas, and below memory.swap.max.
 */
static int judge(const struct walk *w, const struct group *g, struct load *l)
{
    uint64_t room = minus(plus(g->max, g->cache), g->current), excess, elsewhere;

    l->back = least(g->swap, w->area->used);
    l->again = least(l->again, l->back);
    elsewhere = least(w->spare, minus(g->swap_max, minus(g->swap, l->back)));
    excess = minus(l->back, room);
    if (excess > elsewhere)
        return refuse_group(w, g, l, room + elsewhere, w->e);
    if (l->again > elsewhere)
        return refuse_groups(w, l, elsewhere, w->e);
    if (excess > l->again)
        l->again = excess;
    if (excess > l->excess) {
        l->excess = excess;
        free(l->tightest);
        l->tightest = strdup(g->path);
    }
    return 0;
}

static int visit(const struct walk *w, int parent, const char *name, const char *path,
                 struct load *sum);

static int visit_children(const struct walk *w, int dir, const char *path, struct load *sum)
{
    _cleanup_(close_dir) DIR *stream = cgroup_children(dir);
    const char *name;
    int r = 0;

    if (!stream)
        return errno == ENOENT || errno == ENODEV
                   ? 0
                   : err_sys(w->e, -errno, "cgroup %s: cannot list", path);
    while (r == 0 && (name = cgroup_next_child(stream))) {
        _cleanup_(free_ptr) char *below = NULL;

        if (asprintf(&below, "%s/%s", path[1] ? path : "", name) < 0)
            return err_oom(w->e);
        r = visit(w, dir, name, below, sum);
    }
    return r;
}

/* Adds a group, which is done with, to the others at its side. */
static void add(struct load *sum, struct load *l)
{
    sum->back = plus(sum->back, l->back);
    sum->again = plus(sum->again, l->again);
    if (l->excess > sum->excess) {
        char *old = sum->tightest;

        sum->excess = l->excess;
        sum->tightest = l->tightest;
        l->tightest = old;
    }
}

/* Version 2 shows nothing of its top, and whoever holds no swap has nobody in it who does. */
static int visit(const struct walk *w, int parent, const char *name, const char *path,
                 struct load *sum)
{
    _cleanup_(close_fd) int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_(load_clear) struct load l = {0};
    struct group g = {.path = path, .max = UINT64_MAX, .swap_max = UINT64_MAX};
    bool top = streq(name, ".");
    int r;

    if (dir < 0 && (errno == ENOENT || errno == ENODEV))
        return 0;
    if (dir < 0)
        return err_sys(w->e, -errno, "cgroup %s: cannot open", path);
    if (w->version == 2)
        read_2(dir, &g);
    else
        read_1(dir, &g);
    if (g.swap == 0 && w->version == 2 && !top)
        return 0;
    r = visit_children(w, dir, path, &l);
    if (r == 0 && g.swap > 0)
        r = judge(w, &g, &l);
    if (r == 0)
        add(sum, &l);
    return r;
}

static int check_groups(const struct root *root, struct walk *w, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    _cleanup_(load_clear) struct load all = {0};
    struct cgroup_mount mount = {.fd = -1};
    int r = cgroup_open_memory(root, &mount, &why);

    if (r == -EOPNOTSUPP || r == -ENOENT)
        return 0;
    if (r < 0)
        return err_set(e, r, "%s", why.text);
    w->version = mount.version;
    w->e = e;
    r = visit(w, mount.fd, ".", "/", &all);
    close_fd(&mount.fd);
    if (r == 0 && least(all.again, w->area->used) > w->spare)
        r = refuse_groups(w, &all, w->spare, e);
    return r;
}

static int check_machine(const struct root *root, const struct walk *w, struct err *e)
{
    char used[SIZE_TEXT_MAX], room[SIZE_TEXT_MAX];
    struct meminfo m;
    uint64_t elsewhere;
    int r = meminfo_read(root, &m, e);

    if (r < 0)
        return r;
    elsewhere = plus(m.available, w->spare);
    if (w->area->used <= elsewhere)
        return 0;
    return err_refuse(e, -ENOMEM,
                      "%s: holds %s in use, and only %s are free in RAM and the other areas; stop "
                      "something or add swap first",
                      w->area->path, size_format(w->area->used, used),
                      size_format(elsewhere, room));
}

int swapfit_check(const struct root *root, const struct swaps *swaps, const struct swaps_area *area,
                  uint64_t extra, struct err *e)
{
    struct walk w = {.area = area, .spare = extra, .alone = true};
    int r;

    if (area->used == 0)
        return 0;
    for (size_t i = 0; i < swaps->n; i++) {
        const struct swaps_area *other = &swaps->areas[i];

        if (other == area)
            continue;
        w.alone = w.alone && other->used == 0;
        if (!str_after(other->path, "/dev/zram"))
            w.spare = plus(w.spare, minus(other->size, other->used));
    }
    r = check_machine(root, &w, e);
    return r < 0 ? r : check_groups(root, &w, e);
}
