/* SPDX-License-Identifier: MIT */
#include "quickstat.h"

#include "abi.h"

#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

int quickstat_at(int dir, const char *path, int flags, struct stat *out)
{
    struct statx x;

    if (statx(dir, path, flags | AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_BASIC_STATS, &x) < 0)
        return -errno;
    *out = (struct stat){
        .st_dev = makedev(x.stx_dev_major, x.stx_dev_minor),
        .st_ino = x.stx_ino,
        .st_mode = x.stx_mode,
        .st_nlink = x.stx_nlink,
        .st_uid = x.stx_uid,
        .st_gid = x.stx_gid,
        .st_size = (off_t)x.stx_size,
        .st_mtim = {.tv_sec = x.stx_mtime.tv_sec, .tv_nsec = x.stx_mtime.tv_nsec},
    };
    return 0;
}

int quickstat_open(int dir, const char *path, bool in_root)
{
    struct open_how how = {
        .flags = O_PATH | O_CLOEXEC,
        .resolve = ABI_RESOLVE_CACHED | (in_root ? RESOLVE_IN_ROOT : 0),
    };
    long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

    if (fd < 0 && errno == EINVAL) { /* that flag is unknown */
        how.resolve &= ~(unsigned long long)ABI_RESOLVE_CACHED;
        fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));
    }
    /* before Linux 5.6, or forbidden by who does not know the call */
    if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
        path += in_root ? strspn(path, "/") : 0;
        fd = openat(dir, *path ? path : ".", O_PATH | O_CLOEXEC);
    }
    return fd < 0 ? -errno : (int)fd;
}

int quickstat_open_named(const struct root *root, const char *path)
{
    return root->live ? quickstat_open(AT_FDCWD, path, false)
                      : quickstat_open(root->fd, path, true);
}
