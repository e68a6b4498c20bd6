/* SPDX-License-Identifier: MIT */
#include "guard.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

enum { BOTH = FS_IMMUTABLE_FL | FS_APPEND_FL, PROOF = 4096 };

unsigned guard_get(int fd)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return GUARD_NONE;
    return (flags & FS_IMMUTABLE_FL ? (unsigned)GUARD_IMMUTABLE : 0) |
           (flags & FS_APPEND_FL ? (unsigned)GUARD_APPEND_ONLY : 0);
}

static int set(int fd, unsigned guard)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return -errno;
    flags &= ~BOTH;
    flags |= guard & GUARD_IMMUTABLE ? FS_IMMUTABLE_FL : 0;
    flags |= guard & GUARD_APPEND_ONLY ? FS_APPEND_FL : 0;
    return ioctl(fd, FS_IOC_SETFLAGS, &flags) < 0 ? -errno : 0;
}

int guard_set(int fd, unsigned guard, const char *path, struct err *e)
{
    int r = guard_get(fd) == guard ? 0 : set(fd, guard);

    return r < 0 ? err_sys(e, r, "%s: cannot change its immutable attribute", path) : 0;
}

/* Return: 0; 1 if writing is forbidden; or a negated errno. */
static int prove(int writable)
{
    char page[PROOF];
    ssize_t n = pread(writable, page, sizeof(page), 0);

    if (n < 0)
        return -errno;
    if (pwrite(writable, page, (size_t)n, 0) == n)
        return 0;
    return errno == EPERM ? 1 : -errno;
}

int guard_put(int writable, const char *path, unsigned *was, struct err *e)
{
    static const enum guard kinds[] = {GUARD_IMMUTABLE, GUARD_APPEND_ONLY};
    unsigned before = guard_get(writable);
    int r = 1;

    for (size_t i = 0; i < ARRAY_SIZE(kinds) && r == 1; i++)
        /* no such attribute here, or not for us: go on without */
        r = guard_get(writable) == kinds[i] || set(writable, kinds[i]) == 0 ? prove(writable) : 1;
    if (r != 0)
        (void)set(writable, r < 0 ? before : GUARD_NONE);
    if (r < 0)
        return err_sys(e, r, "%s: cannot write to it", path);
    *was = before;
    return r;
}

int guard_open(int fd, const char *path, struct err *e)
{
    unsigned before = guard_get(fd);
    char link[32];
    int out, r;

    r = guard_set(fd, GUARD_NONE, path, e);
    if (r < 0)
        return r;
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    out = open(link, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    r = out < 0 ? -errno : out;
    if (before)
        (void)set(fd, before);
    return r < 0 ? err_sys(e, r, "%s: cannot open for writing", path) : r;
}

static int apply_off(void *ctx, struct err *e)
{
    const struct guard_step *s = ctx;

    return guard_set(*s->file, GUARD_NONE, s->path, e);
}

static int undo_off(void *ctx, struct err *e)
{
    const struct guard_step *s = ctx;

    return guard_set(*s->file, s->was, s->path, e);
}

int guard_plan_off(struct guard_step *s, const int *file, const char *path, struct plan *plan,
                   struct err *e)
{
    *s = (struct guard_step){.file = file, .path = path, .was = guard_get(*file)};
    if (s->was == GUARD_NONE)
        return 1;
    return plan_add(plan, "unprotect", apply_off, undo_off, s, e, "let %s be changed again", path);
}
