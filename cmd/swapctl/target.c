/* SPDX-License-Identifier: MIT */
#include "target.h"
#include "swaptag.h"

void target_clear(struct target *t)
{
    swaploop_clear(&t->loop);
    close_fd(&t->file);
    close_fd(&t->fd);
    free(t->path);
    t->path = NULL;
}

/* The kernel knows it by a name that leads nowhere from here. */
static bool listed(const struct swaps *swaps, const char *path)
{
    for (size_t i = 0; i < swaps->n; i++)
        if (streq(swaps->areas[i].path, path))
            return true;
    return false;
}

static int open_named(struct session *s, const char *path, struct err *e)
{
    int fd = root_open_named(&s->ctx->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

    if (fd == -ENOENT && listed(&s->swaps, path))
        return err_set(e, fd,
                       "%s: is active, but that name leads nowhere here; it was activated in "
                       "another mount namespace, or "
                       "something is mounted over it",
                       path);
    if (fd == -EACCES)
        return err_set(e, fd, "%s: cannot open for reading; run as root (sudo)", path);
    return fd < 0 ? err_sys(e, fd, "%s: cannot open for reading", path) : fd;
}

static int check_type(const struct target *t, const char *operand, struct err *e)
{
    if (S_ISREG(t->st.st_mode) || S_ISBLK(t->st.st_mode))
        return 0;
    return err_refuse(e, S_ISDIR(t->st.st_mode) ? -EISDIR : -EINVAL,
                      "%s: is neither a file nor a block device; name a swap area", operand);
}

static int find_active(struct session *s, struct target *t, struct err *e)
{
    int r = 0;

    if (S_ISREG(t->st.st_mode))
        r = swaparea_on_loop(&s->ctx->root, &s->swaps, &t->st, &t->active, e);
    if (r == 0)
        t->active = swaparea_find(&s->ctx->root, &s->swaps, t->fd, &t->st);
    if (r >= 0)
        r = 1;
    if (r == 1 && t->active)
        r = swaploop_adopt(&s->ctx->root, t->active, &t->loop, e);
    t->on_loop = r == 0;
    if (!t->on_loop || !S_ISBLK(t->st.st_mode))
        return r < 0 ? r : 0;
    close_fd(&t->fd);
    if (!t->loop.extended)
        t->file = swaploop_open_file(&s->ctx->root, &t->loop);
    return 0;
}

const int *target_file(const struct target *t)
{
    return S_ISREG(t->st.st_mode) ? &t->fd : &t->file;
}

void target_area(struct target *t, const struct root *root, struct swaparea *area)
{
    *area = (struct swaparea){.fd = t->fd, .path = t->path};
    t->loop.root = root;
    t->loop.path = t->path;
    t->loop.file = target_file(t);
    if (t->on_loop)
        swaploop_bind(&t->loop, area);
}

int target_open(struct session *s, const char *operand, struct target *out, struct err *e)
{
    _cleanup_(target_clear) struct target t = TARGET_INIT;
    _cleanup_(free_ptr) char *device = NULL;
    int r;

    if (!*operand)
        return err_usage(e, -EINVAL, "an empty operand names no swap area");
    if (swaptag_is(operand)) {
        r = swaptag_find(&s->ctx->root, &s->swaps, operand, &device, e);
        if (r < 0)
            return r;
    }
    t.fd = open_named(s, device ? device : operand, e);
    if (t.fd < 0)
        return t.fd;
    if (fstat(t.fd, &t.st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", operand);
    r = check_type(&t, operand, e);
    if (r == 0)
        r = root_path_of(&s->ctx->root, t.fd, &t.path, e);
    if (r < 0)
        return r;
    r = find_active(s, &t, e);
    if (r < 0)
        return r;
    *out = t;
    t = TARGET_INIT;
    return 0;
}
