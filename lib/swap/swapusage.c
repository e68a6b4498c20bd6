/* SPDX-License-Identifier: MIT */
#include "swapusage.h"
#include "cgroup.h"
#include "kv.h"
#include "procusage.h"

void swapusage_clear(struct swapusage *u)
{
    for (size_t i = 0; i < u->n; i++)
        free(u->rows[i].name);
    free(u->rows);
    *u = SWAPUSAGE_INIT;
}

/* Takes the row's name over, also when it fails. */
static int add(struct swapusage *u, struct swapusage_row row)
{
    struct swapusage_row *rows = u->rows;

    /* room for 16, 32, 64...: it is used up when the number is such a one */
    if (u->n == 0 || (u->n >= 16 && (u->n & (u->n - 1)) == 0))
        rows = reallocarray(u->rows, u->n ? 2 * u->n : 16, sizeof(*rows));
    if (!rows) {
        free(row.name);
        return -ENOMEM;
    }
    rows[u->n++] = row;
    u->rows = rows;
    u->accounted += row.swap;
    return 0;
}

/* ---- processes */

static int read_processes(const struct root *root, enum procusage_by by, struct swapusage *out,
                          struct err *e)
{
    const struct procusage_query query = {.root = root,
                                          .by = by,
                                          .kinds = PROCUSAGE_BIT(PROCUSAGE_SWAP),
                                          .held = PROCUSAGE_SWAP,
                                          .names = true};
    _cleanup_(procusage_clear) struct procusage found = PROCUSAGE_INIT;
    _cleanup_(swapusage_clear) struct swapusage u = SWAPUSAGE_INIT;
    int r = procusage_read(&query, &found, e);

    if (r < 0)
        return r;
    for (size_t i = 0; i < found.n && r == 0; i++) {
        struct procusage_row *row = &found.rows[i];

        r = add(&u, (struct swapusage_row){.swap = row->bytes[PROCUSAGE_SWAP],
                                           .pid = row->pid,
                                           .uid = row->uid,
                                           .count = row->count,
                                           .name = TAKE_PTR(row->name)});
    }
    if (r < 0)
        return err_oom(e);
    u.unreadable = found.unreadable;
    u.hidden = found.hidden;
    *out = u;
    u = SWAPUSAGE_INIT;
    return 0;
}

int swapusage_processes(const struct root *root, struct swapusage *out, struct err *e)
{
    return read_processes(root, PROCUSAGE_PROCESS, out, e);
}

int swapusage_users(const struct root *root, struct swapusage *out, struct err *e)
{
    return read_processes(root, PROCUSAGE_USER, out, e);
}

/* ---- control groups */

struct groups {
    struct swapusage *usage;
    int version;
    bool counted; /* some group says how much it holds */
    struct err *e;
};

/* A line of memory.stat, and that of the pages that are in RAM again and still hold their place in
 * the swap area: version 1 counts those apart. */
static bool with_cached(const char *text, const char *key, const char *cached, uint64_t *out)
{
    struct kv_span value;
    uint64_t n, more = 0;

    if (!kv_find(text, ' ', key, &value) || kv_u64(value, &n, NULL) < 0)
        return false;
    if (kv_find(text, ' ', cached, &value) && kv_u64(value, &more, NULL) < 0)
        return false;
    return !__builtin_add_overflow(n, more, out);
}

/* What a group says of itself: version 2 with the groups in it, version 1 both ways. Absent at the
 * top of version 2, and where the controller is not enabled. */
static bool counts(const struct groups *g, int dir, uint64_t *own, uint64_t *tree)
{
    _cleanup_(free_ptr) char *text = NULL;

    if (cgroup_read(dir, g->version == 2 ? "memory.swap.current" : "memory.stat", &text) < 0)
        return false;
    if (g->version == 2)
        return kv_u64((struct kv_span){text, strcspn(text, "\n")}, tree, NULL) == 0;
    return with_cached(text, "swap", "swapcached", own) &&
           with_cached(text, "total_swap", "total_swapcached", tree);
}

static int visit(struct groups *g, int parent, const char *name, const char *path, uint64_t *tree);

/* Visit the groups in this one. Return: 0 or a negated errno; *@sum: what they hold. */
static int visit_children(struct groups *g, int dir, const char *path, uint64_t *sum)
{
    _cleanup_(close_dir) DIR *stream = cgroup_children(dir);
    const char *name;
    int r = 0;

    if (!stream)
        return errno == ENOENT || errno == ENODEV
                   ? 0
                   : err_sys(g->e, -errno, "cgroup %s: cannot list", path);
    while (r == 0 && (name = cgroup_next_child(stream))) {
        _cleanup_(free_ptr) char *below = NULL;
        uint64_t tree = 0;

        if (asprintf(&below, "%s/%s", path[1] ? path : "", name) < 0)
            return err_oom(g->e);
        r = visit(g, dir, name, below, &tree);
        *sum += tree;
    }
    return r;
}

static int visit(struct groups *g, int parent, const char *name, const char *path, uint64_t *tree)
{
    _cleanup_(close_fd) int dir = openat(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t own = 0, below = 0;
    struct swapusage_row row;
    bool counted;
    int r;

    if (dir < 0 && (errno == ENOENT || errno == ENODEV))
        return 0;
    if (dir < 0)
        return err_sys(g->e, -errno, "cgroup %s: cannot open", path);
    counted = counts(g, dir, &own, tree);
    r = visit_children(g, dir, path, &below);
    if (r < 0)
        return r;
    g->counted |= counted;
    if (!counted)
        *tree = below;
    else if (g->version == 2)
        own = *tree > below ? *tree - below : 0; /* they were not read at one moment */
    if (own == 0)
        return 0;
    row = (struct swapusage_row){.swap = own, .tree = *tree, .name = strdup(path)};
    return !row.name || add(g->usage, row) < 0 ? err_oom(g->e) : 0;
}

int swapusage_cgroups(const struct root *root, struct swapusage *out, struct err *e)
{
    _cleanup_(swapusage_clear) struct swapusage u = SWAPUSAGE_INIT;
    struct cgroup_mount mount = {.fd = -1};
    struct groups g = {.usage = &u, .e = e};
    uint64_t all = 0;
    int r;

    r = cgroup_open_memory(root, &mount, e);
    if (r < 0)
        return r;
    g.version = mount.version;
    r = visit(&g, mount.fd, ".", "/", &all);
    close_fd(&mount.fd);
    if (r < 0)
        return r;
    if (!g.counted)
        return err_unsupported(e, -EOPNOTSUPP,
                               "cgroups: none of them counts swap (%s); boot with swapaccount=1, "
                               "or look by process",
                               g.version == 2 ? "memory.swap.current" : "swap in memory.stat");
    *out = u;
    u = SWAPUSAGE_INIT;
    return 0;
}

static int largest_first(const void *a, const void *b)
{
    const struct swapusage_row *x = a, *y = b;

    if (x->swap != y->swap)
        return x->swap > y->swap ? -1 : 1;
    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->name && y->name)
        return strcmp(x->name, y->name);
    return (x->uid > y->uid) - (x->uid < y->uid);
}

void swapusage_sort(struct swapusage *u)
{
    if (u->n > 0)
        qsort(u->rows, u->n, sizeof(*u->rows), largest_first);
}
