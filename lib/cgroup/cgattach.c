/* SPDX-License-Identifier: MIT */
#include "cgattach.h"

#include "cgvalue.h"
#include "proctree.h"

int cgattach_memory(const struct root *root, pid_t pid, uint64_t *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    uint64_t resident, swapped = 0;
    struct kv_span value;
    char path[48];

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    if (root_read(root, path, &text, NULL, NULL) < 0)
        return -ESRCH;
    if (!kv_find(text, ':', "VmRSS", &value) || kv_kib(value, &resident) < 0)
        return -ENODATA;
    if (kv_find(text, ':', "VmSwap", &value) && kv_kib(value, &swapped) < 0)
        return -ENODATA;
    *out = resident + swapped;
    return 0;
}

int cgattach_check(const struct root *root, pid_t pid, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span state, threads;
    char path[48];

    snprintf(path, sizeof(path), "/proc/%d/status", pid);
    if (root_read(root, path, &text, NULL, NULL) < 0 || !kv_find(text, ':', "State", &state) ||
        !kv_find(text, ':', "Threads", &threads))
        return 0;
    /* a dead first thread may have living ones beside it */
    if (state.n == 0 || (*state.p != 'Z' && *state.p != 'X') || !kv_span_eq(threads, "1"))
        return 0;
    return err_set(e, -ESRCH, "%d: has ended already, and waits for its parent to notice", pid);
}

static int explain(int r, const char *path, pid_t pid, struct err *e)
{
    switch (r) {
    case -ESRCH:
        return err_set(e, r, "%d: there is no such process", pid);
    case -EINVAL:
        return err_set(e, r, "%d: cannot be moved to /%s; kernel threads stay where they are", pid,
                       path);
    case -EBUSY:
        return err_refuse(e, r,
                          "%d: /%s hands controllers to groups in it, so it takes no processes; "
                          "name a group in it",
                          pid, path);
    case -EOPNOTSUPP:
        return err_unsupported(e, r,
                               "%d: /%s takes no processes, its type is threaded or invalid "
                               "(cgroup.type)",
                               pid, path);
    case -EACCES:
    case -EPERM:
        return err_sys(e, r,
                       "%d: cannot be moved to /%s; the process, that group and the group "
                       "above both must be yours",
                       pid, path);
    case -ENOENT:
        return err_set(e, r,
                       "%d: cannot be moved to /%s; that is beyond the boundary of its "
                       "namespace (nsdelegate)",
                       pid, path);
    case -ENODEV:
        return err_set(e, r, "%d: cannot be moved to /%s; the group is gone", pid, path);
    case -EAGAIN:
        return err_set(e, r, "%d: cannot be moved to /%s; the limit of its processes is reached",
                       pid, path);
    default:
        return err_sys(e, r, "%d: cannot be moved to /%s", pid, path);
    }
}

int cgattach_move(int group, const char *path, pid_t pid, struct err *e)
{
    char text[16];
    int r;

    snprintf(text, sizeof(text), "%d", pid);
    r = cgvalue_write(group, "cgroup.procs", text);
    return r < 0 ? explain(r, path, pid, e) : 0;
}

int cgattach_children(const struct root *root, pid_t pid, pid_t **out, size_t *n, struct err *e)
{
    _cleanup_(procscan_clear) struct procscan scan = PROCSCAN_INIT;
    _cleanup_(proctree_clear) struct proctree tree = PROCTREE_INIT;
    pid_t *list;
    size_t found = 0;
    int r = procscan_begin(root, &scan, e);

    if (r == 0)
        r = proctree_read(&tree, &scan, e);
    if (r < 0)
        return r;
    list = calloc(tree.n + 1, sizeof(*list));
    if (!list)
        return err_oom(e);
    for (size_t i = 0; i < tree.n; i++)
        if (tree.nodes[i].pid != pid && proctree_is_below(&tree, tree.nodes[i].pid, pid))
            list[found++] = tree.nodes[i].pid;
    *out = list;
    *n = found;
    return 0;
}
