/* SPDX-License-Identifier: MIT */
#include "swapmake.h"
#include "abi.h"
#include "aside.h"
#include "extents.h"
#include "selinux.h"
#include "size.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

/* Large steps, so that a small file takes one call and a signal is still noticed within a terabyte.
 */
#define ALLOCATE_STEP ((uint64_t)16 << 30)
#define WRITE_STEP ((uint64_t)1 << 20)
/* f2fs allocates pinned files in whole sections only. */
#define PIN_ALIGN ((uint64_t)2 << 20)

static uint64_t bytes_of(const struct swapmake *m)
{
    return m->header.pages * m->header.page_size;
}

void swapmake_clear(struct swapmake *m)
{
    close_fd(&m->fd);
}

static int fail_allocate(const struct swapmake *m, int r, struct err *e)
{
    char wanted[SIZE_TEXT_MAX], room[SIZE_TEXT_MAX];

    size_format(bytes_of(m), wanted);
    switch (r) {
    case -ENOSPC:
        return err_set(
            e, r, "%s: no space for %s, its file system has %s free; ask for less, or make room",
            m->path, wanted, size_format(m->fs->available, room));
    case -EDQUOT:
        return err_set(e, r, "%s: the disk quota does not allow %s", m->path, wanted);
    case -EFBIG:
        return err_set(e, r,
                       "%s: %s is more than this file system or the limit of this process (ulimit "
                       "-f) allows for a file",
                       m->path, wanted);
    default:
        return err_sys(e, r, "%s: cannot allocate %s", m->path, wanted);
    }
}

static bool stopped(const struct swapmake *m)
{
    return m->watch.interrupted && m->watch.interrupted(m->watch.arg);
}

static int fail_stopped(const struct swapmake *m, struct err *e)
{
    return err_set(e, -EINTR, "%s: interrupted while it was being made", m->path);
}

/*
 * No copy-on-write and no compression, which a folder may hand down: two calls, because btrfs
 * refuses to exchange the one for the other in one. Must come before any content.
 */
static int set_nocow(int fd, const char *path, struct err *e)
{
    int flags = 0, r;

    r = ioctl(fd, FS_IOC_GETFLAGS, &flags);
    if (r == 0 && (flags & FS_COMPR_FL)) {
        flags &= ~FS_COMPR_FL;
        r = ioctl(fd, FS_IOC_SETFLAGS, &flags);
    }
    flags |= FS_NOCOW_FL;
    if (r == 0 && ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0 &&
        ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_NOCOW_FL))
        return 0;
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s: btrfs does not let this file be made without copy-on-write", path);
}

static int set_pinned(int fd, const char *path, struct err *e)
{
    uint32_t on = 1;

    if (ioctl(fd, ABI_F2FS_IOC_SET_PIN_FILE, &on) == 0)
        return 0;
    return err_unsupported(e, -EOPNOTSUPP, "%s: f2fs does not let this file be pinned: %s", path,
                           strerror(errno));
}

static int write_zeros(struct swapmake *m, int fd, uint64_t from, struct err *e)
{
    _cleanup_(free_ptr) char *zeros = calloc(1, WRITE_STEP);
    uint64_t total = bytes_of(m);

    if (!zeros)
        return err_oom(e);
    for (uint64_t at = from; at < total;) {
        uint64_t left = total - at;
        ssize_t n;

        if (stopped(m))
            return fail_stopped(m, e);
        n = pwrite(fd, zeros, left < WRITE_STEP ? (size_t)left : (size_t)WRITE_STEP, (off_t)at);
        if (n < 0 && errno != EINTR)
            return fail_allocate(m, -errno, e);
        at += n > 0 ? (uint64_t)n : 0;
        if (m->watch.progress)
            m->watch.progress(m->watch.arg, m->path, at, total);
    }
    m->written = true;
    return 0;
}

static int allocate(struct swapmake *m, int fd, uint64_t from, struct err *e)
{
    uint64_t total = bytes_of(m), rounded = total;

    if (m->fs->pin)
        rounded = (total + PIN_ALIGN - 1) / PIN_ALIGN * PIN_ALIGN;
    for (uint64_t at = from; at < rounded;) {
        uint64_t step = rounded - at < ALLOCATE_STEP ? rounded - at : ALLOCATE_STEP;

        if (stopped(m))
            return fail_stopped(m, e);
        if (fallocate(fd, 0, (off_t)at, (off_t)step) == 0) {
            at += step;
        } else if ((errno == EOPNOTSUPP || errno == ENOSYS) && at == from) {
            return write_zeros(m, fd, from, e);
        } else if (errno != EINTR) {
            return fail_allocate(m, -errno, e);
        }
    }
    return 0;
}

static int write_header(const struct swapmake *m, int fd, struct err *e)
{
    _cleanup_(free_ptr) char *page = malloc(m->header.page_size);
    ssize_t n;

    if (!page)
        return err_oom(e);
    swapheader_format(&m->header, page);
    n = pwrite(fd, page, m->header.page_size, 0);
    if (n == (ssize_t)m->header.page_size)
        return 0;
    return n < 0 ? fail_allocate(m, -errno, e) : fail_allocate(m, -ENOSPC, e);
}

/*
 * Where only a loop device works, another file system lies below. One that is on a disk can tell
 * where the blocks of a file are, even of an empty one; and btrfs takes the attribute through to
 * its own file.
 */
static int set_layered(int fd, const char *path, struct err *e)
{
    struct extents x;
    int r = extents_look(fd, path, 1, &x, e);

    if (r == 0 && !x.known)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: the file system below is not one on a disk (perhaps tmpfs, "
                               "which lives in RAM); choose a folder on a disk",
                               path);
    if (r == 0)
        (void)set_nocow(fd, path, NULL);
    return r;
}

/* Everything that happens to the file while it has no name. */
static int fill(struct swapmake *m, int fd, struct err *e)
{
    int r = 0;

    /* not by open(2): the umask may take away even our own bits; and a setgid folder gives its
     * group away */
    if (fchmod(fd, 0600) < 0)
        return err_sys(e, -errno, "%s: cannot set its mode", m->path);
    if (m->selinux)
        r = selinux_label_swap(fd, m->path, e);
    if (r < 0)
        return r;
    if (m->fs->nocow)
        r = set_nocow(fd, m->path, e);
    else if (m->fs->pin)
        r = set_pinned(fd, m->path, e);
    else if (m->fs->swap == FILESYSTEM_SWAP_LOOP)
        r = set_layered(fd, m->path, e);
    if (r == 0)
        r = allocate(m, fd, 0, e);
    if (r == 0)
        r = write_header(m, fd, e);
    if (r == 0 && fsync(fd) < 0)
        r = fail_allocate(m, -errno, e);
    if (r == 0 && fstat(fd, &m->st) < 0)
        r = err_sys(e, -errno, "%s: cannot look at it", m->path);
    return r;
}

static bool is_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

static int sync_folder(const struct swapmake *m, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(m->dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0 || fsync(fd) < 0)
        return err_sys(e, -errno, "%s: cannot sync its folder", m->path);
    return 0;
}

static int fail_aside(const struct swapmake *m, const char *aside, int r, struct err *e)
{
    switch (r) {
    case -ESTALE:
        return err_set(e, r, "%s: was exchanged meanwhile; nothing was deleted", m->path);
    case -EUCLEAN:
        return err_set(e, -ESTALE,
                       "%s: was exchanged again and again meanwhile; nothing was deleted, but one "
                       "of the files is now named %s",
                       m->path, aside);
    case -EEXIST:
        return err_refuse(e, r,
                          "%s: is in the way: it lies in the same folder under the name %s; look "
                          "what it is, then move it away",
                          m->path, aside);
    default:
        return err_sys(e, r, "%s: cannot take its name away", m->path);
    }
}

/* What a killed run left aside holds nothing: an area that was to be deleted, a new one, or what
 * that one was to replace. */
static bool is_worthless(int fd, const struct stat *st)
{
    struct swapheader h;

    if (st->st_size == 0)
        return true;
    if (swapheader_read(fd, &h) < 0 || h.kind == SWAPHEADER_HIBERNATE)
        return false;
    return h.kind != SWAPHEADER_NONE || extents_all_zero(fd, "", NULL, NULL, NULL) == 1;
}

/* Return: 0 there is nothing aside, 1 there is; refused if it is something else. */
static int look_aside(const struct swapmake *m, char aside[static NAME_MAX + 1], struct err *e)
{
    const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    _cleanup_(close_fd) int fd = -1;
    struct stat st;

    aside_name(m->name, aside);
    fd = openat(m->dir_fd, aside, flags);
    if (fd < 0 && errno == ENOENT)
        return 0;
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_worthless(fd, &st))
        return fail_aside(m, aside, -EEXIST, e);
    return 1;
}

int swapmake_left(const struct swapmake *m, struct err *e)
{
    char aside[NAME_MAX + 1];

    return look_aside(m, aside, e);
}

int swapmake_tidy(const struct swapmake *m, struct err *e)
{
    char aside[NAME_MAX + 1];
    int r = look_aside(m, aside, e);

    if (r == 1 && unlinkat(m->dir_fd, aside, 0) < 0)
        return err_sys(e, -errno, "%s: cannot delete %s, which a killed run left", m->path, aside);
    return r < 0 ? r : 0;
}

/* Where the file system cannot move it aside first. */
static int unlink_at_once(const struct swapmake *m, struct err *e)
{
    if (unlinkat(m->dir_fd, m->name, 0) < 0)
        return err_sys(e, -errno, "%s: cannot delete", m->path);
    return sync_folder(m, e);
}

/* The name goes only if it still means the file that was meant. */
static int unlink_exactly(const struct swapmake *m, const struct stat *meant, struct err *e)
{
    char aside[NAME_MAX + 1];
    int r = swapmake_tidy(m, e);

    if (r < 0)
        return r;
    aside_name(m->name, aside);
    r = aside_move(m->dir_fd, m->name, aside, meant);
    if (r == -EOPNOTSUPP)
        return unlink_at_once(m, e);
    if (r < 0)
        return fail_aside(m, aside, r, e);
    /* as long as it can be undone: does the folder reach the disk? */
    r = sync_folder(m, e);
    if (r == 0 && unlinkat(m->dir_fd, aside, 0) < 0)
        r = err_sys(e, -errno, "%s: cannot delete", m->path);
    if (r < 0)
        (void)aside_move_back(m->dir_fd, m->name, aside);
    else
        (void)sync_folder(m, NULL);
    return r;
}

static int fail_name(const struct swapmake *m, int r, struct err *e)
{
    if (r == -EEXIST)
        return err_set(e, r, "%s: appeared while it was being made; it was not touched, run again",
                       m->path);
    return err_sys(e, r, "%s: cannot give the new file its name", m->path);
}

/* swapon(2) answers ENOENT for a descriptor that was opened without a name, even when it has one
 * now: open it by that. */
static int reopen(struct swapmake *m, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(m->dir_fd, m->name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot open the new file", m->path);
    if (!is_file(&st, &m->st))
        return err_set(e, -ESTALE, "%s: was exchanged while it was being made", m->path);
    m->fd = TAKE_FD(fd);
    return 0;
}

static int settle(struct swapmake *m, struct err *e)
{
    int r;

    r = sync_folder(m, e);
    return r < 0 ? r : reopen(m, e);
}

/* The new file has its name; without it again if that is worth nothing. */
static int settle_new(struct swapmake *m, struct err *e)
{
    int r = settle(m, e);

    if (r < 0)
        (void)unlink_exactly(m, &m->st, NULL);
    return r;
}

/* The new file lies aside, and takes the place of the old one. */
static int settle_exchanged(struct swapmake *m, const char *aside, struct err *e)
{
    const struct stat *ours = &m->st;
    int r;

    r = aside_exchange(m->dir_fd, m->name, aside, m->replaces, ours);
    /* it found the right file there a moment ago */
    if (r == -EOPNOTSUPP && renameat(m->dir_fd, aside, m->dir_fd, m->name) == 0)
        return settle(m, e);
    if (r == -EUCLEAN)
        return fail_aside(m, aside, r, e); /* who knows what lies there */
    if (r < 0) {
        r = fail_aside(m, aside, r, e);
    } else {
        r = settle(m, e);
        if (r < 0 && aside_exchange(m->dir_fd, m->name, aside, ours, m->replaces) < 0)
            return r;
    }
    (void)unlinkat(m->dir_fd, aside, 0);
    return r;
}

static int publish_nameless(struct swapmake *m, int fd, struct err *e)
{
    char link[32], aside[NAME_MAX + 1];
    const char *name = m->name;
    int r;

    r = fill(m, fd, e);
    if (r < 0)
        return r;
    if (stopped(m))
        return fail_stopped(m, e);
    if (m->replaces) {
        aside_name(m->name, aside);
        name = aside;
    }
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (linkat(AT_FDCWD, link, m->dir_fd, name, AT_SYMLINK_FOLLOW) < 0)
        return fail_name(m, -errno, e);
    return m->replaces ? settle_exchanged(m, aside, e) : settle_new(m, e);
}

static int publish_hidden(struct swapmake *m, struct err *e)
{
    const int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    _cleanup_(close_fd) int fd = -1;
    char aside[NAME_MAX + 1];
    int r;

    aside_name(m->name, aside);
    fd = openat(m->dir_fd, aside, flags, 0600);
    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot make a file in its folder", m->path);
    r = fill(m, fd, e);
    if (r == 0 && stopped(m))
        r = fail_stopped(m, e);
    if (r == 0 && m->replaces)
        return settle_exchanged(m, aside, e);
    if (r == 0 && renameat2(m->dir_fd, aside, m->dir_fd, m->name, RENAME_NOREPLACE) < 0)
        r = fail_name(m, -errno, e);
    if (r < 0) {
        (void)unlinkat(m->dir_fd, aside, 0);
        return r;
    }
    return settle_new(m, e);
}

int swapmake_publish(struct swapmake *m, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    int r;

    m->fd = -1;
    m->written = false;
    r = swapmake_tidy(m, e);
    if (r < 0)
        return r;
    fd = openat(m->dir_fd, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return publish_nameless(m, fd, e);
    /* open(2): which of these a file system without O_TMPFILE answers depends on its age */
    if (errno == EOPNOTSUPP || errno == EISDIR || errno == ENOENT || errno == EINVAL)
        return publish_hidden(m, e);
    return err_sys(e, -errno, "%s: cannot make a file in its folder", m->path);
}

int swapmake_withdraw(struct swapmake *m, struct err *e)
{
    close_fd(&m->fd);
    return unlink_exactly(m, &m->st, e);
}

int swapmake_write(struct swapmake *m, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(m->dir_fd, m->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    struct stat st;
    int r;

    if (fd < 0 || fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot open for writing", m->path);
    if (!is_file(&st, &m->st))
        return err_set(e, -ESTALE, "%s: was exchanged meanwhile", m->path);
    r = write_zeros(m, fd, m->header.page_size, e);
    if (r == 0 && fsync(fd) < 0)
        r = err_sys(e, -errno, "%s: cannot sync", m->path);
    return r;
}

int swapmake_extend(struct swapmake *m, int fd, uint64_t from, struct err *e)
{
    int r;

    r = allocate(m, fd, from, e);
    if (r == 0 && fsync(fd) < 0)
        r = fail_allocate(m, -errno, e);
    if (r < 0)
        (void)ftruncate(fd, (off_t)from); /* the failure that is told is the first one */
    return r;
}
