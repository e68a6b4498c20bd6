/* SPDX-License-Identifier: MIT */
#include "swaparea.h"
#include "abi.h"
#include "blockdev.h"
#include "caps.h"
#include "extents.h"
#include "filesystem.h"
#include "loop.h"
#include "swapfit.h"
#include "swapheader.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/swap.h>

static const int discard_flags[] = {
    [DECLARATION_DISCARD_NONE] = 0,
    [DECLARATION_DISCARD_ONCE] = ABI_SWAP_FLAG_DISCARD | ABI_SWAP_FLAG_DISCARD_ONCE,
    [DECLARATION_DISCARD_PAGES] = ABI_SWAP_FLAG_DISCARD | ABI_SWAP_FLAG_DISCARD_PAGES,
    [DECLARATION_DISCARD_BOTH] = ABI_SWAP_FLAG_DISCARD,
};

static const char *held(int fd, char link[static 32])
{
    snprintf(link, 32, "/proc/self/fd/%d", fd);
    return link;
}

/* The kernel wants FS_NOCOW_FL on btrfs and refuses compression; other file systems have no such
 * flags. */
static int explain_flags(int fd, const char *path, const struct filesystem *fs, struct err *e)
{
    int flags = 0;

    if (ioctl(fd, FS_IOC_GETFLAGS, &flags) < 0)
        return 0;
    if (flags & FS_COMPR_FL)
        return err_set(e, -EINVAL,
                       "%s: is a compressed file; swap needs plain blocks, so it must be made anew",
                       path);
    if (fs->nocow && !(flags & FS_NOCOW_FL))
        return err_set(
            e, -EINVAL,
            "%s: is a copy-on-write file; swap on btrfs needs one made with \"no copy-on-write\"",
            path);
    return 0;
}

/* Bytes; a device of unknown size has enough. */
static uint64_t capacity(int fd, const struct stat *st)
{
    uint64_t n;

    if (!S_ISBLK(st->st_mode))
        return (uint64_t)st->st_size;
    return blockdev_size(fd, "", &n, NULL) < 0 ? UINT64_MAX : n;
}

int swaparea_check_header(int fd, const char *path, const struct stat *st, struct err *e)
{
    struct swapheader h;

    if (swapheader_read(fd, &h) < 0)
        return 0;
    if (h.kind == SWAPHEADER_PAGE_SIZE)
        return err_set(
            e, -EINVAL,
            "%s: was made for pages of %u bytes, this kernel has %ld; it must be made anew", path,
            h.page_size, sysconf(_SC_PAGESIZE));
    if (h.kind == SWAPHEADER_HIBERNATE)
        return err_refuse(
            e, -EINVAL, "%s: holds a hibernation image; resume from it, or discard it with mkswap",
            path);
    if (h.kind != SWAPHEADER_VALID)
        return err_set(e, -EINVAL, "%s: has no swap header; make one with \"swapctl create%s\"",
                       path, S_ISBLK(st->st_mode) ? " --device" : "");
    if (h.pages * h.page_size > capacity(fd, st))
        return err_set(e, -EINVAL,
                       "%s: its header promises more than it holds; it must be made anew", path);
    return 0;
}

/* swapon(2) says EINVAL for everything that it does not like about the file: find out what it is.
 */
static int explain_invalid(int fd, const char *path, struct err *e)
{
    struct extents x = {.known = false};
    struct filesystem fs;
    struct stat st;
    int r;

    if (fstat(fd, &st) < 0 || filesystem_of(fd, path, &fs, NULL) < 0)
        return err_sys(e, -EINVAL, "%s: cannot activate", path);
    if (S_ISREG(st.st_mode)) {
        r = filesystem_check_swap(&fs, path, e);
        if (r < 0)
            return r;
    }
    r = swaparea_check_header(fd, path, &st, e);
    if (r < 0)
        return r;
    if (S_ISREG(st.st_mode)) {
        r = explain_flags(fd, path, &fs, e);
        if (r < 0)
            return r;
        (void)extents_look(fd, path, (uint64_t)st.st_size, &x, NULL);
    }
    if (x.hole)
        return err_set(e, -EINVAL,
                       "%s: has holes; swap needs every block on the disk, so it must be made anew",
                       path);
    if (x.shared || x.encoded)
        return err_set(
            e, -EINVAL,
            "%s: shares blocks with a snapshot or a copy; delete those, or make the swap file anew",
            path);
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s: this kernel cannot swap to a file on %s as it is set up here; the "
                           "kernel log (dmesg) may "
                           "say why",
                           path, fs.name ? fs.name : "this file system");
}

/*
 * fallocate(2) looks whether the file is swap before it looks at the offset, and no file has that
 * offset: so an inactive one is left as it is. It wants a descriptor for writing, for which overlay
 * would copy the file.
 */
static bool kernel_swaps_to(int fd, const char *path)
{
    _cleanup_(close_fd) int writable = -1;
    struct filesystem fs;
    char link[32];

    if (filesystem_of(fd, path, &fs, NULL) < 0 || filesystem_check_swap(&fs, path, NULL) < 0)
        return false;
    writable = open(held(fd, link), O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return writable >= 0 && fallocate(writable, FALLOC_FL_KEEP_SIZE, INT64_MAX, 1) < 0 &&
           errno == ETXTBSY;
}

static const char *last_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

/*
 * An area of this size whose name leads nowhere, best of all one that ends alike; else one that
 * ends alike, although another file is there; else a smaller one whose name leads nowhere, for the
 * kernel leaves out what does not fill a page where the file system's blocks are smaller.
 */
static const struct swaps_area *guess(const struct root *root, const struct swaps *swaps,
                                      const char *path, const struct stat *st)
{
    const uint64_t size = (uint64_t)st->st_size - (uint64_t)sysconf(_SC_PAGESIZE);
    const struct swaps_area *best = NULL;
    int best_score = 0;
    struct stat its;

    for (size_t i = 0; i < swaps->n; i++) {
        const struct swaps_area *area = &swaps->areas[i];
        int score = streq(last_of(area->path), last_of(path)) ? 1 : 0;
        bool nowhere = root_stat(root, area->path, 0, &its) < 0;

        if (area->type != SWAPS_FILE || area->size > size || (area->size < size && !nowhere))
            continue;
        score += nowhere ? 2 : 0;
        if (score > 0 && area->size == size)
            score += 4;
        if (score > best_score) {
            best = area;
            best_score = score;
        }
    }
    return best;
}

/* Is it a loop device? A name that leads nowhere is one of another mount namespace. Return: 1 yes,
 * 0 no, or a negated errno, because a device that was overlooked would have its file deleted. */
static int loop_of(const struct root *root, const struct swaps_area *area, struct stat *st,
                   struct err *e)
{
    int r = root_stat(root, area->path, 0, st);

    if (r == -ENOENT || r == -ENOTDIR || r == -EACCES || r == -ELOOP || r == -ENAMETOOLONG)
        return 0;
    return r < 0 ? err_sys(e, r, "%s: cannot look whether it is a loop device", area->path)
                 : loop_is(st);
}

static bool is_listed(const struct loop_list *list, dev_t device)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->loops[i].rdev == device)
            return true;
    return false;
}

int swaparea_on_loop(const struct root *root, const struct swaps *swaps, const struct stat *file,
                     const struct swaps_area **area, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    struct stat st;
    bool read = false;
    int r;

    for (size_t i = 0; i < swaps->n; i++) {
        r = loop_of(root, &swaps->areas[i], &st, e);
        if (r == 1 && !read) {
            r = loop_list_read(root, file, &list, e);
            read = r == 0;
            r = r < 0 ? r : 1;
        }
        if (r < 0)
            return r;
        if (r == 1 && is_listed(&list, st.st_rdev)) {
            *area = &swaps->areas[i];
            return 1;
        }
    }
    return 0;
}

const struct swaps_area *swaparea_find(const struct root *root, const struct swaps *swaps, int fd,
                                       const struct stat *st)
{
    const struct swaps_area *area = swaps_find(root, swaps, st);
    _cleanup_(free_ptr) char *path = NULL;

    if (!area && S_ISREG(st->st_mode))
        (void)swaparea_on_loop(root, swaps, st, &area, NULL);
    if (area || !root->live || !S_ISREG(st->st_mode) || root_path_of(root, fd, &path, NULL) < 0)
        return area;
    area = guess(root, swaps, path, st);
    return area && kernel_swaps_to(fd, path) ? area : NULL;
}

static bool is_active(int fd, const struct swaps *swaps, const struct root *root)
{
    struct stat st;

    return fstat(fd, &st) == 0 && swaparea_find(root, swaps, fd, &st);
}

/* Neither root in a container of its own nor a security module shows in the capabilities. */
static int explain_forbidden(const char *path, struct err *e)
{
    int r = caps_need_sys_admin("changing swap", e);

    return r < 0 ? r
                 : err_set(e, -EPERM,
                           "%s: the kernel does not allow it; CAP_SYS_ADMIN counts only on the "
                           "host itself, not in a "
                           "container's user namespace",
                           path);
}

/* EPERM: no privilege, an immutable file, or one area too many. The kernel has room for 23 at the
 * least (MAX_SWAPFILES). */
static int explain_not_permitted(int fd, const char *path, const struct swaps *swaps, struct err *e)
{
    enum { MANY = 20 };
    int flags = 0;

    if (!caps_sys_admin() || swaps->n < MANY) {
        if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0 && (flags & FS_IMMUTABLE_FL))
            return err_set(e, -EPERM, "%s: is immutable; allow changes first (chattr -i)", path);
        return explain_forbidden(path, e);
    }
    return err_set(e, -ENOSPC,
                   "%s: the kernel takes no more swap areas, %zu are active; deactivate one first "
                   "(swapctl list, swapctl off)",
                   path, swaps->n);
}

static int explain_on(int fd, const char *path, int error, struct err *e)
{
    _cleanup_(root_close) struct root root = ROOT_INIT;
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;

    if (root_open(&root, NULL, NULL) < 0 || swaps_read(&root, &swaps, NULL) < 0)
        return err_sys(e, -error, "%s: cannot activate", path);
    switch (error) {
    case EBUSY:
        if (is_active(fd, &swaps, &root))
            return 1;
        return err_set(e, -EBUSY, "%s: is in use (mounted, or part of a RAID or LVM volume)", path);
    case EINVAL:
        return explain_invalid(fd, path, e);
    case EPERM:
        return explain_not_permitted(fd, path, &swaps, e);
    case EACCES:
        return err_set(e, -EACCES, "%s: is read-only, or a security module forbids it", path);
    case EROFS:
        return err_set(e, -EROFS, "%s: its file system is mounted read-only; remount it read-write",
                       path);
    case ENOSYS:
        return err_unsupported(e, -EOPNOTSUPP, "%s: this kernel was built without swap", path);
    default:
        return err_sys(e, -error, "%s: cannot activate", path);
    }
}

static bool is_same(int fd, int other)
{
    struct stat a, b;

    return fstat(fd, &a) == 0 && fstat(other, &b) == 0 && a.st_dev == b.st_dev &&
           a.st_ino == b.st_ino;
}

static bool shares_mounts_with_init(void)
{
    struct stat own, of_init;

    return stat("/proc/self/ns/mnt", &own) < 0 || stat("/proc/1/ns/mnt", &of_init) < 0 ||
           (own.st_dev == of_init.st_dev && own.st_ino == of_init.st_ino);
}

/*
 * The kernel names an area as it is seen in the mount namespace of whoever activated it, and when
 * that has ended, as a unit's does, by the part of the name below the mount: systemd takes it for
 * another file then, and cannot deactivate it at shutdown. So take the file as init sees it.
 *
 * Return: a descriptor; or -1 where init has the same namespace, does not see that file, or may
 * not be asked (CAP_SYS_PTRACE).
 */
static int open_as_init(int fd)
{
    _cleanup_(close_fd) int seen = -1;
    char link[32], path[PATH_MAX] = "/proc/1/root";
    const size_t prefix = strlen(path);
    ssize_t n;

    if (shares_mounts_with_init())
        return -1;
    n = readlink(held(fd, link), path + prefix, sizeof(path) - prefix - 1);
    if (n < 0)
        return -1;
    path[prefix + (size_t)n] = 0;
    seen = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    return seen >= 0 && is_same(fd, seen) ? TAKE_FD(seen) : -1;
}

int swaparea_on(int fd, const char *path, int priority, enum declaration_discard discard,
                struct err *e)
{
    _cleanup_(close_fd) int seen = open_as_init(fd);
    int flags = discard < 0 ? 0 : discard_flags[discard];
    char link[32];

    if (priority >= 0)
        flags |= ABI_SWAP_FLAG_PREFER | (priority & ABI_SWAP_FLAG_PRIO_MASK);
    if (swapon(held(seen >= 0 ? seen : fd, link), flags) == 0)
        return 0;
    return explain_on(fd, path, errno, e);
}

int swaparea_off(int fd, const char *path, struct err *e)
{
    char link[32];

    if (swapoff(held(fd, link)) == 0)
        return 0;
    switch (errno) {
    case EINVAL:
        return 1;
    case EPERM:
        return explain_forbidden(path, e);
    case ENOMEM:
        return err_set(e, -ENOMEM,
                       "%s: what is swapped out fits nowhere else (RAM and cgroup limits count); "
                       "it is still active",
                       path);
    case EINTR:
        return err_set(e, -EINTR, "%s: interrupted; it is still active", path);
    default:
        return err_sys(e, -errno, "%s: cannot deactivate", path);
    }
}

/* The plan treats "it is so already" as done: somebody else was faster, and what was wanted is
 * true. */
static int done(int r)
{
    return r < 0 ? r : 0;
}

static int descriptor(const struct swaparea *a)
{
    return a->device ? *a->device : a->fd;
}

static int apply_on(void *ctx, struct err *e)
{
    const struct swaparea *a = ctx;

    return done(swaparea_on(descriptor(a), a->path, a->priority, a->discard, e));
}

static int off(const struct swaparea *a, struct err *e)
{
    return done(swaparea_off(descriptor(a), a->path, e));
}

/* Let go of the loop device, @r: it was deactivated. */
static int release(const struct swaparea *a, int r)
{
    if (r == 0 && a->device)
        a->release(a->loop);
    return r;
}

static int apply_off(void *ctx, struct err *e)
{
    return release(ctx, off(ctx, e));
}

static int apply_watched_off(void *ctx, struct err *e)
{
    const struct swaparea *a = ctx;
    struct swapwatch_run *run = NULL;
    int r;

    if (a->watch && a->watch->progress && a->was->used > 0)
        run = swapwatch_begin(a->watch, a->was, a->path);
    r = off(a, e);
    swapwatch_end(run, r >= 0);
    return release(a, r);
}

static int undo_off(void *ctx, struct err *e)
{
    const struct swaparea *a = ctx;
    int r = a->device ? a->attach(a->loop, e) : 0;

    return r < 0 ? r : done(swaparea_on(descriptor(a), a->path, a->old_priority, a->discard, e));
}

int swaparea_plan_on(struct swaparea *a, struct plan *plan, struct err *e)
{
    if (a->priority < 0)
        return plan_add(plan, "activate", apply_on, apply_off, a, e, "activate %s", a->path);
    return plan_add(plan, "activate", apply_on, apply_off, a, e, "activate %s with priority %d",
                    a->path, a->priority);
}

int swaparea_plan_off(struct swaparea *a, const struct root *root, const struct swaps *swaps,
                      const struct swaps_area *area, bool force, struct plan *plan, struct err *e)
{
    int r = force ? 0 : swapfit_check(root, swaps, area, 0, e);

    if (r < 0)
        return r;
    /* the kernel shows its own choices as negative numbers, which swapon(2) does not take */
    a->old_priority = area->priority < 0 ? -1 : area->priority;
    a->was = area;
    return plan_add(plan, "deactivate", apply_watched_off, undo_off, a, e, "deactivate %s",
                    a->path);
}
