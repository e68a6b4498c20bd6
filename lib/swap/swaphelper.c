/* SPDX-License-Identifier: MIT */
#include "swaphelper.h"
#include "size.h"
#include "swaploop.h"

#include <fcntl.h>

/* Marks what is ours to deactivate and delete. */
static const char label[] = "headroom-helper";
_Static_assert(sizeof(label) - 1 <= SWAPHEADER_LABEL_MAX, "the label fits the header");

void swaphelper_clear(struct swaphelper *h)
{
    swapmake_clear(&h->make);
    free(h->path);
    *h = SWAPHELPER_INIT;
}

/* Return: 1 if it is a helper of ours, opened; or refused. */
static int adopt(struct swaphelper *h, struct err *e)
{
    struct swapheader found;
    int fd = openat(h->make.dir_fd, h->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd >= 0 && fstat(fd, &h->make.st) == 0 && S_ISREG(h->make.st.st_mode) &&
        swapheader_read(fd, &found) == 0 && found.kind == SWAPHEADER_VALID &&
        streq(found.label, label)) {
        h->make.fd = fd;
        return 1;
    }
    close_fd(&fd);
    return err_refuse(e, -EEXIST,
                      "%s: is in the way of a helper area; look what it is, then move it away",
                      h->path);
}

int swaphelper_prepare(int dir_fd, const char *path, const struct stat *st,
                       const struct filesystem *fs, const struct swapmake_watch *watch,
                       struct swaphelper *h, struct err *e)
{
    const char *slash = strrchr(path, '/');
    struct stat there;

    snprintf(h->name, sizeof(h->name), ".headroom-%llu.swap", (unsigned long long)st->st_ino);
    if (asprintf(&h->path, "%.*s/%s", (int)(slash ? slash - path : 0), path, h->name) < 0) {
        h->path = NULL;
        return err_oom(e);
    }
    h->make = (struct swapmake){
        .dir_fd = dir_fd,
        .name = h->name,
        .path = h->path,
        .fs = fs,
        .watch = *watch,
        .fd = -1,
    };
    if (fstatat(dir_fd, h->name, &there, AT_SYMLINK_NOFOLLOW) == 0)
        return adopt(h, e);
    return errno == ENOENT ? 0 : err_sys(e, -errno, "%s: cannot look at it", h->path);
}

/* The device goes with the area. */
static int activate(const struct swaphelper *h, struct err *e)
{
    _cleanup_(swaploop_clear) struct swaploop l = SWAPLOOP_INIT;
    _cleanup_(root_close) struct root root = ROOT_INIT;
    int r;

    if (h->make.fs->swap != FILESYSTEM_SWAP_LOOP)
        return swaparea_on(h->make.fd, h->path, -1, DECLARATION_DISCARD_UNSET, e);
    l.root = &root;
    l.path = h->path;
    l.file = &h->make.fd;
    r = root_open(&root, NULL, e);
    if (r == 0)
        r = swaploop_attach(&l, e);
    return r < 0 ? r : swaparea_on(l.device, h->path, -1, DECLARATION_DISCARD_UNSET, e);
}

static int apply_on(void *ctx, struct err *e)
{
    struct swaphelper *h = ctx;
    int r;

    r = swapmake_publish(&h->make, e);
    if (r < 0)
        return r;
    r = activate(h, e);
    if (r < 0)
        (void)swapmake_withdraw(&h->make, NULL);
    return r;
}

static int apply_off(void *ctx, struct err *e)
{
    struct swaphelper *h = ctx;
    int r;

    r = swaparea_off(h->make.fd, h->path, e);
    if (r >= 0 && h->make.fs->swap == FILESYSTEM_SWAP_LOOP)
        r = swaploop_off_all(h->make.fd, h->path, e);
    return r < 0 ? r : swapmake_withdraw(&h->make, e);
}

int swaphelper_plan_on(struct swaphelper *h, uint64_t bytes, struct plan *plan, struct err *e)
{
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    char size[SIZE_TEXT_MAX];
    int r;

    h->make.header = (struct swapheader){.kind = SWAPHEADER_VALID, .page_size = page};
    strcpy(h->make.header.label, label);
    r = swapheader_round(bytes, page, &h->make.header.pages);
    if (r == 0)
        r = swapheader_uuid_random(h->make.header.uuid);
    if (r < 0)
        return err_sys(e, r, "%s: cannot make a header for it", h->path);
    return plan_add(plan, "helper-on", apply_on, apply_off, h, e,
                    "make and activate the helper %s, %s", h->path, size_format(bytes, size));
}

int swaphelper_plan_off(struct swaphelper *h, struct plan *plan, struct err *e)
{
    return plan_add(plan, "helper-off", apply_off, NULL, h, e,
                    "deactivate and delete the helper %s", h->path);
}
