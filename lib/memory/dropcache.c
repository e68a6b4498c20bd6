/* SPDX-License-Identifier: MIT */
#include "dropcache.h"

#include <inttypes.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#include "bounded.h"
#include "confile.h"
#include "kv.h"
#include "monotonic.h"

#define FILE_OF_KERNEL "/proc/sys/vm/drop_caches"
#define NAME "drop-caches"

/* When it was done last; 0: not since boot. A stamp from the future is one of an earlier boot. */
static int read_stamp(const struct root *root, uint64_t now, uint64_t *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, DROPCACHE_STAMP, &text, NULL, e);
    uint64_t then;

    if (r == -ENOENT) {
        err_clear(e);
        *out = 0;
        return 0;
    }
    if (r < 0)
        return r;
    text[strcspn(text, "\n")] = '\0';
    *out = kv_u64((struct kv_span){text, strlen(text)}, &then, NULL) < 0 || then > now ? 0 : then;
    return 0;
}

static int write_stamp(const struct root *root, struct err *e)
{
    _cleanup_(confile_clear) struct confile f = CONFILE_INIT;
    char *text;
    int r;

    if (asprintf(&text, "%" PRIu64 "\n", monotonic_boot_ms()) < 0)
        return err_oom(e);
    r = confile_load(root, DROPCACHE_STAMP, &f, e);
    if (r == 0)
        r = confile_prepare(&f, text, e);
    if (r < 0) {
        free(text);
        return r;
    }
    return confile_apply(&f, e);
}

static int sync_all(void *arg _unused_)
{
    sync();
    return 0;
}

static int interrupted(struct err *e)
{
    return err_set(e, -EINTR, NAME ": interrupted");
}

static int apply_sync(void *data, struct err *e)
{
    struct dropcache *d = data;
    int r = 0;

    if (d->root->live)
        r = bounded_call(sync_all, NULL, d->sync_timeout_ms, d->interrupted, d->arg, e);
    if (r == -EINTR)
        return interrupted(e);
    d->synced = r == 0;
    return r == -ETIMEDOUT ? 0 : r;
}

static int write_file(void *data)
{
    const struct dropcache *d = data;
    char text[2] = {(char)('0' + (int)d->what), '\n'};
    int fd = root_openat(d->root, FILE_OF_KERNEL, O_WRONLY, 0), r;

    if (fd < 0)
        return fd;
    r = write(fd, text, sizeof(text)) == (ssize_t)sizeof(text) ? 0 : -errno;
    close(fd);
    return r;
}

static int cannot(int r, struct err *e)
{
    if (r == -ETIMEDOUT)
        return err_set(e, r,
                       NAME ": the kernel has not done it in time, and may still do it; a "
                            "file system that hangs keeps it waiting");
    return err_sys(e, r, NAME ": cannot write " FILE_OF_KERNEL);
}

static int apply_drop(void *data, struct err *e)
{
    struct dropcache *d = data;
    int r = meminfo_read(d->root, &d->before, e);

    if (r == 0)
        r = write_stamp(d->root, e);
    if (r < 0)
        return r;
    r = bounded_call(write_file, d, d->drop_timeout_ms, d->interrupted, d->arg, NULL);
    if (r == -EINTR)
        return interrupted(e);
    return r < 0 ? cannot(r, e) : meminfo_read(d->root, &d->after, e);
}

static int refuse_foreign(const struct root *root, int fd, struct err *e)
{
    struct statfs fs;

    if (root->live || fstatfs(fd, &fs) < 0 || fs.f_type != PROC_SUPER_MAGIC)
        return 0;
    return err_unsupported(e, -EXDEV,
                           NAME ": belongs to the running kernel, not to the system below %s; do "
                                "it without --root",
                           root->path);
}

static int check_file(const struct root *root, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, FILE_OF_KERNEL, O_WRONLY, 0);

    if (fd >= 0)
        return refuse_foreign(root, fd, e);
    switch (fd) {
    case -ENOENT:
        return err_unsupported(e, -EOPNOTSUPP, NAME ": this kernel has no " FILE_OF_KERNEL);
    case -EROFS:
    case -EACCES:
    case -EPERM:
        return err_unsupported(e, fd,
                               NAME ": " FILE_OF_KERNEL " cannot be written in this "
                                    "container; drop them on the host");
    default:
        return err_sys(e, fd, NAME ": cannot open " FILE_OF_KERNEL);
    }
}

static int check_pause(const struct root *root, struct err *e)
{
    /* time that a suspended machine sleeps counts too */
    uint64_t now = monotonic_boot_ms(), then;
    int r = read_stamp(root, now, &then, e);

    if (r < 0 || then == 0 || now - then >= DROPCACHE_PAUSE_MS)
        return r;
    return err_refuse(e, -EALREADY,
                      NAME ": done %" PRIu64 " s ago; wait %" PRIu64 " s more, or use --force",
                      (now - then) / 1000, (DROPCACHE_PAUSE_MS - (now - then) + 999) / 1000);
}

int dropcache_plan(struct dropcache *d, bool force, struct plan *plan, struct err *e)
{
    static const char *const words[] = {
        [DROPCACHE_PAGES] = "the page cache",
        [DROPCACHE_SLAB] = "reclaimable slab objects",
        [DROPCACHE_BOTH] = "the page cache and reclaimable slab objects",
    };
    int r;

    if (geteuid() != 0)
        return err_set(e, -EPERM,
                       NAME ": only user 0 may, whatever capabilities others have; run "
                            "it as root");
    r = check_file(d->root, e);
    if (r == 0 && !force)
        r = check_pause(d->root, e);
    if (r == 0)
        r = plan_add(plan, "sync", apply_sync, NULL, d, e,
                     "write back what is dirty, for at most %.4g s",
                     (double)d->sync_timeout_ms / 1000);
    if (r < 0)
        return r;
    return plan_add(plan, "drop-caches", apply_drop, NULL, d, e, "drop %s", words[d->what]);
}

static uint64_t less(uint64_t before, uint64_t after)
{
    return before > after ? before - after : 0;
}

uint64_t dropcache_freed_pages(const struct dropcache *d)
{
    return less(d->before.cached + d->before.buffers, d->after.cached + d->after.buffers);
}

uint64_t dropcache_freed_slab(const struct dropcache *d)
{
    return less(d->before.sreclaimable, d->after.sreclaimable);
}
