/* SPDX-License-Identifier: MIT */
#include "lock.h"

#include <sys/file.h>
#include <time.h>

#include "kv.h"
#include "monotonic.h"

enum { POLL_MS = 50 };

static int make_folder(const struct root *root, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *folder = strdup(path);
    char *slash;

    if (!folder)
        return err_oom(e);
    slash = strrchr(folder, '/');
    if (!slash)
        return 0;
    *slash = '\0';
    return root_mkdirs(root, folder, e);
}

/* A planted file must neither be emptied by us nor let others hold the lock. */
static int check_file(const char *path, const struct stat *st, struct err *e)
{
    if (!S_ISREG(st->st_mode))
        return err_refuse(e, -EINVAL, "%s: is not a regular file; look why, then remove it", path);
    if (st->st_uid != geteuid())
        return err_refuse(e, -EPERM, "%s: belongs to user %u; look why, then remove it", path,
                          (unsigned)st->st_uid);
    if (st->st_nlink > 1)
        return err_refuse(e, -EMLINK, "%s: has a second name (hard link); look why, then remove it",
                          path);
    return 0;
}

static int cannot_open(const struct root *root, const char *path, int r, struct err *e)
{
    if (r == -EROFS)
        return err_set(
            e, r, "%s%s: cannot make the lock on a read-only file system; mount a tmpfs on %s/run",
            root->path, path, root->path);
    if (r == -EACCES)
        return err_set(e, r, "%s: only its owner may open the lock; run it as root (sudo)", path);
    return err_sys(e, r, "%s: cannot open the lock", path);
}

static int open_file(const struct root *root, const char *path, int *out, struct err *e)
{
    /* O_NONBLOCK: a fifo or a device in its place must not make us wait */
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY;
    _cleanup_(close_fd) int fd = root_openat(root, path, flags, 0600);
    struct stat st;
    int r;

    if (fd == -ENOENT) {
        r = make_folder(root, path, e);
        if (r < 0)
            return r == -EROFS || r == -EACCES ? cannot_open(root, path, r, e) : r;
        fd = root_openat(root, path, flags, 0600);
    }
    if (fd == -ELOOP)
        return err_refuse(e, fd, "%s: is a symbolic link; look why, then remove it", path);
    if (fd < 0)
        return cannot_open(root, path, fd, e);
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at the lock", path);
    r = check_file(path, &st, e);
    if (r == 0)
        *out = TAKE_FD(fd);
    return r;
}

static int timed_out(int fd, const char *path, struct err *e)
{
    char text[32], holder[40] = "another process";
    ssize_t n = pread(fd, text, sizeof(text), 0);
    struct kv_span rest, span = {text, n > 0 ? (size_t)n : 0};
    uint64_t pid;

    for (; span.n > 0 && *span.p == ' '; span.n--)
        span.p++;
    if (kv_u64(span, &pid, &rest) == 0 && kv_span_eq(rest, "\n"))
        snprintf(holder, sizeof(holder), "process %llu", (unsigned long long)pid);
    return err_set(e, -ETIMEDOUT,
                   "%s: %s holds the lock; wait until it is done, or allow more time", path,
                   holder);
}

/* Polls, because a blocking flock(2) would need a signal of the program's to end it. */
static int wait_for(int fd, const char *path, uint64_t timeout_ms, bool (*interrupted)(void *),
                    void *arg, struct err *e)
{
    const struct timespec pause = {.tv_nsec = POLL_MS * 1000000L};
    uint64_t start = monotonic_ms();

    while (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return err_sys(e, -errno, "%s: cannot lock", path);
        if (interrupted && interrupted(arg))
            return err_set(e, -EINTR, "%s: interrupted while waiting for the lock", path);
        if (monotonic_ms() - start >= timeout_ms)
            return timed_out(fd, path, e);
        nanosleep(&pause, NULL);
    }
    return 0;
}

/*
 * Only so that who waits can be told; a full /run is no reason to fail. Always as long as before,
 * as in the lock files of the Filesystem Hierarchy Standard: cutting the file off first would cost
 * a quarter of a millisecond where /run lies on a disk.
 */
static void leave_pid(int fd)
{
    dprintf(fd, "%10d\n", (int)getpid());
}

int lock_take(const struct root *root, const char *path, uint64_t timeout_ms,
              bool (*interrupted)(void *), void *arg, int *fd, struct err *e)
{
    int r = 0;

    while (r == 0) {
        _cleanup_(close_fd) int ours = -1;
        struct stat held, named;

        r = open_file(root, path, &ours, e);
        if (r == 0)
            r = wait_for(ours, path, timeout_ms, interrupted, arg, e);
        if (r < 0)
            break;
        /* Somebody deleted the file meanwhile, and others lock the new one. */
        if (fstat(ours, &held) < 0 || root_stat(root, path, O_NOFOLLOW, &named) < 0 ||
            held.st_dev != named.st_dev || held.st_ino != named.st_ino)
            continue;
        leave_pid(ours);
        *fd = TAKE_FD(ours);
        break;
    }
    return r;
}

int lock_take_root(const struct root *root, uint64_t timeout_ms, bool (*interrupted)(void *),
                   void *arg, int *fd, struct err *e)
{
    _cleanup_(close_fd) int ours = root_openat(root, "/", O_RDONLY | O_DIRECTORY, 0);
    int r;

    if (ours < 0)
        return err_sys(e, ours, "%s: cannot open for locking", root->path);
    r = wait_for(ours, root->path, timeout_ms, interrupted, arg, e);
    if (r == 0)
        *fd = TAKE_FD(ours);
    return r;
}
