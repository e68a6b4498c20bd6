/* SPDX-License-Identifier: MIT */
#include "ownlimit.h"

#include "cgtree.h"
#include "cgvalue.h"
#include "proc.h"

/* Version 1 writes the largest number of whole pages for no limit. */
#define NO_LIMIT_V1 (UINT64_C(1) << 62)

void ownlimit_clear(struct ownlimit *l)
{
    free(l->group);
    *l = OWNLIMIT_INIT;
}

/* What is charged, without what goes first when room is needed. */
static int read_used(int dir, const char *file, const char *key, uint64_t *out)
{
    _cleanup_(free_ptr) char *stat = NULL;
    uint64_t inactive = 0;
    int r = cgvalue_read(dir, file, out);

    if (r == 0 && cgroup_read(dir, "memory.stat", &stat) == 0 &&
        cgvalue_flat(stat, key, &inactive) == 0)
        *out = *out > inactive ? *out - inactive : 0;
    return r;
}

static int found(const char *path, uint64_t limit, uint64_t used, struct ownlimit *out,
                 struct err *e)
{
    char *group;

    if (asprintf(&group, "/%s", path) < 0)
        return err_oom(e);
    free(out->group);
    *out = (struct ownlimit){group, limit, used};
    return 1;
}

/* Takes the limit of one group if it is lower than @out's. */
static int look_v2(const struct cgtree *tree, const char *path, struct ownlimit *out, struct err *e)
{
    _cleanup_(close_fd) int dir =
        openat(tree->fd, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    uint64_t limit, used;

    /* the root has no limit, and a group without the controller none of its own */
    if (dir < 0 || cgvalue_read(dir, "memory.max", &limit) < 0 || limit == CGVALUE_MAX ||
        (out->group && limit >= out->limit) ||
        read_used(dir, "memory.current", "inactive_file", &used) < 0)
        return 0;
    return found(path, limit, used, out, e);
}

static int read_v2(const struct cgtree *tree, struct ownlimit *out, struct err *e)
{
    _cleanup_(free_ptr) char *path = strdup(tree->own ? tree->own : "");
    int r;

    if (!path)
        return err_oom(e);
    for (;;) {
        char *slash = strrchr(path, '/');

        r = look_v2(tree, path, out, e);
        if (r < 0 || !*path)
            return r < 0 ? r : out->group != NULL;
        *(slash ? slash : path) = '\0';
    }
}

/* The path of our group below @part. In a container without a namespace of its own the path is that
 * of the host: then the top of what is mounted is ours. */
static char *own_v1(const char *text, const char *part)
{
    struct kv_span span = proc_cgroup_memory(text);
    _cleanup_(free_ptr) char *path = strndup(span.n ? span.p : "", span.n);
    const char *below = path ? cgtree_below(part, path) : NULL;

    return path ? strdup(below ? below : "") : NULL;
}

static int look_v1(const struct root *root, const char *point, const char *path,
                   struct ownlimit *out, struct err *e)
{
    _cleanup_(close_fd) int top = root_openat(root, point, O_RDONLY | O_DIRECTORY, 0), dir = -1;
    _cleanup_(free_ptr) char *stat = NULL;
    uint64_t limit, used;

    while (*path == '/')
        path++;
    if (top >= 0)
        dir = openat(top, *path ? path : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0 || cgroup_read(dir, "memory.stat", &stat) < 0 ||
        cgvalue_flat(stat, "hierarchical_memory_limit", &limit) < 0 || limit >= NO_LIMIT_V1 ||
        read_used(dir, "memory.usage_in_bytes", "total_inactive_file", &used) < 0)
        return 0;
    return found(path, limit, used, out, e);
}

static int read_v1(const struct root *root, struct ownlimit *out, struct err *e)
{
    _cleanup_(free_ptr) char *mounts = NULL, *text = NULL, *point = NULL, *part = NULL, *own = NULL;
    int r = root_read(root, "/proc/self/mountinfo", &mounts, NULL, e);

    if (r == 0)
        r = root_read(root, "/proc/self/cgroup", &text, NULL, e);
    if (r == 0)
        r = cgroup_mount_parse_part(mounts, 1, &point, &part);
    if (r <= 0)
        return r == -ENOMEM ? err_oom(e) : r;
    own = own_v1(text, part);
    return own ? look_v1(root, point, own, out, e) : err_oom(e);
}

int ownlimit_read(const struct root *root, struct ownlimit *out, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree tree = CGTREE_INIT;
    _cleanup_(ownlimit_clear) struct ownlimit l = OWNLIMIT_INIT;
    int r = cgtree_look(root, &tree, e);

    if (r < 0)
        return r;
    if (tree.memory_v1)
        r = read_v1(root, &l, e);
    else if (tree.fd >= 0)
        r = read_v2(&tree, &l, e);
    if (r <= 0)
        return r;
    *out = l;
    l = OWNLIMIT_INIT;
    return 1;
}
