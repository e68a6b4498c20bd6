/* SPDX-License-Identifier: MIT */
#include "proctree.h"

void proctree_clear(struct proctree *t)
{
    free(t->nodes);
    *t = PROCTREE_INIT;
}

static int add(struct proctree *t, struct proctree_node node)
{
    if (t->n == t->size) {
        size_t size = t->size ? 2 * t->size : 256;
        struct proctree_node *nodes = reallocarray(t->nodes, size, sizeof(*nodes));

        if (!nodes)
            return -ENOMEM;
        t->nodes = nodes;
        t->size = size;
    }
    t->nodes[t->n++] = node;
    return 0;
}

static int by_pid(const void *a, const void *b)
{
    const struct proctree_node *x = a, *y = b;

    return (x->pid > y->pid) - (x->pid < y->pid);
}

int proctree_read(struct proctree *t, struct procscan *s, struct err *e)
{
    struct proc_stat stat;
    const char *text;
    pid_t pid;
    int r = procscan_rewind(s, e);

    if (r < 0)
        return r;
    t->n = 0;
    while ((r = procscan_next(s, &pid, e)) == 1) {
        if (procscan_read(s, pid, "stat", &text) < 0 || proc_stat_parse(text, &stat) < 0)
            continue;
        if (add(t, (struct proctree_node){pid, stat.ppid}) < 0)
            return err_oom(e);
    }
    if (t->n > 0)
        qsort(t->nodes, t->n, sizeof(*t->nodes), by_pid);
    return r;
}

pid_t proctree_parent(const struct proctree *t, pid_t pid)
{
    struct proctree_node key = {.pid = pid}, *found = NULL;

    if (t->n > 0)
        found = bsearch(&key, t->nodes, t->n, sizeof(key), by_pid);
    return found ? found->ppid : 0;
}

bool proctree_is_below(const struct proctree *t, pid_t pid, pid_t top)
{
    /* numbers given anew while it was read could close a circle */
    for (size_t i = 0; i <= t->n && pid > 0; i++) {
        if (pid == top)
            return true;
        pid = proctree_parent(t, pid);
    }
    return false;
}
