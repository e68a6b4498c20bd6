/* SPDX-License-Identifier: MIT */
#include "askers.h"

#include <signal.h>

void askers_clear(struct askers *a)
{
    /* all at once, so that they die while the first one is waited for */
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].child.pid > 0)
            kill(a->v[i].child.pid, SIGKILL);
    for (size_t i = 0; i < a->n; i++) {
        bounded_bury(&a->v[i].child, a->left);
        free(a->v[i].key);
    }
    free(a->v);
    *a = ASKERS_INIT;
}

/* What he has written stays in the pipe. */
static void bury(struct asker *k, struct bounded_left *left)
{
    int fd = TAKE_FD(k->child.fd);

    bounded_bury(&k->child, left);
    k->child.fd = fd;
}

void askers_reap(struct askers *a)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].child.pid > 0 && bounded_answers(&a->v[i].child, 0))
            bury(&a->v[i], a->left);
}

static struct asker *find(const struct askers *a, const char *key, bounded_fn *fn)
{
    for (size_t i = 0; i < a->n; i++)
        if (a->v[i].fn == fn && streq(a->v[i].key, key))
            return &a->v[i];
    return NULL;
}

static bool take(struct askers *a, struct bounded *child, void *answer, size_t size)
{
    ssize_t n = read(child->fd, answer, size);

    bounded_bury(child, a->left);
    return n == (ssize_t)size;
}

/* Make room, so that none is sent of whom nobody knows later. */
static int reserve(struct askers *a, struct err *e)
{
    struct asker *v = reallocarray(a->v, a->n + 1, sizeof(*v));

    if (!v)
        return err_oom(e);
    a->v = v;
    return 0;
}

int askers_ask(struct askers *a, const char *key, bounded_fn *fn, void *arg, uint64_t ms,
               void *answer, size_t size, struct err *e)
{
    struct asker *before = find(a, key, fn);
    _cleanup_(free_ptr) char *copy = NULL;
    struct bounded child = BOUNDED_INIT;
    bool late = false;
    int r;

    askers_reap(a);
    if (before && before->child.pid > 0)
        return -ETIMEDOUT;
    if (before) {
        late = take(a, &before->child, answer, size);
        free(before->key);
        *before = a->v[--a->n];
    }
    copy = strdup(key);
    r = copy ? reserve(a, e) : err_oom(e);
    if (r == 0)
        r = bounded_start(&child, fn, arg, e);
    if (r < 0)
        return r;
    if (bounded_answers(&child, ms))
        return take(a, &child, answer, size)
                   ? 0
                   : err_set(e, -ECHILD, "%s: its reader ended without an answer", key);
    a->v[a->n++] = (struct asker){fn, TAKE_PTR(copy), child};
    return late ? ASKERS_LATE : -ETIMEDOUT;
}
