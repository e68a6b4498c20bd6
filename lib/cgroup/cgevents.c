/* SPDX-License-Identifier: MIT */
#include "cgevents.h"

#include "cgvalue.h"
#include "monotonic.h"
#include <fcntl.h>
#include <poll.h>

enum { SLICE_MS = 1000, TEXT_MAX = 4096 };

/* One slice of waiting. Return: poll(2)'s revents, 0 when nothing came, or a negated errno. */
static int wait_slice(int fd, uint64_t began, const struct cgevents_patience *p)
{
    uint64_t passed = monotonic_ms() - began, left = SLICE_MS;
    struct pollfd pfd = {.fd = fd, .events = POLLPRI};
    int r;

    if (p->timeout_ms != CGEVENTS_FOREVER) {
        if (passed >= p->timeout_ms)
            return -ETIMEDOUT;
        left = p->timeout_ms - passed < SLICE_MS ? p->timeout_ms - passed : SLICE_MS;
    }
    r = poll(&pfd, 1, (int)left);
    if (p->interrupted && p->interrupted(p->arg))
        return -EINTR;
    if (r < 0 && errno != EINTR)
        return -errno;
    return r > 0 ? pfd.revents : 0;
}

static int explain(int r, const char *path, const char *what, struct err *e)
{
    switch (r) {
    case -ETIMEDOUT:
        return err_set(e, r, "/%s: %s: it did not happen in the time that was given", path, what);
    case -EINTR:
        return err_set(e, r, "/%s: %s: interrupted while waiting", path, what);
    case -ENOENT:
        return err_unsupported(e, -EOPNOTSUPP,
                               "/%s: there is no %s; its controller is not enabled for this group, "
                               "or this kernel lacks it",
                               path, what);
    case -ENODATA:
        return err_unsupported(e, -EOPNOTSUPP, "/%s: this kernel does not count that in %s", path,
                               what);
    default:
        return err_sys(e, r, "/%s: %s: cannot wait for it", path, what);
    }
}

/* Return: 1 as wished, 0 not yet, or a negated errno. */
static int look(int fd, const struct cgevents_wish *wish)
{
    char text[TEXT_MAX];
    ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
    uint64_t value;
    int r;

    if (n < 0)
        return -errno;
    text[n] = '\0';
    r = cgvalue_flat(text, wish->key, &value);
    if (r < 0)
        return r;
    return wish->above ? value > wish->than : value == wish->than;
}

/* Is the group still there? Its directory has no files any more when it is not. */
static bool is_gone(int dir)
{
    int saved = errno;
    bool gone = faccessat(dir, "cgroup.procs", F_OK, 0) < 0;

    errno = saved;
    return gone;
}

int cgevents_wait(int dir, const char *path, const struct cgevents_wish *wish,
                  const struct cgevents_patience *patience, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(dir, wish->file, O_RDONLY | O_CLOEXEC);
    uint64_t began = monotonic_ms();
    int r;

    if (fd < 0)
        return is_gone(dir) ? CGEVENTS_GONE : explain(-errno, path, wish->file, e);
    while ((r = look(fd, wish)) == 0) {
        r = wait_slice(fd, began, patience);
        if (r < 0)
            break;
    }
    if (r == 1)
        return CGEVENTS_YES;
    return r == -ENODEV ? CGEVENTS_GONE : explain(r, path, wish->file, e);
}

int cgevents_pressure(int dir, const char *path, const char *file, const struct trigger *trigger,
                      const struct cgevents_patience *patience, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(dir, file, O_RDWR | O_CLOEXEC);
    _cleanup_(free_ptr) char *name = NULL;
    uint64_t began = monotonic_ms();
    int r = 0;

    if (fd < 0)
        return is_gone(dir) ? CGEVENTS_GONE : explain(-errno, path, file, e);
    if (asprintf(&name, "/%s: %s", path, file) < 0)
        return err_oom(e);
    r = trigger_arm(fd, name, trigger, e);
    if (r < 0)
        return r;
    while (r == 0) {
        r = wait_slice(fd, began, patience);
        if (r > 0)
            return r & POLLERR ? CGEVENTS_GONE : CGEVENTS_YES;
        if (r == 0 && is_gone(dir))
            return CGEVENTS_GONE;
    }
    return explain(r, path, file, e);
}
