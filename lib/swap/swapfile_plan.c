/* SPDX-License-Identifier: MIT */
/* The judging half of swapfile.h: what may be done with what was found, and the steps that do it.
 */
#include "abi.h"
#include "extents.h"
#include "probe.h"
#include "size.h"
#include "swapfile.h"
#include "swapfit.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <signal.h>
#include <sys/ioctl.h>

enum { MODE = 0600 };

/* ---- steps: the context of each is the struct swapfile ---- */

static int apply_make(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;
    int r = swapmake_publish(&f->make, e);

    f->made = r == 0;
    return r;
}

static int undo_make(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    f->made = false;
    return swapmake_withdraw(&f->make, e);
}

/* For a file that this plan makes; an old one has the steps of swaparea. */
static int apply_activate(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;
    int r = swaparea_on(f->make.fd, f->path, f->area.priority, f->area.discard, e);

    if ((r == -EINVAL || r == -EOPNOTSUPP) && !f->make.written) {
        /* a kernel that wants every block written once: see swapmake_write() */
        r = swapmake_write(&f->make, e);
        if (r == 0)
            r = swaparea_on(f->make.fd, f->path, f->area.priority, f->area.discard, e);
    }
    return r < 0 ? r : 0;
}

static int undo_activate(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;
    int r = swaparea_off(f->make.fd, f->path, e);

    return r < 0 ? r : 0;
}

static int write_label(struct swapfile *f, const char *label, struct err *e)
{
    _cleanup_(close_fd) int fd = openat(f->dir_fd, f->name, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    char field[sizeof(((struct abi_swap_header *)0)->volume_name)] = "";
    struct stat now;

    if (fd < 0 || fstat(fd, &now) < 0)
        return err_sys(e, -errno, "%s: cannot open for writing its label", f->path);
    if (now.st_dev != f->st.st_dev || now.st_ino != f->st.st_ino)
        return err_set(e, -ESTALE, "%s: was exchanged meanwhile; nothing was written", f->path);
    memcpy(field, label, strlen(label));
    if (pwrite(fd, field, sizeof(field), offsetof(struct abi_swap_header, volume_name)) !=
            sizeof(field) ||
        fsync(fd) < 0)
        return err_sys(e, -errno, "%s: cannot write its label", f->path);
    return 0;
}

static int undo_label(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    return write_label(f, f->header.label, e);
}

static int apply_label(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;
    int r = write_label(f, f->label, e);

    if (r < 0)
        (void)undo_label(f, NULL);
    return r;
}

/*
 * Does another process hold the file open? A write lease is granted only when nobody does
 * (fcntl(2)). Who opens it while we hold the lease makes the kernel send SIGIO, which must not kill
 * us.
 */
static bool held_elsewhere(int fd)
{
    const struct timespec now = {0};
    sigset_t sigio, old;
    bool held;

    sigemptyset(&sigio);
    sigaddset(&sigio, SIGIO);
    sigprocmask(SIG_BLOCK, &sigio, &old);
    held = fcntl(fd, F_SETLEASE, F_WRLCK) < 0 && errno == EAGAIN;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    while (sigtimedwait(&sigio, NULL, &now) > 0)
        ;
    sigprocmask(SIG_SETMASK, &old, NULL);
    return held;
}

static int refuse_held(const struct swapfile *f, struct err *e)
{
    return err_refuse(e, -EBUSY,
                      "%s: was open to others and another process still holds it: it could read "
                      "what is swapped out; "
                      "find it with \"fuser -v\" or \"lsof\", or choose another path",
                      f->path);
}

/* Asked after the change, when nobody can open it anew, because only then the answer is final. */
static int apply_chmod(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    if (fchmod(f->fd, MODE) < 0)
        return err_sys(e, -errno, "%s: cannot set mode 0600", f->path);
    if (f->active || !held_elsewhere(f->fd))
        return 0;
    (void)fchmod(f->fd, f->st.st_mode & 07777);
    return refuse_held(f, e);
}

static int undo_chmod(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    return fchmod(f->fd, f->st.st_mode & 07777) < 0
               ? err_sys(e, -errno, "%s: cannot set its mode back", f->path)
               : 0;
}

static int undo_chown(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    return fchown(f->fd, f->st.st_uid, (gid_t)-1) < 0
               ? err_sys(e, -errno, "%s: cannot give it back", f->path)
               : 0;
}

static int apply_chown(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    if (fchown(f->fd, 0, (gid_t)-1) < 0)
        return err_sys(e, -errno, "%s: cannot give it to root", f->path);
    if (f->active || !held_elsewhere(f->fd))
        return 0;
    (void)undo_chown(f, NULL);
    return refuse_held(f, e);
}

static int apply_unlink(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    return swapmake_withdraw(&f->make, e);
}

static int apply_tidy(void *ctx, struct err *e)
{
    struct swapfile *f = ctx;

    return swapmake_tidy(&f->make, e);
}

/* ---- judging ---- */

static int check_folder(const struct swapfile *f, struct err *e)
{
    struct stat st;

    if (fstat(f->dir_fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at its folder", f->path);
    if ((st.st_mode & S_IWOTH) && !(st.st_mode & S_ISVTX))
        return err_refuse(e, -EPERM,
                          "%s: everybody may exchange files in its folder (mode %04o); use another "
                          "one, or chmod o-w it",
                          f->path, (unsigned)(st.st_mode & 07777));
    return 0;
}

static int plan_make(struct swapfile *f, const struct swapfile_want *want, uint64_t pages,
                     struct plan *plan, struct err *e)
{
    bool replaces = f->found != SWAPFILE_ABSENT;
    char size[SIZE_TEXT_MAX];
    int r;

    if (faccessat(f->dir_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return err_sys(e, -errno, "%s: cannot make a file in its folder", f->path);
    f->make = (struct swapmake){
        .dir_fd = f->dir_fd,
        .name = f->name,
        .path = f->path,
        .fs = &f->fs,
        .header = {.kind = SWAPHEADER_VALID,
                   .page_size = (uint32_t)sysconf(_SC_PAGESIZE),
                   .pages = pages},
        .replaces = replaces ? &f->st : NULL,
        .selinux = f->backing == DECLARATION_BACKING_FILE && selinux_is_on(f->root),
        .watch = want->watch,
        .fd = -1,
    };
    if (want->label)
        strcpy(f->make.header.label, want->label); /* checked by swapfile_check_label() */
    r = swapheader_uuid_random(f->make.header.uuid);
    if (r < 0)
        return err_sys(e, r, "%s: cannot get a random UUID", f->path);
    swapheader_uuid_text(f->make.header.uuid, f->uuid);
    return plan_add(plan, replaces ? "remake" : "create", apply_make, undo_make, f, e,
                    "%s %s, %s%s%s", replaces ? "make anew" : "create", f->path,
                    size_format(pages * f->make.header.page_size, size),
                    want->label && *want->label ? ", label " : "", want->label ? want->label : "");
}

static bool wants_access(const struct swapfile *f)
{
    return f->st.st_uid != 0 || (f->st.st_mode & 07777) != MODE;
}

static int plan_access(struct swapfile *f, struct plan *plan, struct err *e)
{
    bool owner = f->st.st_uid != 0, mode = (f->st.st_mode & 07777) != MODE;
    int r = 0;

    if (!wants_access(f))
        return 0;
    if (!f->active && held_elsewhere(f->fd))
        return refuse_held(f, e);
    if (mode)
        r = plan_add(plan, "chmod", apply_chmod, undo_chmod, f, e, "set the mode of %s to 0600",
                     f->path);
    if (r == 0 && owner)
        r = plan_add(plan, "chown", apply_chown, undo_chown, f, e, "give %s to root", f->path);
    return r;
}

static int plan_off(struct swapfile *f, bool force, struct plan *plan, struct err *e)
{
    return swaparea_plan_off(&f->old_area, f->root, f->swaps, f->active, force, plan, e);
}

static int prepare_helper(struct swapfile *f, const struct swapfile_want *want, struct err *e)
{
    int r = swaphelper_prepare(f->dir_fd, f->path, &f->st, &f->fs, &want->watch, &f->helper, e);

    f->helped = r == 1; /* one was left behind */
    return r < 0 ? r : 0;
}

/* Deactivate for a moment; what fits nowhere else meanwhile goes to a helper, unless a control
 * group may not use it. */
static int plan_pause(struct swapfile *f, const struct swapfile_want *want, struct plan *plan,
                      struct err *e)
{
    /* as much again as may be swapped out until then */
    const uint64_t room = f->active->used + f->active->used / 8 + (1 << 20);
    int r = want->force ? 0 : swapfit_check(f->root, f->swaps, f->active, 0, e);

    if (r == -ENOMEM && !f->helped) {
        if (e)
            err_clear(e);
        r = swapfit_check(f->root, f->swaps, f->active, room, e);
        if (r == 0)
            r = swaphelper_plan_on(&f->helper, room, plan, e);
        f->helped = r == 0;
    }
    return r < 0 ? r : plan_off(f, true, plan, e);
}

/* Also when only the file is too long still, because a resize was killed; f2fs rounds its files up.
 */
static bool wants_resize(const struct swapfile *f, const struct swapfile_want *want, uint64_t pages)
{
    return pages != f->header.pages ||
           (want->resize && !f->fs.pin && (uint64_t)f->st.st_size > pages * f->header.page_size);
}

/* A killed run may have moved a file aside and not come to deleting it. */
static int plan_tidy(struct swapfile *f, struct plan *plan, struct err *e)
{
    int r;

    if (!f->make.name)
        f->make = (struct swapmake){
            .dir_fd = f->dir_fd, .name = f->name, .path = f->path, .st = f->st, .fd = -1};
    r = swapmake_left(&f->make, e);
    if (r <= 0)
        return r < 0 ? r : 1;
    return plan_add(plan, "unlink", apply_tidy, NULL, f, e, "delete what a killed run left of %s",
                    f->path);
}

static int plan_on(struct swapfile *f, struct plan *plan, struct err *e)
{
    return f->backing == DECLARATION_BACKING_LOOP ? swaploop_plan_on(&f->loop, &f->area, plan, e)
                                                  : swaparea_plan_on(&f->area, plan, e);
}

/* The file is a usable area: change what differs. */
static int plan_adjust(struct swapfile *f, const struct swapfile_want *want, uint64_t pages,
                       struct plan *plan, struct err *e)
{
    bool label = want->label && !streq(want->label, f->header.label);
    bool priority = f->active && want->priority >= 0 && f->active->priority != want->priority;
    bool resize = wants_resize(f, want, pages);
    bool again = f->active && (label || priority || resize || swapfile_loop_moves(f, want));
    bool on = again || (want->activate && !f->active);
    int r = 0;

    if (label || resize || wants_access(f) || (on && f->backing == DECLARATION_BACKING_FILE))
        r = swapfile_loop_unguard(f, plan, e);
    if (r == 0)
        r = plan_access(f, plan, e);
    if (r == 0 && f->backing == DECLARATION_BACKING_FILE)
        r = selinux_plan_swap(&f->selinux, f->root, &f->fd, f->path, plan, e);
    if (r == 0 && resize)
        r = swapfile_resize_check(f, pages, e);
    if (r == 0)
        r = prepare_helper(f, want, e);
    if (r == 0 && again)
        r = plan_pause(f, want, plan, e);
    if (r == 0 && resize)
        r = swapfile_resize_plan(f, pages, &want->watch, plan, e);
    if (r == 0 && label) {
        strcpy(f->label, want->label);
        r = plan_add(plan, "label", apply_label, undo_label, f, e, "set the label of %s to \"%s\"",
                     f->path, want->label);
    }
    if (r == 0 && on) {
        f->area.priority =
            want->priority >= 0 || !again ? want->priority : f->old_area.old_priority;
        r = plan_on(f, plan, e);
    } else if (r == 0 && f->on_loop && f->unguarded) {
        r = swaploop_plan_guard(&f->loop, plan, e);
    }
    if (r == 0)
        (void)plan_tidy(f, plan, NULL); /* a stranger there is in the way of nothing */
    return r;
}

static int plan_new(struct swapfile *f, const struct swapfile_want *want, uint64_t pages,
                    struct plan *plan, struct err *e)
{
    int r = f->found == SWAPFILE_ABSENT ? 0 : swapfile_loop_unguard(f, plan, e);

    if (r == 0)
        r = plan_make(f, want, pages, plan, e);
    if (r < 0 || !want->activate)
        return r;
    f->area.priority = want->priority;
    f->loop.file = &f->make.fd;
    if (f->backing == DECLARATION_BACKING_LOOP)
        return plan_on(f, plan, e);
    return plan_add(plan, "activate", apply_activate, undo_activate, f, e, "activate %s", f->path);
}

/* Why the kernel would not take this area, or NULL. */
static int find_fault(const struct swapfile *f, const char **fault, struct err *e)
{
    struct extents x;
    int flags = 0, r;

    *fault = NULL;
    if (f->header.kind == SWAPHEADER_PAGE_SIZE)
        *fault = "was made for another page size";
    else if (f->header.kind != SWAPHEADER_VALID)
        *fault = "has a swap header that no kernel takes";
    else if (f->header.pages * f->header.page_size > (uint64_t)f->st.st_size)
        *fault = "has a header that promises more than the file holds";
    else if (f->header.bad_pages)
        *fault = "has a header that lists bad pages, which only a device may have";
    if (*fault)
        return 0;
    r = extents_look(f->fd, f->path, f->header.pages * f->header.page_size, &x, e);
    if (r < 0)
        return r;
    if (x.known && x.hole)
        *fault = "has holes";
    else if (x.known && x.shared)
        *fault = "shares blocks with a snapshot or a copy";
    else if (x.known && x.encoded)
        *fault = "is compressed or kept inline";
    else if (f->fs.nocow && ioctl(f->fd, FS_IOC_GETFLAGS, &flags) == 0 && !(flags & FS_NOCOW_FL))
        *fault = "is a copy-on-write file";
    return 0;
}

static int refuse_size(const struct swapfile *f, uint64_t pages, struct err *e)
{
    char is[SIZE_TEXT_MAX], asked[SIZE_TEXT_MAX];
    uint64_t have = f->header.pages * f->header.page_size, want = pages * f->header.page_size;

    size_format(have, is);
    size_format(want, asked);
    return err_refuse(e, -EEXIST,
                      "%s: is a swap area of %s (%llu bytes), not of %s (%llu bytes); --resize "
                      "changes its size",
                      f->path, is, (unsigned long long)have, asked, (unsigned long long)want);
}

static int plan_area(struct swapfile *f, const struct swapfile_want *want, uint64_t pages,
                     struct plan *plan, struct err *e)
{
    const char *fault = NULL;
    int r = 0;

    if (f->header.kind == SWAPHEADER_HIBERNATE)
        return err_refuse(e, -EBUSY,
                          "%s: holds a hibernation image, which is never overwritten; resume from "
                          "it, or discard it with "
                          "mkswap",
                          f->path);
    if (!f->active)
        r = find_fault(f, &fault, e);
    if (r < 0)
        return r;
    if (fault && !want->force)
        return err_refuse(e, -EINVAL,
                          "%s: %s, so the kernel would not swap to it; \"swapctl ensure --force\" "
                          "makes it anew",
                          f->path, fault);
    if (fault)
        return plan_new(f, want, pages, plan, e);
    if (f->header.pages != pages && !want->resize)
        return refuse_size(f, pages, e);
    return plan_adjust(f, want, pages, plan, e);
}

static int judge_other(const struct swapfile *f, const struct swapfile_want *want, struct err *e)
{
    _cleanup_(free_ptr) char *content = NULL;
    int r;

    if (f->active)
        return err_refuse(
            e, -EUCLEAN,
            "%s: is active swap, but its header is gone; deactivate it first (swapctl off)",
            f->path);
    r = probe_content(f->fd, f->path, &content, e);
    if (r < 0)
        return r;
    if (content)
        return err_refuse(e, -EEXIST,
                          "%s: is not a swap file but holds data (%s), which is never overwritten; "
                          "choose another path",
                          f->path, content);
    r = extents_all_zero(f->fd, f->path, want->watch.interrupted, want->watch.arg, e);
    if (r < 0)
        return r;
    if (r == 0)
        return err_refuse(e, -EEXIST,
                          "%s: is not a swap file but holds data, which is never overwritten; "
                          "choose another path",
                          f->path);
    if (!want->force)
        return err_refuse(e, -EEXIST,
                          "%s: has no swap header and holds only zeros, as a swap file that was "
                          "left half-made; \"swapctl ensure --force\" makes it anew",
                          f->path);
    return 0;
}

int swapfile_plan(struct swapfile *f, const struct swapfile_want *want, struct plan *plan,
                  struct err *e)
{
    uint64_t pages;
    int r;

    swapfile_loop_prepare(f, want->discard);
    if (swapheader_round(want->size, (uint32_t)sysconf(_SC_PAGESIZE), &pages) < 0)
        return err_usage(e, -ERANGE,
                         "a swap area of %llu bytes does not exist: 10 pages (40 KiB) at least, "
                         "2^32 - 1 pages at most",
                         (unsigned long long)want->size);
    r = want->label ? swapfile_check_label(want->label, e) : 0;
    if (r == 0)
        r = swapfile_loop_choose(f, want, e);
    if (r == 0 && !f->active)
        r = check_folder(f, e);
    if (r < 0)
        return r;
    if (f->found == SWAPFILE_AREA)
        return plan_area(f, want, pages, plan, e);
    if (f->found == SWAPFILE_OTHER)
        r = judge_other(f, want, e);
    return r < 0 ? r : plan_new(f, want, pages, plan, e);
}

int swapfile_plan_finish(struct swapfile *f, struct plan *plan, struct err *e)
{
    return f->helped ? swaphelper_plan_off(&f->helper, plan, e) : 0;
}

int swapfile_plan_off(struct swapfile *f, bool force, struct plan *plan, struct err *e)
{
    int r = 0, none = 1;

    swapfile_loop_prepare(f, DECLARATION_DISCARD_UNSET);
    if (f->active)
        r = plan_off(f, force, plan, e);
    if (r == 0 && f->found != SWAPFILE_ABSENT && f->root->live)
        none = swaploop_plan_detach(&f->loop, false, plan, e);
    return r < 0 || none < 0 ? (r < 0 ? r : none) : !f->active && none;
}

int swapfile_plan_unlink(struct swapfile *f, struct plan *plan, struct err *e)
{
    int r;

    f->make = (struct swapmake){
        .dir_fd = f->dir_fd, .name = f->name, .path = f->path, .st = f->st, .fd = -1};
    if (f->found == SWAPFILE_ABSENT)
        return plan_tidy(f, plan, e);
    if (f->found != SWAPFILE_AREA)
        return err_refuse(
            e, -EEXIST,
            "%s: is not a swap file (it has no swap header); delete it yourself if it can go",
            f->path);
    if (f->header.kind == SWAPHEADER_HIBERNATE)
        return err_refuse(
            e, -EBUSY, "%s: holds a hibernation image; resume from it, or discard it with mkswap",
            f->path);
    if (faccessat(f->dir_fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return err_sys(e, -errno, "%s: cannot delete files in its folder", f->path);
    r = swapfile_loop_unguard(f, plan, e);
    return r < 0 ? r : plan_add(plan, "unlink", apply_unlink, NULL, f, e, "delete %s", f->path);
}
