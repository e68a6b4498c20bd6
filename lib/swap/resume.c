/* SPDX-License-Identifier: MIT */
#include "resume.h"

#include "btrfs.h"
#include "extents.h"
#include "filesystem.h"
#include "probe.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

static int check_swap(int fd, const char *name, struct stat *st, struct err *e)
{
    struct swapheader h;
    int r;

    if (fstat(fd, st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", name);
    if (S_ISBLK(st->st_mode))
        return err_set(e, -EINVAL,
                       "%s: is a device and needs no offset; resume=UUID=... alone names it", name);
    if (!S_ISREG(st->st_mode))
        return err_set(e, -EINVAL, "%s: is not a swap file", name);
    r = swapheader_read(fd, &h);
    if (r < 0)
        return err_sys(e, r, "%s: cannot read", name);
    if (h.kind != SWAPHEADER_VALID && h.kind != SWAPHEADER_HIBERNATE)
        return err_set(
            e, -EINVAL,
            "%s: is not a swap file that this kernel takes; \"swapctl ensure\" makes one", name);
    return 0;
}

/* XFS may keep a file on a second device. */
static int check_device(int fd, const char *name, struct err *e)
{
    struct fsxattr attr;

    if (ioctl(fd, FS_IOC_FSGETXATTR, &attr) == 0 && attr.fsx_xflags & FS_XFLAG_REALTIME)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: lies on the real-time device of its file system, which resume= "
                               "cannot name; make it on the data device",
                               name);
    return 0;
}

static int identify(dev_t dev, const char *name, struct resume *out, struct err *e)
{
    _cleanup_(free_ptr) char *uuid = NULL;
    int r = probe_device_uuid(dev, name, &uuid, e);

    if (r < 0)
        return r;
    if (strlen(uuid) >= sizeof(out->uuid))
        return err_set(e, -EBADMSG, "%s: the UUID of its file system is too long: %s", name, uuid);
    strcpy(out->uuid, uuid);
    return 0;
}

static int find_btrfs(int fd, const char *name, uint64_t *place, struct resume *out, struct err *e)
{
    uint8_t uuid[16];
    int r;

    r = btrfs_identity(fd, name, uuid, e);
    if (r == 0)
        r = btrfs_physical(fd, name, *place, place, e);
    if (r == 0)
        swapheader_uuid_text(uuid, out->uuid);
    return r;
}

int resume_find(int fd, const char *name, struct resume *out, struct err *e)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), place;
    struct resume resume;
    struct filesystem fs;
    struct stat st;
    int r;

    r = check_swap(fd, name, &st, e);
    if (r == 0)
        r = filesystem_of(fd, name, &fs, e);
    if (r < 0)
        return r;
    if (!fs.name || !(streq(fs.name, "ext4") || streq(fs.name, "xfs") || streq(fs.name, "btrfs")))
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: lies on %s; its place on the disk can be told on ext4, xfs and "
                               "btrfs",
                               name, fs.name ? fs.name : "an unknown file system");
    r = extents_first(fd, name, page, &place, e);
    if (r == 0 && streq(fs.name, "btrfs"))
        r = find_btrfs(fd, name, &place, &resume, e);
    else if (r == 0) {
        r = check_device(fd, name, e);
        if (r == 0)
            r = identify(st.st_dev, name, &resume, e);
    }
    if (r < 0)
        return r;
    if (place % page != 0)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: begins amid a page of its device, and the kernel counts in "
                               "pages; remove it and make it anew",
                               name);
    resume.offset = place / page;
    *out = resume;
    return 0;
}
