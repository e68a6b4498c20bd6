/* SPDX-License-Identifier: MIT */
#include "blockdev.h"
#include "mounts.h"

#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

enum { NAME = 300 };

int blockdev_size(int fd, const char *path, uint64_t *out, struct err *e)
{
    uint64_t n;

    if (ioctl(fd, BLKGETSIZE64, &n) < 0)
        return err_sys(e, -errno, "%s: cannot tell its size", path);
    *out = n;
    return 0;
}

int blockdev_check_writable(int fd, const char *path, struct err *e)
{
    int read_only = 0;

    if (ioctl(fd, BLKROGET, &read_only) < 0 || !read_only)
        return 0;
    return err_set(e, -EROFS, "%s: is read-only; see blockdev --setrw, or how it was attached",
                   path);
}

/* The folder of a device in sysfs, as a stream; NULL if there is none. */
static DIR *open_sysfs(const struct root *root, dev_t dev, const char *below)
{
    char path[64];
    int fd;
    DIR *dir;

    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/%s", major(dev), minor(dev), below);
    fd = root_openat(root, path, O_RDONLY | O_DIRECTORY, 0);
    dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir)
        close_fd(&fd);
    return dir;
}

static const char *next_name(DIR *dir)
{
    struct dirent *entry;

    while (dir && (entry = readdir(dir)))
        if (*entry->d_name != '.')
            return entry->d_name;
    return NULL;
}

/* The next partition in the folder of a disk, and its number. Return: false at the end. */
static bool next_partition(DIR *disk, char name[static NAME], dev_t *dev)
{
    const char *entry;
    unsigned ma, mi;

    while ((entry = next_name(disk))) {
        _cleanup_(free_ptr) char *text = NULL;
        _cleanup_(close_fd) int fd = -1;
        char file[NAME];

        snprintf(file, sizeof(file), "%s/partition", entry);
        if (faccessat(dirfd(disk), file, F_OK, 0) < 0)
            continue;
        snprintf(file, sizeof(file), "%s/dev", entry);
        fd = openat(dirfd(disk), file, O_RDONLY | O_CLOEXEC);
        if (fd < 0 || root_read_fd(fd, file, &text, NULL, NULL) < 0 ||
            sscanf(text, "%u:%u", &ma, &mi) != 2)
            continue;
        snprintf(name, NAME, "%s", entry);
        *dev = makedev(ma, mi);
        return true;
    }
    return false;
}

bool blockdev_has_partitions(const struct root *root, dev_t dev)
{
    _cleanup_(close_dir) DIR *disk = open_sysfs(root, dev, "");
    char name[NAME];
    dev_t partition;

    return next_partition(disk, name, &partition);
}

/* "dm-0" says nothing to people. */
static char *nice_name(const struct root *root, const char *name)
{
    _cleanup_(free_ptr) char *file = NULL, *text = NULL;
    char *out;

    if (asprintf(&file, "/sys/block/%s/dm/name", name) < 0)
        return NULL;
    if (root_read(root, file, &text, NULL, NULL) == 0) {
        text[strcspn(text, "\n")] = '\0';
        return asprintf(&out, "/dev/mapper/%s", text) < 0 ? NULL : out;
    }
    return asprintf(&out, "/dev/%s", name) < 0 ? NULL : out;
}

/* Who uses this very device. As blockdev_user(). */
static int direct_user(const struct root *root, dev_t dev, char **out, struct err *e)
{
    _cleanup_(close_dir) DIR *holders = open_sysfs(root, dev, "holders");
    _cleanup_(free_ptr) char *point = NULL, *volume = NULL;
    const char *holder = next_name(holders);
    int r = 0;

    if (holder) {
        volume = nice_name(root, holder);
        r = volume ? asprintf(out, "is part of %s (RAID, LVM or encryption)", volume) : -1;
        return r < 0 ? err_oom(e) : 1;
    }
    if (mounts_point_of(root, dev, &point, NULL) == 1)
        r = asprintf(out, "is mounted at %s", point) < 0 ? err_oom(e) : 1;
    return r;
}

int blockdev_user(const struct root *root, dev_t dev, char **out, struct err *e)
{
    _cleanup_(close_dir) DIR *disk = open_sysfs(root, dev, "");
    char name[NAME];
    dev_t partition;
    int r = direct_user(root, dev, out, e);

    while (r == 0 && next_partition(disk, name, &partition)) {
        _cleanup_(free_ptr) char *user = NULL;

        r = direct_user(root, partition, &user, e);
        if (r == 1 && asprintf(out, "has the partition %s, which %s", name, user) < 0)
            r = err_oom(e);
    }
    return r;
}

static int explain_busy(const struct root *root, int fd, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *user = NULL;
    struct stat st;
    int r = fstat(fd, &st) < 0 ? 0 : blockdev_user(root, st.st_rdev, &user, e);

    if (r < 0)
        return r;
    return err_set(e, -EBUSY, "%s: %s; take it out of use first", path,
                   user ? user : "is in use, or one of its partitions is");
}

int blockdev_claim(const struct root *root, int fd, const char *path, struct err *e)
{
    char link[32];
    int claimed;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    claimed = open(link, O_RDONLY | O_EXCL | O_NONBLOCK | O_CLOEXEC);
    if (claimed < 0 && errno == EBUSY)
        return explain_busy(root, fd, path, e);
    return claimed < 0 ? err_sys(e, -errno, "%s: cannot open", path) : claimed;
}
