/* SPDX-License-Identifier: MIT */
#include "cgscan.h"

#include "cgvalue.h"
#include <limits.h>
#include <sys/syscall.h>

enum { ENTRIES_MAX = 32768 };

struct walk {
    cgscan_fn *visit;
    void *arg;
    struct err *e;
};

/* The names of the groups in a group. */
struct names {
    char **list;
    size_t n;
};

static void names_clear(struct names *names)
{
    for (size_t i = 0; i < names->n; i++)
        free(names->list[i]);
    free(names->list);
    *names = (struct names){NULL, 0};
}

static int add_name(struct names *names, const char *name)
{
    char **list = names->list;

    /* room for 16, 32, 64...: it is used up when the number is such a one */
    if (names->n == 0 || (names->n >= 16 && (names->n & (names->n - 1)) == 0))
        list = reallocarray(list, names->n ? 2 * names->n : 16, sizeof(*list));
    if (!list)
        return -ENOMEM;
    names->list = list;
    list[names->n] = strdup(name);
    return list[names->n] ? (names->n++, 0) : -ENOMEM;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* getdents64(2) */
struct entry {
    uint64_t ino;
    int64_t off;
    unsigned short reclen;
    unsigned char type;
    char name[];
};

static int take_entry(struct names *names, const struct entry *entry)
{
    if (entry->type != DT_DIR || streq(entry->name, ".") || streq(entry->name, ".."))
        return 0;
    return add_name(names, entry->name);
}

/* By hand, because readdir(3) wants a descriptor of its own and asks it three things first. */
static int read_names(int dir, struct names *names)
{
    _cleanup_(free_ptr) char *buf = malloc(ENTRIES_MAX);
    long n = 0;
    int r = buf ? 0 : -ENOMEM;

    while (r == 0 && (n = syscall(SYS_getdents64, dir, buf, (size_t)ENTRIES_MAX)) > 0) {
        for (long at = 0; at < n && r == 0;) {
            const struct entry *entry = (const void *)(buf + at);

            r = take_entry(names, entry);
            at += entry->reclen;
        }
    }
    if (n < 0)
        return -errno;
    if (names->n > 1)
        qsort(names->list, names->n, sizeof(*names->list), by_name);
    return r;
}

/* Are the groups in this one all there are below it? Its text is short: one read(2) has it. */
static bool are_leaves(int dir, size_t children)
{
    _cleanup_(close_fd) int fd = openat(dir, "cgroup.stat", O_RDONLY | O_CLOEXEC);
    char text[256];
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    uint64_t all;

    if (n < 0)
        return false;
    text[n] = '\0';
    return cgvalue_flat(text, "nr_descendants", &all) == 0 && all == children;
}

/* A folder that nothing is in has two links: its own and its ".". */
static bool is_leaf(int above, const char *name)
{
    struct stat st;

    return fstatat(above, name, &st, AT_SYMLINK_NOFOLLOW) < 0 || st.st_nlink == 2;
}

static bool is_gone(int r)
{
    return r == -ENOENT || r == -ENODEV;
}

static int walk_into(const struct walk *w, const struct cgscan_group *g);

static int visit_child(const struct walk *w, const struct cgscan_group *g, int dir,
                       const char *name, bool leaf)
{
    _cleanup_(free_ptr) char *path = NULL;
    struct cgscan_group child = {.name = name, .above = dir, .depth = g->depth + 1};
    int r;

    if (asprintf(&path, "%s%s%s", g->path, *g->path ? "/" : "", name) < 0)
        return err_oom(w->e);
    child.path = path;
    r = w->visit(w->arg, &child, w->e);
    if (r < 0 || leaf || is_leaf(dir, name))
        return r;
    return walk_into(w, &child);
}

/* Visit the groups in this one. */
static int walk_into(const struct walk *w, const struct cgscan_group *g)
{
    _cleanup_(close_fd) int dir = openat(g->above, g->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_(names_clear) struct names names = {NULL, 0};
    bool leaves;
    int r;

    if (dir < 0)
        return is_gone(-errno) ? 0 : err_sys(w->e, -errno, "/%s: cannot open the group", g->path);
    r = read_names(dir, &names);
    if (r < 0)
        return is_gone(r) ? 0 : err_sys(w->e, r, "/%s: cannot list the groups in it", g->path);
    leaves = are_leaves(dir, names.n);
    for (size_t i = 0; i < names.n && r == 0; i++)
        r = visit_child(w, g, dir, names.list[i], leaves);
    return r;
}

int cgscan_walk(const struct cgtree *tree, const char *path, cgscan_fn *visit, void *arg,
                struct err *e)
{
    const struct walk w = {visit, arg, e};
    _cleanup_(close_fd) int dir = cgtree_group(tree, path, e);
    struct cgscan_group first = {.path = path, .name = ".", .above = dir};
    int r;

    if (dir < 0)
        return dir;
    r = visit(arg, &first, e);
    return r < 0 ? r : walk_into(&w, &first);
}

static const char *join(const struct cgscan_group *g, const char *file, char path[static PATH_MAX])
{
    if (streq(g->name, "."))
        return file;
    snprintf(path, PATH_MAX, "%s/%s", g->name, file);
    return path;
}

int cgscan_value(const struct cgscan_group *g, const char *file, uint64_t *out)
{
    char path[PATH_MAX];

    return cgvalue_read(g->above, join(g, file, path), out);
}

int cgscan_text(const struct cgscan_group *g, const char *file, char **out)
{
    char path[PATH_MAX];

    return cgroup_read(g->above, join(g, file, path), out);
}
