/* SPDX-License-Identifier: MIT */
#include "textfile.h"

#include <limits.h>

static int open_folder(const struct root *root, const char *path, const char **name, struct err *e)
{
    const char *slash = strrchr(path, '/');
    _cleanup_(free_ptr) char *folder = NULL;
    int fd;

    *name = slash ? slash + 1 : path;
    if (!**name || streq(*name, ".") || streq(*name, ".."))
        return err_usage(e, -EINVAL, "%s: names no file", path);
    folder = slash ? strndup(path, (size_t)(slash + 1 - path)) : strdup(".");
    if (!folder)
        return err_oom(e);
    fd = root_open_named(root, folder, O_RDONLY | O_DIRECTORY);
    return fd < 0 ? err_sys(e, fd, "%s: cannot open its directory", path) : fd;
}

static int write_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, text, len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        text += n;
        len -= (size_t)n;
    }
    return 0;
}

static int fill(int folder, const char *temporary, const char *text, size_t len)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    _cleanup_(close_fd) int fd = openat(folder, temporary, flags, 0600);
    int r;

    if (fd < 0)
        return -errno;
    r = write_all(fd, text, len);
    if (r == 0 && fchmod(fd, 0644) < 0)
        r = -errno;
    /* a quota of a network file system shows when the file is closed */
    if (close(TAKE_FD(fd)) < 0 && r == 0)
        r = -errno;
    return r;
}

int textfile_replace(const struct root *root, const char *path, const char *text, size_t len,
                     struct err *e)
{
    _cleanup_(close_fd) int folder = -1;
    char temporary[NAME_MAX + 1];
    const char *name;
    int r;

    folder = open_folder(root, path, &name, e);
    if (folder < 0)
        return folder;
    snprintf(temporary, sizeof(temporary), ".%.220s.%d.headroom", name, (int)getpid());
    /* left by a process of our number that was killed */
    unlinkat(folder, temporary, 0);
    r = fill(folder, temporary, text, len);
    if (r == 0 && renameat(folder, temporary, folder, name) < 0)
        r = -errno;
    if (r == 0)
        return 0;
    unlinkat(folder, temporary, 0);
    return err_sys(e, r, "%s: cannot write it", path);
}
