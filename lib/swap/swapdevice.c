/* SPDX-License-Identifier: MIT */
#include "swapdevice.h"
#include "abi.h"
#include "blockdev.h"
#include "probe.h"
#include "size.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

void swapdevice_clear(struct swapdevice *d)
{
    close_fd(&d->fd);
    free(d->path);
    *d = SWAPDEVICE_INIT;
}

/* ---- looking ---- */

static int refuse_busy(int r, struct err *e)
{
    if (r == -EBUSY && e)
        e->kind = ERR_REFUSED;
    return r;
}

static int open_device(struct swapdevice *d, const char *path, struct err *e)
{
    d->fd = root_open_named(d->root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
    if (d->fd == -EACCES)
        return err_set(e, d->fd, "%s: cannot open for reading; run as root (sudo)", path);
    if (d->fd < 0)
        return err_sys(e, d->fd, "%s: cannot open for reading", path);
    if (fstat(d->fd, &d->st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", path);
    if (!S_ISBLK(d->st.st_mode))
        return err_refuse(e, -ENOTBLK, "%s: is not a block device; without --device a file is made",
                          path);
    return root_path_of(d->root, d->fd, &d->path, e);
}

static int claim(struct swapdevice *d, struct err *e)
{
    int fd = blockdev_claim(d->root, d->fd, d->path, e);

    if (fd < 0)
        return refuse_busy(fd, e);
    close_fd(&d->fd);
    d->fd = fd;
    return 0;
}

int swapdevice_inspect(const struct root *root, const char *path, const struct swaps *swaps,
                       struct swapdevice *out, struct err *e)
{
    _cleanup_(swapdevice_clear) struct swapdevice d = SWAPDEVICE_INIT;
    int r;

    if (!root->live)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: is a device of the running system, which --root is not about",
                               path);
    d.root = root;
    r = open_device(&d, path, e);
    if (r < 0)
        return r;
    d.active = swaps_find(root, swaps, &d.st);
    r = d.active ? 0 : claim(&d, e);
    if (r == 0)
        r = blockdev_size(d.fd, d.path, &d.size, e);
    if (r < 0)
        return r;
    r = swapheader_read(d.fd, &d.header);
    if (r < 0)
        return err_sys(e, r, "%s: cannot read", d.path);
    if (d.header.kind == SWAPHEADER_VALID)
        swapheader_uuid_text(d.header.uuid, d.uuid);
    *out = d;
    d = SWAPDEVICE_INIT;
    return 0;
}

/* ---- steps: the context of each is the struct swapdevice ---- */

/* The claim holds for the device, so this one needs none. */
static int open_for_writing(const struct swapdevice *d, struct err *e)
{
    char link[32];
    int fd;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", d->fd);
    fd = open(link, O_RDWR | O_CLOEXEC);
    return fd < 0 ? err_sys(e, -errno, "%s: cannot open for writing", d->path) : fd;
}

static int write_at(const struct swapdevice *d, int fd, const void *bytes, size_t n, off_t at,
                    struct err *e)
{
    ssize_t written = pwrite(fd, bytes, n, at);

    if (written >= 0 && written != (ssize_t)n)
        return err_sys(e, -EIO, "%s: cannot write", d->path);
    if (written < 0 || fsync(fd) < 0)
        return err_sys(e, -errno, "%s: cannot write", d->path);
    return 0;
}

static int apply_make(void *ctx, struct err *e)
{
    struct swapdevice *d = ctx;
    _cleanup_(close_fd) int fd = open_for_writing(d, e);
    _cleanup_(free_ptr) char *page = malloc(d->make.page_size), *old = malloc(d->make.page_size);
    ssize_t n;
    int r = 0;

    if (fd < 0)
        return fd;
    if (!page || !old)
        return err_oom(e);
    n = pread(fd, old, d->make.page_size, 0);
    if (n != (ssize_t)d->make.page_size)
        return err_sys(e, n < 0 ? -errno : -EIO, "%s: cannot read", d->path);
    if (d->wipe)
        r = probe_wipe(fd, d->path, e);
    swapheader_format(&d->make, page);
    if (r == 0)
        r = write_at(d, fd, page, d->make.page_size, 0, e);
    if (r < 0)
        (void)!pwrite(fd, old, d->make.page_size, 0);
    else if (d->wipe)
        (void)ioctl(d->fd, BLKRRPART); /* its partitions, if it had any, are no more */
    return r;
}

static int write_label(const struct swapdevice *d, const char *label, struct err *e)
{
    _cleanup_(close_fd) int fd = open_for_writing(d, e);
    char field[sizeof(((struct abi_swap_header *)0)->volume_name)] = "";

    if (fd < 0)
        return fd;
    memcpy(field, label, strlen(label));
    return write_at(d, fd, field, sizeof(field), offsetof(struct abi_swap_header, volume_name), e);
}

static int undo_label(void *ctx, struct err *e)
{
    struct swapdevice *d = ctx;

    return write_label(d, d->header.label, e);
}

static int apply_label(void *ctx, struct err *e)
{
    struct swapdevice *d = ctx;
    int r = write_label(d, d->make.label, e);

    if (r < 0)
        (void)undo_label(d, NULL);
    return r;
}

static int take_signature(const struct swapdevice *d, struct err *e)
{
    static const char nothing[ABI_SWAP_SIGNATURE_LEN];
    const off_t at = (off_t)d->header.page_size - ABI_SWAP_SIGNATURE_LEN;
    _cleanup_(close_fd) int fd = open_for_writing(d, e);
    char old[ABI_SWAP_SIGNATURE_LEN];
    ssize_t n;
    int r;

    if (fd < 0)
        return fd;
    n = pread(fd, old, sizeof(old), at);
    if (n != (ssize_t)sizeof(old))
        return err_sys(e, n < 0 ? -errno : -EIO, "%s: cannot read", d->path);
    r = write_at(d, fd, nothing, sizeof(nothing), at, e);
    if (r < 0)
        (void)!pwrite(fd, old, sizeof(old), at);
    return r;
}

/* One that was active is ours alone only now, and no longer if this fails: it has to be activated
 * again. */
static int apply_wipe(void *ctx, struct err *e)
{
    struct swapdevice *d = ctx;
    _cleanup_(close_fd) int claimed = -1;
    struct swapheader now;

    if (d->active) {
        claimed = blockdev_claim(d->root, d->fd, d->path, e);
        if (claimed < 0)
            return refuse_busy(claimed, e);
    }
    if (swapheader_read(d->fd, &now) < 0 || now.kind != d->header.kind ||
        now.page_size != d->header.page_size)
        return err_set(e, -ESTALE, "%s: was changed meanwhile; nothing was wiped", d->path);
    return take_signature(d, e);
}

/* ---- judging ---- */

static int refuse_image(const struct swapdevice *d, struct err *e)
{
    return err_refuse(e, -EBUSY,
                      "%s: holds a hibernation image, which is never overwritten; resume from it, "
                      "or discard it with mkswap",
                      d->path);
}

static int choose_pages(const struct swapdevice *d, const struct swapdevice_want *want,
                        uint64_t *pages, struct err *e)
{
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    uint64_t bytes = want->size ? want->size : d->size;
    char is[SIZE_TEXT_MAX], asked[SIZE_TEXT_MAX];

    if (bytes > d->size)
        return err_set(e, -ENOSPC, "%s: is %s large, which is less than %s; ask for less", d->path,
                       size_format(d->size, is), size_format(bytes, asked));
    if (!want->size && bytes / page > UINT32_MAX)
        bytes = (uint64_t)UINT32_MAX * page; /* of a larger device the rest is not used */
    if (swapheader_round(bytes, page, pages) == 0)
        return 0;
    if (!want->size)
        return err_set(e, -ENOSPC, "%s: is %s large; a swap area needs 10 pages (40 KiB)", d->path,
                       size_format(d->size, is));
    return err_usage(e, -ERANGE,
                     "a swap area of %llu bytes does not exist: 10 pages (40 KiB) at least, "
                     "2^32 - 1 pages at most",
                     (unsigned long long)bytes);
}

static int plan_format(struct swapdevice *d, const struct swapdevice_want *want, uint64_t pages,
                       bool again, struct plan *plan, struct err *e)
{
    char size[SIZE_TEXT_MAX];
    int r;

    d->make = (struct swapheader){
        .kind = SWAPHEADER_VALID, .page_size = (uint32_t)sysconf(_SC_PAGESIZE), .pages = pages};
    d->wipe = again;
    if (want->label)
        strcpy(d->make.label, want->label);
    r = swapheader_uuid_random(d->make.uuid);
    if (r < 0)
        return err_sys(e, r, "%s: cannot get a random UUID", d->path);
    swapheader_uuid_text(d->make.uuid, d->uuid);
    return plan_add(plan, again ? "remake" : "create", apply_make, NULL, d, e,
                    "%s a swap area on %s, %s%s%s", again ? "wipe and make anew" : "make", d->path,
                    size_format(pages * d->make.page_size, size),
                    want->label && *want->label ? ", label " : "", want->label ? want->label : "");
}

/* Not a swap area, or one of another kind of machine. */
static int judge_content(const struct swapdevice *d, struct err *e)
{
    _cleanup_(free_ptr) char *content = NULL;
    int r = probe_content(d->fd, d->path, &content, e);

    if (r < 0)
        return r;
    if (content)
        return err_refuse(e, -EEXIST,
                          "%s: holds something (%s); --force overwrites it, and all of it is lost",
                          d->path, content);
    if (blockdev_has_partitions(d->root, d->st.st_rdev))
        return err_refuse(e, -EEXIST,
                          "%s: has partitions; name one of them, or overwrite all of them with "
                          "--force",
                          d->path);
    return 0;
}

static int judge_area(struct swapdevice *d, const struct swapdevice_want *want, uint64_t pages,
                      struct plan *plan, struct err *e)
{
    char is[SIZE_TEXT_MAX], asked[SIZE_TEXT_MAX];

    if (d->header.pages != pages)
        return err_refuse(e, -EEXIST,
                          "%s: is a swap area of %s, not of %s; name its size, or make it anew "
                          "with --force",
                          d->path, size_format(d->header.pages * d->header.page_size, is),
                          size_format(pages * d->header.page_size, asked));
    if (!want->label || streq(want->label, d->header.label))
        return 0;
    if (d->active)
        return err_refuse(e, -EBUSY,
                          "%s: is active, so its label cannot be changed; deactivate it first "
                          "(swapctl off)",
                          d->path);
    strcpy(d->make.label, want->label);
    return plan_add(plan, "label", apply_label, undo_label, d, e, "set the label of %s to \"%s\"",
                    d->path, want->label);
}

int swapdevice_plan_make(struct swapdevice *d, const struct swapdevice_want *want,
                         struct plan *plan, struct err *e)
{
    uint64_t pages;
    int r = choose_pages(d, want, &pages, e);

    if (r == 0 && !d->active)
        r = blockdev_check_writable(d->fd, d->path, e);
    if (r < 0)
        return r;
    if (d->header.kind == SWAPHEADER_HIBERNATE)
        return refuse_image(d, e);
    if (d->active && want->force)
        return err_refuse(e, -EBUSY, "%s: is active swap; deactivate it first (swapctl off)",
                          d->path);
    if (want->force)
        return plan_format(d, want, pages, true, plan, e);
    if (d->header.kind == SWAPHEADER_VALID)
        return judge_area(d, want, pages, plan, e);
    if (d->active)
        return err_refuse(e, -EBUSY,
                          "%s: is active swap, but its header is gone; deactivate it first "
                          "(swapctl off)",
                          d->path);
    if (d->header.kind != SWAPHEADER_NONE)
        return err_refuse(e, -EINVAL,
                          "%s: has a swap header that this kernel does not take; --force makes it "
                          "anew",
                          d->path);
    r = judge_content(d, e);
    return r < 0 ? r : plan_format(d, want, pages, false, plan, e);
}

int swapdevice_check_wipe(const struct swapdevice *d, struct err *e)
{
    if (d->header.kind == SWAPHEADER_HIBERNATE)
        return refuse_image(d, e);
    if (d->header.kind == SWAPHEADER_NONE)
        return err_refuse(e, -EEXIST,
                          "%s: is not a swap area (it has no swap header); nothing was done",
                          d->path);
    return blockdev_check_writable(d->fd, d->path, e);
}

int swapdevice_plan_off(struct swapdevice *d, const struct swaps *swaps, bool force,
                        struct plan *plan, struct err *e)
{
    d->area = (struct swaparea){.fd = d->fd, .path = d->path, .watch = d->watch};
    return d->active ? swaparea_plan_off(&d->area, d->root, swaps, d->active, force, plan, e) : 1;
}

int swapdevice_plan_wipe(struct swapdevice *d, struct plan *plan, struct err *e)
{
    return plan_add(plan, "wipe", apply_wipe, NULL, d, e, "wipe the swap signature of %s", d->path);
}
