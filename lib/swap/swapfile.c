/* SPDX-License-Identifier: MIT */
#include "swapfile.h"
#include "extents.h"
#include "probe.h"
#include "size.h"

#include <fcntl.h>

void swapfile_clear(struct swapfile *f)
{
    swaphelper_clear(&f->helper);
    swapmake_clear(&f->make);
    swaploop_clear(&f->loop);
    close_fd(&f->fd);
    close_fd(&f->dir_fd);
    selinux_clear(&f->selinux);
    free(f->path);
    *f = SWAPFILE_INIT;
}

/* Cut "a/b/c" into "a/b" and "c"; trailing slashes are an error, because they name a directory. */
static int split(const char *path, char **dir, char **name, struct err *e)
{
    const char *slash = strrchr(path, '/');
    const char *last = slash ? slash + 1 : path;

    if (*path == '\0')
        return err_usage(e, -EINVAL, "an empty path names no file");
    if (*last == '\0' || streq(last, ".") || streq(last, ".."))
        return err_refuse(e, -EISDIR, "%s: names a directory; name a file in it", path);
    *name = strdup(last);
    if (!slash)
        *dir = strdup(".");
    else
        *dir = strndup(path, slash == path ? 1 : (size_t)(slash - path));
    return *dir && *name ? 0 : err_oom(e);
}

static int open_folder(const struct root *root, const char *path, const char *dir, struct err *e)
{
    int fd = root_open_named(root, dir, O_PATH | O_DIRECTORY);

    if (fd == -ENOENT)
        return err_set(e, fd, "%s: the folder %s does not exist; make it first (mkdir -p)", path,
                       dir);
    if (fd == -ENOTDIR)
        return err_set(e, fd, "%s: %s is not a folder", path, dir);
    return fd < 0 ? err_sys(e, fd, "%s: cannot open the folder %s", path, dir) : fd;
}

/* Its path, once the folder is open. */
static int name_file(struct swapfile *f, const char *name, struct err *e)
{
    _cleanup_(free_ptr) char *folder = NULL;
    int r;

    r = root_path_of(f->root, f->dir_fd, &folder, e);
    if (r < 0)
        return r;
    if (asprintf(&f->path, "%s/%s", streq(folder, "/") ? "" : folder, name) < 0) {
        f->path = NULL;
        return err_oom(e);
    }
    f->name = f->path + strlen(f->path) - strlen(name);
    return 0;
}

static int locate(struct swapfile *f, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *dir = NULL, *name = NULL;
    int r;

    r = split(path, &dir, &name, e);
    if (r < 0)
        return r;
    f->dir_fd = open_folder(f->root, path, dir, e);
    return f->dir_fd < 0 ? f->dir_fd : name_file(f, name, e);
}

static int refuse_type(const char *path, mode_t mode, struct err *e)
{
    switch (mode & S_IFMT) {
    case S_IFREG:
        return 0;
    case S_IFLNK:
        return err_refuse(e, -ELOOP, "%s: is a symbolic link; name the file that it points to",
                          path);
    case S_IFDIR:
        return err_refuse(e, -EISDIR, "%s: is a directory; name a file in it", path);
    case S_IFBLK:
        return err_refuse(e, -EINVAL,
                          "%s: is a block device; make it swap with \"swapctl create --device\", "
                          "activate it with "
                          "\"swapctl on\"",
                          path);
    default:
        return err_refuse(e, -EINVAL, "%s: is not a regular file; name another path", path);
    }
}

static int read_header(struct swapfile *f, struct err *e)
{
    int r = swapheader_read(f->fd, &f->header);

    if (r < 0)
        return err_sys(e, r, "%s: cannot read", f->path);
    if (f->st.st_size == 0)
        f->found = SWAPFILE_EMPTY;
    else
        f->found = f->header.kind == SWAPHEADER_NONE ? SWAPFILE_OTHER : SWAPFILE_AREA;
    if (f->header.kind == SWAPHEADER_VALID)
        swapheader_uuid_text(f->header.uuid, f->uuid);
    return 0;
}

static int open_file(struct swapfile *f, struct err *e)
{
    struct stat now;

    /* not blocking: a fifo may have taken the name since fstatat(2) */
    f->fd = openat(f->dir_fd, f->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (f->fd < 0 && errno == EACCES)
        return err_set(e, -EACCES, "%s: cannot open for reading; run as root (sudo)", f->path);
    if (f->fd < 0 || fstat(f->fd, &now) < 0)
        return err_sys(e, -errno, "%s: cannot open for reading", f->path);
    if (now.st_dev != f->st.st_dev || now.st_ino != f->st.st_ino)
        return err_set(e, -ESTALE, "%s: was exchanged while it was looked at; run again", f->path);
    return 0;
}

static int look_active(struct swapfile *f, struct err *e)
{
    int r = swaparea_on_loop(f->root, f->swaps, &f->st, &f->active, e);

    if (r == 0)
        f->active = swaparea_find(f->root, f->swaps, f->fd, &f->st);
    if (r >= 0)
        r = 1;
    if (r == 1 && f->active)
        r = swaploop_adopt(f->root, f->active, &f->loop, e);
    f->on_loop = r == 0;
    return r < 0 ? r : 0;
}

static int look(struct swapfile *f, struct err *e)
{
    int r;

    if (fstatat(f->dir_fd, f->name, &f->st, AT_SYMLINK_NOFOLLOW) < 0) {
        if (errno != ENOENT)
            return err_sys(e, -errno, "%s: cannot look at it", f->path);
        f->found = SWAPFILE_ABSENT;
        return filesystem_of(f->dir_fd, f->path, &f->fs, e);
    }
    r = refuse_type(f->path, f->st.st_mode, e);
    if (r < 0)
        return r;
    r = open_file(f, e);
    if (r < 0)
        return r;
    r = look_active(f, e);
    if (r < 0)
        return r;
    r = filesystem_of(f->fd, f->path, &f->fs, e);
    if (r < 0)
        return r;
    return read_header(f, e);
}

int swapfile_inspect(const struct root *root, const char *path, const struct swaps *swaps,
                     struct swapfile *out, struct err *e)
{
    _cleanup_(swapfile_clear) struct swapfile f = SWAPFILE_INIT;
    int r;

    f.root = root;
    f.swaps = swaps;
    r = locate(&f, path, e);
    if (r == 0)
        r = look(&f, e);
    if (r < 0)
        return r;
    *out = f;
    f = SWAPFILE_INIT;
    return 0;
}

int swapfile_inspect_at(const struct root *root, int folder, const char *name,
                        const struct swaps *swaps, struct swapfile *out, struct err *e)
{
    _cleanup_(swapfile_clear) struct swapfile f = SWAPFILE_INIT;
    int r;

    f.root = root;
    f.swaps = swaps;
    f.dir_fd = fcntl(folder, F_DUPFD_CLOEXEC, 0);
    if (f.dir_fd < 0)
        return err_sys(e, -errno, "%s: cannot look at it", name);
    r = name_file(&f, name, e);
    if (r == 0)
        r = look(&f, e);
    if (r < 0)
        return r;
    *out = f;
    f = SWAPFILE_INIT;
    return 0;
}

int swapfile_check_label(const char *label, struct err *e)
{
    if (strlen(label) > SWAPHEADER_LABEL_MAX)
        return err_usage(e, -EINVAL,
                         "label \"%s\" is longer than the %d bytes that a swap header holds", label,
                         SWAPHEADER_LABEL_MAX);
    for (const char *c = label; *c; c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            return err_usage(e, -EINVAL, "a label may not hold control characters");
    return 0;
}
