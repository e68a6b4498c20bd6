/* SPDX-License-Identifier: MIT */
#include "filesystem.h"
#include "abi.h"

#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static const char in_memory[] =
    "it lives in RAM, so swapping to it frees none; choose a folder on a disk";
static const char layered[] =
    "the kernel cannot swap to a file on overlay, only to a loop device over it (--backing loop); "
    "or choose a folder on a mounted disk or volume";
static const char encrypting[] =
    "the kernel cannot swap to a file on it, and encrypting needs memory just when there is none; "
    "choose a folder on a disk";
static const char never_written[] = "it is a read-only file system; choose a folder on a disk";
static const char network[] =
    "the kernel cannot swap safely to a file that is not on a local disk; choose a folder on one";
static const char user_space[] =
    "a file system that runs as a program can be swapped out itself; choose a folder on a disk";
static const char copies[] =
    "it does not support swap files, and a loop device on top of it can deadlock under "
    "memory pressure; use a partition or another file system";
static const char ownerless[] = "it keeps no owner and mode, so everybody could read what is "
                                "swapped out; choose another file system";

static const struct {
    uint32_t magic;
    const char *name;
    const char *why; /* not NULL: no swap files here */
} known[] = {
    {EXT4_SUPER_MAGIC, "ext4", NULL}, /* ext2 and ext3 have the same number */
    {XFS_SUPER_MAGIC, "xfs", NULL},
    {BTRFS_SUPER_MAGIC, "btrfs", NULL},
    {F2FS_SUPER_MAGIC, "f2fs", NULL},
    {ABI_MAGIC_JFS, "jfs", NULL},
    {REISERFS_SUPER_MAGIC, "reiserfs", NULL},
    {NILFS_SUPER_MAGIC, "nilfs2", copies},
    {TMPFS_MAGIC, "tmpfs", in_memory},
    {RAMFS_MAGIC, "ramfs", in_memory},
    {HUGETLBFS_MAGIC, "hugetlbfs", in_memory},
    {PROC_SUPER_MAGIC, "proc", in_memory},
    {SYSFS_MAGIC, "sysfs", in_memory},
    {OVERLAYFS_SUPER_MAGIC, "overlay", layered},
    {ECRYPTFS_SUPER_MAGIC, "ecryptfs", encrypting},
    {SQUASHFS_MAGIC, "squashfs", never_written},
    {EROFS_SUPER_MAGIC_V1, "erofs", never_written},
    {ISOFS_SUPER_MAGIC, "iso9660", never_written},
    {CRAMFS_MAGIC, "cramfs", never_written},
    {NFS_SUPER_MAGIC, "nfs", network},
    {SMB_SUPER_MAGIC, "smb", network},
    {CIFS_SUPER_MAGIC, "cifs", network},
    {SMB2_SUPER_MAGIC, "smb2", network},
    {CEPH_SUPER_MAGIC, "ceph", network},
    {AFS_SUPER_MAGIC, "afs", network},
    {CODA_SUPER_MAGIC, "coda", network},
    {V9FS_MAGIC, "9p", network},
    {ABI_MAGIC_LUSTRE, "lustre", network},
    {ABI_MAGIC_GFS2, "gfs2", network},
    {OCFS2_SUPER_MAGIC, "ocfs2", network},
    {ABI_MAGIC_VMHGFS, "vmhgfs", network},
    {FUSE_SUPER_MAGIC, "fuse", user_space},
    {ABI_MAGIC_ZFS, "zfs", copies},
    {ABI_MAGIC_BCACHEFS, "bcachefs", copies},
    {MSDOS_SUPER_MAGIC, "vfat", ownerless},
    {EXFAT_SUPER_MAGIC, "exfat", ownerless},
    {ABI_MAGIC_NTFS3, "ntfs3", ownerless},
};

int filesystem_of(int fd, const char *name, struct filesystem *out, struct err *e)
{
    struct filesystem fs = {.swap = FILESYSTEM_SWAP_YES};
    struct statfs st;

    if (fstatfs(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot tell the file system", name);
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if ((uint32_t)st.f_type != known[i].magic)
            continue;
        fs.name = known[i].name;
        fs.why = known[i].why;
        fs.swap = !fs.why             ? FILESYSTEM_SWAP_YES
                  : fs.why == layered ? FILESYSTEM_SWAP_LOOP
                                      : FILESYSTEM_SWAP_NO;
        break;
    }
    fs.nocow = (uint32_t)st.f_type == BTRFS_SUPER_MAGIC;
    fs.pin = (uint32_t)st.f_type == F2FS_SUPER_MAGIC;
    fs.read_only = st.f_flags & ST_RDONLY;
    fs.available = (uint64_t)st.f_bavail * (uint64_t)(st.f_frsize ? st.f_frsize : st.f_bsize);
    *out = fs;
    return 0;
}

static int check(const struct filesystem *fs, bool can, const char *path, struct err *e)
{
    if (!can)
        return err_unsupported(e, -EOPNOTSUPP, "%s: lies on %s: %s", path, fs->name, fs->why);
    if (fs->read_only)
        return err_set(e, -EROFS,
                       "%s: its file system is mounted read-only; remount it read-write, or choose "
                       "another folder",
                       path);
    return 0;
}

int filesystem_check_swap(const struct filesystem *fs, const char *path, struct err *e)
{
    return check(fs, fs->swap == FILESYSTEM_SWAP_YES, path, e);
}

int filesystem_check_loop(const struct filesystem *fs, const char *path, struct err *e)
{
    return check(fs, fs->swap != FILESYSTEM_SWAP_NO, path, e);
}

int filesystem_mounted_as(const struct root *root, dev_t dev, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    unsigned wanted_major = major(dev), wanted_minor = minor(dev), ma, mi;
    char *save = NULL, *type, *found = NULL;
    int r;

    r = root_read(root, "/proc/self/mountinfo", &text, NULL, e);
    if (r < 0)
        return r;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        if (sscanf(line, "%*u %*u %u:%u ", &ma, &mi) != 2 || ma != wanted_major ||
            mi != wanted_minor)
            continue;
        /* what ends the optional fields, proc(5); blanks in paths are escaped */
        type = strstr(line, " - ");
        if (!type)
            continue;
        found = strndup(type + 3, strcspn(type + 3, " "));
        if (!found)
            return err_oom(e);
        break;
    }
    *out = found;
    return 0;
}
