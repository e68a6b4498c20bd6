/* SPDX-License-Identifier: MIT */
#include "root.h"

#include <limits.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

enum { READ_MAX = 64 << 20 };

static const char *relative(const char *path)
{
    while (*path == '/')
        path++;
    return *path ? path : ".";
}

static int resolve_fd(int fd, char **out)
{
    char link[32], buf[PATH_MAX];
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, buf, sizeof(buf) - 1);
    if (n < 0)
        return -errno;
    buf[n] = '\0';
    *out = strdup(buf);
    return *out ? 0 : -ENOMEM;
}

int root_open(struct root *out, const char *dir, struct err *e)
{
    struct stat ours, slash;
    struct root root = ROOT_INIT;
    int r;

    if (!dir)
        dir = "/";
    root.fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root.fd < 0)
        return err_sys(e, -errno, "%s: cannot open the root directory", dir);
    if (fstat(root.fd, &ours) < 0 || stat("/", &slash) < 0)
        r = err_sys(e, -errno, "%s: cannot look at the root directory", dir);
    else
        r = 0;
    root.live = r == 0 && ours.st_dev == slash.st_dev && ours.st_ino == slash.st_ino;
    if (r == 0 && root.live) {
        root.path = strdup("");
        r = root.path ? 0 : err_oom(e);
    } else if (r == 0) {
        r = resolve_fd(root.fd, &root.path);
        if (r < 0)
            err_sys(e, r, "%s: cannot resolve the root directory; is /proc mounted?", dir);
    }
    if (r < 0) {
        root_close(&root);
        return r;
    }
    *out = root;
    return 0;
}

void root_close(struct root *root)
{
    close_fd(&root->fd);
    free(TAKE_PTR(root->path));
}

int root_openat(const struct root *root, const char *path, int flags, mode_t mode)
{
    struct open_how how = {
        .flags = (unsigned)(flags | O_CLOEXEC),
        .mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? mode : 0,
        .resolve = RESOLVE_IN_ROOT,
    };
    long fd;

    if (!root->live) {
        do
            fd = syscall(SYS_openat2, root->fd, relative(path), &how, sizeof(how));
        while (fd < 0 && errno == EAGAIN); /* a rename raced with the walk: openat2(2) says retry */
        if (fd >= 0 || errno != ENOSYS)
            return fd < 0 ? -errno : (int)fd;
    }
    fd = openat(root->fd, relative(path), flags | O_CLOEXEC, mode);
    return fd < 0 ? -errno : (int)fd;
}

int root_open_named(const struct root *root, const char *path, int flags)
{
    int fd;

    if (!root->live || *path == '/')
        return root_openat(root, path, flags, 0);
    fd = open(path, flags | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

int root_stat(const struct root *root, const char *path, int flags, struct stat *out)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_PATH | flags, 0);

    if (fd < 0)
        return fd;
    return fstat(fd, out) < 0 ? -errno : 0;
}

int root_read_fd(int fd, const char *name, char **out, size_t *len, struct err *e)
{
    _cleanup_(free_ptr) char *buf = NULL;
    size_t used = 0, size = 0;
    ssize_t n;
    char *more;

    do {
        if (size - used < 2) {
            size = size ? size * 2 : 8192;
            if (size > READ_MAX)
                return err_set(e, -EFBIG, "%s: is larger than 64 MiB; that cannot be right", name);
            more = realloc(buf, size);
            if (!more)
                return err_oom(e);
            buf = more;
        }
        n = read(fd, buf + used, size - used - 1);
        if (n < 0 && errno != EINTR)
            return err_sys(e, -errno, "%s: cannot read", name);
        used += n > 0 ? (size_t)n : 0;
    } while (n != 0);
    buf[used] = '\0';
    *out = TAKE_PTR(buf);
    if (len)
        *len = used;
    return 0;
}

int root_read(const struct root *root, const char *path, char **out, size_t *len, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_RDONLY, 0);

    if (fd < 0)
        return err_sys(e, fd, "%s/%s: cannot open", root->path, relative(path));
    return root_read_fd(fd, path, out, len, e);
}

int root_write(const struct root *root, const char *path, const char *text, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_WRONLY | (root->live ? 0 : O_TRUNC), 0);
    size_t len = strlen(text);
    ssize_t n;

    if (fd < 0)
        return err_sys(e, fd, "%s/%s: cannot open for writing", root->path, relative(path));
    n = write(fd, text, len);
    if (n < 0)
        return err_sys(e, -errno, "%s: cannot write \"%s\"", path, text);
    if ((size_t)n != len)
        return err_set(e, -EIO, "%s: took only a part of \"%s\"", path, text);
    return 0;
}

/* Make the folder that the first @end bytes of @path name; its own name begins at @start. */
static int make_folder(const struct root *root, const char *path, size_t start, size_t end,
                       struct err *e)
{
    _cleanup_(free_ptr) char *parent = strndup(path, start),
                             *name = strndup(path + start, end - start);
    _cleanup_(close_fd) int at = -1;

    if (!parent || !name)
        return err_oom(e);
    /* anew from the root each time, so that no symbolic link leads out of a foreign one */
    at = root_openat(root, parent, O_PATH | O_DIRECTORY, 0);
    if (at < 0)
        return err_sys(e, at, "%s/%s: cannot open the folder", root->path, relative(parent));
    if (mkdirat(at, name, 0755) < 0 && errno != EEXIST)
        return err_sys(e, -errno, "%s: cannot make the folder \"%s\"", path, name);
    return 0;
}

int root_mkdirs(const struct root *root, const char *path, struct err *e)
{
    size_t start, end = 0;
    int r = 0;

    while (r == 0) {
        start = end + strspn(path + end, "/");
        end = start + strcspn(path + start, "/");
        if (start == end)
            break;
        r = make_folder(root, path, start, end, e);
    }
    return r;
}

int root_path_of(const struct root *root, int fd, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *whole = NULL;
    const char *inside;
    struct statx st;
    int r;

    r = resolve_fd(fd, &whole);
    if (r < 0)
        return err_sys(e, r, "cannot tell where an open file lies; is /proc mounted?");
    inside = str_after(whole, root->path);
    if (!inside || (*inside != '/' && *inside != '\0') || *whole != '/')
        return err_set(e, -ENOENT, "%s: lies outside the root directory %s", whole, root->path);
    /* that much is known without asking a server, which may be dead */
    if (statx(fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC, STATX_NLINK, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", whole);
    if (st.stx_nlink == 0)
        return err_set(e, -ENOENT, "%s: has been deleted meanwhile", whole);
    *out = strdup(*inside ? inside : "/");
    return *out ? 0 : err_oom(e);
}
