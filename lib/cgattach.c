/* SPDX-License-Identifier: MIT */
#include "cgattach.h"

#include "cgvalue.h"
#include "proc.h"

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

struct family {
    pid_t pid, parent;
    bool in;
};

static int read_parents(const struct root *root, struct family **out, size_t *n, struct err *e)
{
    _cleanup_(proc_walk_clear) struct proc_walk w = PROC_WALK_INIT;
    _cleanup_(free_ptr) struct family *all = NULL;
    size_t count = 0;
    const char *text;
    struct kv_span value;
    uint64_t parent;
    pid_t pid;
    int r = proc_walk_begin(root, &w, e);

    while (r == 0 && (r = proc_walk_next(&w, &pid, e)) == 1) {
        struct family *more = reallocarray(all, count + 1, sizeof(*all));

        if (!more)
            return err_oom(e);
        all = more;
        r = 0;
        if (proc_walk_read(&w, pid, "status", &text) >= 0 && kv_find(text, ':', "PPid", &value) &&
            kv_u64(value, &parent, NULL) == 0)
            all[count++] = (struct family){pid, (pid_t)parent, false};
    }
    if (r < 0)
        return r;
    *out = TAKE_PTR(all);
    *n = count;
    return 0;
}

int cgattach_children(const struct root *root, pid_t pid, pid_t **out, size_t *n, struct err *e)
{
    _cleanup_(free_ptr) struct family *all = NULL;
    _cleanup_(free_ptr) pid_t *list = NULL;
    size_t count = 0, found = 1;
    int r = read_parents(root, &all, &count, e);

    if (r < 0)
        return r;
    list = calloc(count + 1, sizeof(*list));
    if (!list)
        return err_oom(e);
    list[0] = pid;
    for (size_t at = 0; at < found; at++)
        for (size_t i = 0; i < count; i++)
            if (!all[i].in && all[i].parent == list[at] && all[i].pid != pid) {
                all[i].in = true;
                list[found++] = all[i].pid;
            }
    *n = found - 1;
    memmove(list, list + 1, *n * sizeof(*list));
    *out = TAKE_PTR(list);
    return 0;
}
