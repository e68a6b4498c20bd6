/* SPDX-License-Identifier: MIT */
/*
 * The resizing half of swapfile_plan(): an inactive file is made longer or shorter in place
 *
 * Whatever moment the machine stops at, the file is a whole area: it grows before its header says
 * so, and its header shrinks before the file does.
 */
#include "size.h"
#include "swapfile.h"

#include <fcntl.h>

/* What an area must be able to hold beyond what it holds now. */
static uint64_t margin(uint64_t used)
{
    return used ? used / 8 + (1 << 20) : 0;
}

int swapfile_resize_check(const struct swapfile *f, uint64_t pages, struct err *e)
{
    char used[SIZE_TEXT_MAX], least[SIZE_TEXT_MAX];
    uint64_t needs;

    if (!f->active)
        return 0;
    needs = f->active->used + margin(f->active->used) + f->header.page_size;
    if (pages * f->header.page_size >= needs)
        return 0;
    return err_refuse(e, -EBUSY,
                      "%s: holds %s in use, so it cannot be made smaller than %s now; stop what "
                      "uses it, or ask for more",
                      f->path, size_format(f->active->used, used), size_format(needs, least));
}

static int open_exactly(const struct swapfile *f, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(f->dir_fd, f->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    struct stat now;

    if (fd < 0 || fstat(fd, &now) < 0)
        return err_sys(e, -errno, "%s: cannot open for writing", f->path);
    if (now.st_dev != f->st.st_dev || now.st_ino != f->st.st_ino)
        return err_set(e, -ESTALE, "%s: was exchanged meanwhile; nothing was written", f->path);
    return TAKE_FD(fd);
}

static int write_header(const struct swapfile *f, int fd, uint64_t pages, struct err *e)
{
    _cleanup_(free_ptr) char *page = malloc(f->header.page_size);
    struct swapheader h = f->header;

    if (!page)
        return err_oom(e);
    h.pages = pages;
    swapheader_format(&h, page);
    if (pwrite(fd, page, h.page_size, 0) != (ssize_t)h.page_size || fsync(fd) < 0)
        return err_sys(e, -errno, "%s: cannot write its header", f->path);
    return 0;
}

/* @size: of the file afterwards; it may be longer than the area */
static int set_pages(struct swapfile *f, uint64_t pages, uint64_t size, struct err *e)
{
    _cleanup_(close_fd) int fd = open_exactly(f, e);
    uint64_t area = pages * f->header.page_size, now;
    struct stat st;
    int r = 0;

    if (fd < 0)
        return fd;
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", f->path);
    now = (uint64_t)st.st_size;
    f->make.header.pages = pages;
    if (now < area)
        r = swapmake_extend(&f->make, fd, now, e);
    if (r == 0)
        r = write_header(f, fd, pages, e);
    now = now < area ? area : now;
    if (r == 0 && now != size && (ftruncate(fd, (off_t)size) < 0 || fsync(fd) < 0))
        r = err_sys(e, -errno, "%s: cannot set its length", f->path);
    return r;
}

static int undo_resize(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    return set_pages(f, f->header.pages, (uint64_t)f->st.st_size, e);
}

static int apply_resize(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;
    int r = set_pages(f, f->new_pages, f->new_pages * f->header.page_size, e);

    if (r < 0)
        (void)undo_resize(f, NULL);
    return r;
}

int swapfile_resize_plan(struct swapfile *f, uint64_t pages, const struct swapmake_watch *watch,
                         struct plan *plan, struct err *e)
{
    char is[SIZE_TEXT_MAX], wanted[SIZE_TEXT_MAX];

    f->new_pages = pages;
    f->make = (struct swapmake){
        .dir_fd = f->dir_fd,
        .name = f->name,
        .path = f->path,
        .fs = &f->fs,
        .header = f->header,
        .watch = *watch,
        .fd = -1,
        .st = f->st,
    };
    return plan_add(plan, "resize", apply_resize, undo_resize, f, e, "resize %s from %s to %s",
                    f->path, size_format(f->header.pages * f->header.page_size, is),
                    size_format(pages * f->header.page_size, wanted));
}
