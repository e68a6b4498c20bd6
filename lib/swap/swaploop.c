/* SPDX-License-Identifier: MIT */
#include "swaploop.h"

#include "extents.h"

void swaploop_clear(struct swaploop *l)
{
    close_fd(&l->device);
    close_fd(&l->writable);
    *l = SWAPLOOP_INIT;
}

static const struct loop *with_number(const struct loop_list *list, dev_t rdev)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->loops[i].rdev == rdev && list->loops[i].identified)
            return &list->loops[i];
    return NULL;
}

/* Take over a device that exists. Return: 0; 1 if it went meanwhile; or a negated errno. */
static int take(struct swaploop *l, const struct loop *device, struct err *e)
{
    int fd;

    l->st.st_dev = device->dev;
    l->st.st_ino = device->ino;
    fd = loop_open(device->number, &l->st, O_RDONLY, e);
    if (fd < 0)
        return fd == -ENXIO ? 1 : fd;
    close_fd(&l->device);
    l->device = fd;
    l->number = device->number;
    l->kept = !device->autoclear;
    l->extended = device->offset > 0;
    return 0;
}

int swaploop_adopt(const struct root *root, const struct swaps_area *area, struct swaploop *l,
                   struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    const struct loop *device;
    struct stat st;
    int r;

    if (!root->live)
        return 1;
    r = root_stat(root, area->path, 0, &st);
    if (r < 0 && r != -ENOENT)
        return err_sys(e, r, "%s: cannot look whether it is a loop device", area->path);
    if (r < 0 || !loop_is(&st))
        return 1;
    r = loop_list_read(root, NULL, &list, e);
    if (r < 0)
        return r;
    device = with_number(&list, st.st_rdev);
    return device ? take(l, device, e) : 1;
}

int swaploop_open_file(const struct root *root, const struct swaploop *l)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    _cleanup_(close_fd) int fd = -1;
    struct stat st;

    if (loop_list_read(root, &l->st, &list, NULL) < 0 || list.n == 0)
        return -ENOENT;
    fd = root_openat(root, list.loops[0].backing_file, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 || fstat(fd, &st) < 0 || st.st_dev != l->st.st_dev || st.st_ino != l->st.st_ino)
        return -ENOENT;
    return TAKE_FD(fd);
}

int swaploop_check(int fd, const char *path, struct err *e)
{
    struct extents x;
    struct stat st;
    int r;

    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", path);
    r = extents_look(fd, path, (uint64_t)st.st_size, &x, e);
    if (r < 0)
        return r;
    if (!x.known)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: its file system does not tell where the blocks are, as one on "
                               "a disk does, so swapping to it could hang; choose a folder on a "
                               "disk",
                               path);
    if (x.hole)
        return err_refuse(e, -EINVAL,
                          "%s: has holes, so swapping to a loop device over it could fail for want "
                          "of space; make it anew",
                          path);
    if (x.shared || x.encoded)
        return err_refuse(e, -EINVAL,
                          "%s: shares blocks with a snapshot or a copy, or is compressed, so "
                          "swapping to a loop device over it could fail; make it anew",
                          path);
    return 0;
}

int swaploop_check_discard(const char *path, enum declaration_discard discard, struct err *e)
{
    if (discard <= DECLARATION_DISCARD_NONE)
        return 0;
    return err_refuse(e, -EINVAL,
                      "%s: discarding would make holes in the file behind its loop device; leave "
                      "--discard out",
                      path);
}

/* ---- attach and release ---- */

/* One that somebody attached to stay and that shows the whole file. One that goes by itself is held
 * by somebody, or is just going. */
static bool usable(const struct loop *device)
{
    return !device->autoclear && !device->read_only && device->offset == 0;
}

/* The kernel would swap to the file twice, and each page would overwrite another. */
static int refuse_second(const struct swaploop *l, const struct loop_list *list, struct err *e)
{
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    int r = list->n > 0 ? swaps_read(l->root, &swaps, e) : 0;

    for (size_t i = 0; i < list->n && r == 0; i++) {
        const struct stat device = {.st_mode = S_IFBLK, .st_rdev = list->loops[i].rdev};
        const struct swaps_area *area = swaps_find(l->root, &swaps, &device);

        if (area)
            r = err_set(e, -EBUSY, "%s: became active swap on %s meanwhile; run again", l->path,
                        area->path);
    }
    return r;
}

/* Return: 0; 1 if there is none; or a negated errno. */
static int reuse(struct swaploop *l, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    int r;

    r = loop_list_read(l->root, &l->st, &list, e);
    if (r == 0)
        r = refuse_second(l, &list, e);
    if (r < 0)
        return r;
    r = 1;
    for (size_t i = 0; i < list.n && r == 1; i++)
        if (usable(&list.loops[i]))
            r = take(l, &list.loops[i], e);
    return r == 0 ? loop_refresh(l->device, l->path, e) : r;
}

static int make(struct swaploop *l, struct err *e)
{
    struct loop_device made;
    int r = loop_attach(l->writable, l->path, !l->stay, &made, e);

    if (r < 0)
        return r;
    l->device = made.fd;
    l->number = made.number;
    l->kept = l->stay;
    l->extended = false;
    l->buffered = !made.direct_io;
    return 0;
}

static int open_writable(struct swaploop *l, struct err *e)
{
    int fd = guard_open(*l->file, l->path, e);

    if (fd < 0)
        return fd;
    close_fd(&l->writable);
    l->writable = fd;
    return fstat(fd, &l->st) < 0 ? err_sys(e, -errno, "%s: cannot look at it", l->path) : 0;
}

int swaploop_attach(struct swaploop *l, struct err *e)
{
    int r = open_writable(l, e);

    if (r == 0)
        r = swaploop_check(l->writable, l->path, e);
    if (r == 0)
        r = reuse(l, e);
    if (r == 1)
        r = make(l, e);
    if (r < 0)
        close_fd(&l->writable);
    return r;
}

void swaploop_release(struct swaploop *l)
{
    bool goes = l->device >= 0 && !l->kept;

    close_fd(&l->device);
    close_fd(&l->writable);
    if (goes && !loop_wait_gone(l->root, l->number, &l->st))
        l->lingers = true;
}

static int hook_attach(void *loop, struct err *e)
{
    return swaploop_attach(loop, e);
}

static void hook_release(void *loop)
{
    swaploop_release(loop);
}

void swaploop_bind(struct swaploop *l, struct swaparea *a)
{
    a->device = &l->device;
    a->attach = hook_attach;
    a->release = hook_release;
    a->loop = l;
}

/* ---- steps ---- */

static int undo_attach(void *ctx, struct err *e)
{
    struct swaploop *l = ctx;
    char name[LOOP_PATH_MAX];
    int r;

    swaploop_release(l);
    if (l->stay) {
        r = loop_detach(l->root, l->number, &l->st, l->path, e);
        return r < 0 ? r : 0;
    }
    return l->lingers ? err_set(e, -EBUSY, "%s: another process keeps %s open", l->path,
                                loop_path(l->number, name))
                      : 0;
}

static int apply_guard(void *ctx, struct err *e)
{
    struct swaploop *l = ctx;
    int r = l->writable < 0 ? open_writable(l, e) : 0;

    if (r == 0)
        r = guard_put(l->writable, l->path, &l->was, e);
    l->unguarded = r == 1;
    return r < 0 ? r : 0;
}

static int undo_guard(void *ctx, struct err *e)
{
    struct swaploop *l = ctx;

    return guard_set(*l->file, l->was, l->path, e);
}

int swaploop_plan_guard(struct swaploop *l, struct plan *plan, struct err *e)
{
    return plan_add(plan, "protect", apply_guard, undo_guard, l, e,
                    "let nobody write to %s but its loop device", l->path);
}

static int apply_attach(void *ctx, struct err *e)
{
    return swaploop_attach(ctx, e);
}

int swaploop_plan_attach(struct swaploop *l, struct plan *plan, struct err *e)
{
    return plan_add(plan, "attach", apply_attach, undo_attach, l, e, "attach %s to a loop device",
                    l->path);
}

int swaploop_plan_on(struct swaploop *l, struct swaparea *a, struct plan *plan, struct err *e)
{
    int r;

    swaploop_bind(l, a);
    r = swaploop_plan_attach(l, plan, e);
    if (r == 0)
        r = swaploop_plan_guard(l, plan, e);
    return r < 0 ? r : swaparea_plan_on(a, plan, e);
}

/* Attach as many as were detached. */
static int undo_detach(void *ctx, struct err *e)
{
    struct swaploop *l = ctx;
    _cleanup_(close_fd) int writable = -1;
    int r;

    if (l->detached == 0)
        return 0;
    writable = r = guard_open(*l->file, l->path, e);
    for (; l->detached > 0 && r >= 0; l->detached--) {
        struct loop_device made = {.fd = -1};

        r = loop_attach(writable, l->path, false, &made, e);
        close_fd(&made.fd);
    }
    return r < 0 ? r : 0;
}

static int read_loops(struct swaploop *l, struct loop_list *out, struct err *e)
{
    struct stat st;

    if (fstat(*l->file, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", l->path);
    return loop_list_read(l->root, &st, out, e);
}

static bool goes(const struct swaploop *l, const struct loop *device)
{
    return l->all || !device->autoclear;
}

static int apply_detach(void *ctx, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    struct swaploop *l = ctx;
    int r = read_loops(l, &list, e);

    l->detached = 0;
    for (size_t i = 0; i < list.n && r >= 0; i++) {
        const struct stat st = {.st_dev = list.loops[i].dev, .st_ino = list.loops[i].ino};

        if (!goes(l, &list.loops[i]))
            continue;
        r = loop_detach(l->root, list.loops[i].number, &st, l->path, e);
        l->detached += r == 0;
    }
    if (r < 0)
        (void)undo_detach(l, NULL);
    return r < 0 ? r : 0;
}

int swaploop_plan_detach(struct swaploop *l, bool all, struct plan *plan, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    size_t n = 0;
    int r = read_loops(l, &list, e);

    if (r < 0)
        return r;
    l->all = all;
    for (size_t i = 0; i < list.n; i++)
        n += goes(l, &list.loops[i]);
    if (n == 0)
        return 1;
    return plan_add(plan, "detach", apply_detach, undo_detach, l, e, "detach %s from %s", l->path,
                    n == 1 ? "its loop device" : "its loop devices");
}

int swaploop_off_all(int fd, const char *path, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    _cleanup_(root_close) struct root root = ROOT_INIT;
    struct stat st;
    int r;

    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", path);
    r = root_open(&root, NULL, e);
    if (r == 0)
        r = loop_list_read(&root, &st, &list, e);
    for (size_t i = 0; i < list.n && r >= 0; i++) {
        _cleanup_(swaploop_clear) struct swaploop l = SWAPLOOP_INIT;

        l.root = &root;
        r = take(&l, &list.loops[i], e);
        if (r == 0)
            r = swaparea_off(l.device, path, e);
        if (r >= 0)
            swaploop_release(&l);
    }
    return r < 0 ? r : 0;
}
