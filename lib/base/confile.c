/* SPDX-License-Identifier: MIT */
#include "confile.h"
#include "aside.h"

#include <sys/file.h>
#include <sys/xattr.h>
#include <time.h>

enum { MODE_BITS = 07777, LOCK_TRIES = 20 };

/* Where a file really lies, behind all symbolic links. */
struct place {
    int dir;    /* its directory */
    char *name; /* in there */
    int fd;     /* the file itself, locked; -1 while there is none */
};

#define PLACE_INIT ((struct place){.dir = -1, .fd = -1})

static void place_clear(struct place *at)
{
    close_fd(&at->dir);
    close_fd(&at->fd);
    free(TAKE_PTR(at->name));
}

void confile_clear(struct confile *f)
{
    free(f->path);
    free(f->text);
    free(f->new_text);
    *f = CONFILE_INIT;
}

/* The system's words are the same for very different causes here. */
static int failed(const struct confile *f, int r, const char *what, struct err *e)
{
    const char *in = f->root->path;

    switch (r) {
    case -EROFS:
        return err_set(e, r,
                       "%s%s: %s: its file system is mounted read-only; remount it read-write", in,
                       f->path, what);
    case -ENOSPC:
    case -EDQUOT:
        return err_set(e, r, "%s%s: %s: its file system or quota is full; free some space", in,
                       f->path, what);
    case -EPERM:
        return err_set(e, r,
                       "%s%s: %s: not permitted; run as root, and if lsattr(1) shows it or its "
                       "directory as immutable "
                       "or append-only, use chattr -i -a",
                       in, f->path, what);
    case -EACCES:
        return err_set(e, r, "%s%s: %s: permission denied; run as root", in, f->path, what);
    case -EBUSY:
        return err_set(
            e, r, "%s%s: %s: it is a mount point of its own; change the file that is mounted there",
            in, f->path, what);
    default:
        return err_sys(e, r, "%s%s: %s", in, f->path, what);
    }
}

int confile_load(const struct root *root, const char *path, struct confile *out, struct err *e)
{
    _cleanup_(confile_clear) struct confile f = {.root = root};
    _cleanup_(close_fd) int fd = -1;
    int r;

    f.path = strdup(path);
    if (!f.path)
        return err_oom(e);
    /* nobody must be able to stop us with a fifo */
    fd = root_openat(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (fd < 0 && fd != -ENOENT)
        return failed(&f, fd, "cannot open", e);
    if (fd < 0) {
        f.text = strdup("");
        if (!f.text)
            return err_oom(e);
    } else {
        if (fstat(fd, &f.st) < 0)
            return failed(&f, -errno, "cannot look at it", e);
        if (!S_ISREG(f.st.st_mode))
            return err_refuse(e, -EINVAL, "%s%s: is not a regular file", root->path, path);
        r = root_read_fd(fd, path, &f.text, &f.len, e);
        if (r < 0)
            return r;
        f.exists = true;
    }
    *out = f;
    f = CONFILE_INIT;
    return 0;
}

static char *parent_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash && slash > path ? strndup(path, (size_t)(slash - path)) : strdup("/");
}

static const char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int check_directory(const struct confile *f, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *dir = parent_of(path);
    _cleanup_(close_fd) int fd = -1;

    while (dir) {
        char *up;

        fd = root_openat(f->root, dir, O_PATH | O_DIRECTORY, 0);
        if (fd != -ENOENT || streq(dir, "/"))
            break;
        up = parent_of(dir);
        free(dir);
        dir = up;
    }
    if (!dir)
        return err_oom(e);
    if (fd < 0)
        return failed(f, fd, "cannot open its directory", e);
    if (faccessat(fd, ".", W_OK | X_OK, AT_EACCESS) < 0)
        return failed(f, -errno, "cannot write to its directory", e);
    return 0;
}

static int check_writable(const struct confile *f, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(f->root, f->path, O_PATH, 0);
    _cleanup_(free_ptr) char *real = NULL;
    char link[32];
    struct stat st;
    int r;

    if (fd < 0) {
        if (root_stat(f->root, f->path, O_NOFOLLOW, &st) == 0)
            return err_set(e, -ENOENT,
                           "%s%s: is a symbolic link to a file that is not there; make that file "
                           "or remove the link",
                           f->root->path, f->path);
        return check_directory(f, f->path, e);
    }
    r = root_path_of(f->root, fd, &real, e);
    if (r < 0)
        return r;
    /* It is replaced, not written, so its mode does not matter; but an immutable file cannot be
     * replaced. */
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (faccessat(AT_FDCWD, link, W_OK, AT_EACCESS) < 0 && (errno == EPERM || errno == EROFS))
        return failed(f, -errno, "cannot be replaced", e);
    return check_directory(f, real, e);
}

int confile_prepare(struct confile *f, char *new_text, struct err *e)
{
    int r;

    if (new_text ? f->exists && streq(new_text, f->text) && strlen(f->text) == f->len
                 : !f->exists) {
        free(new_text);
        return 1;
    }
    if (strlen(f->text) != f->len)
        return err_set(e, -EBADMSG, "%s%s: holds NUL bytes, so it is damaged; repair it first",
                       f->root->path, f->path);
    r = check_writable(f, e);
    if (r < 0)
        return r;
    f->new_text = new_text;
    f->changes = true;
    return 0;
}

static int place_open(const struct confile *f, struct place *out, struct err *e)
{
    _cleanup_(place_clear) struct place at = PLACE_INIT;
    _cleanup_(free_ptr) char *real = NULL, *dir = NULL;
    int r;

    at.fd = root_openat(f->root, f->path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
    if (at.fd >= 0) {
        r = root_path_of(f->root, at.fd, &real, e);
        if (r < 0)
            return r;
    } else if (at.fd == -ENOENT) {
        real = strdup(f->path);
    } else {
        return failed(f, at.fd, "cannot open", e);
    }
    dir = real ? parent_of(real) : NULL;
    at.name = real ? strdup(name_of(real)) : NULL;
    if (!dir || !at.name)
        return err_oom(e);
    at.dir = root_openat(f->root, dir, O_RDONLY | O_DIRECTORY, 0);
    if (at.dir == -ENOENT) {
        r = root_mkdirs(f->root, dir, e);
        if (r < 0)
            return r;
        at.dir = root_openat(f->root, dir, O_RDONLY | O_DIRECTORY, 0);
    }
    if (at.dir < 0)
        return failed(f, at.dir, "cannot open its directory", e);
    *out = at;
    at = PLACE_INIT;
    return 0;
}

/* Locks what it can: not every network file system does. */
static int lock_file(const struct confile *f, int fd, struct err *e)
{
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};

    for (int i = 0; i < LOCK_TRIES; i++) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0 || (errno != EWOULDBLOCK && errno != EINTR))
            return 0;
        nanosleep(&pause, NULL);
    }
    return err_set(e, -ETIMEDOUT,
                   "%s%s: is locked by another process; try again when that has finished",
                   f->root->path, f->path);
}

/* The name still stands for the file that we hold open (or, when we hold none, for nothing). */
static bool place_holds(const struct place *at)
{
    struct stat named, held;

    if (fstatat(at->dir, at->name, &named, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT && at->fd < 0;
    return at->fd >= 0 && fstat(at->fd, &held) == 0 && named.st_dev == held.st_dev &&
           named.st_ino == held.st_ino;
}

static int stale(const struct confile *f, struct err *e)
{
    return err_set(e, -ESTALE, "%s%s: somebody else changed it meanwhile; try again", f->root->path,
                   f->path);
}

/* The file that was locked has this text still. */
static int check_text(const struct confile *f, int fd, const char *text, struct err *e)
{
    _cleanup_(free_ptr) char *now = NULL;
    size_t len;
    int r;

    if (lseek(fd, 0, SEEK_SET) < 0)
        return failed(f, -errno, "cannot read it again", e);
    r = root_read_fd(fd, f->path, &now, &len, e);
    if (r < 0)
        return r;
    return len == strlen(text) && streq(now, text) ? 0 : stale(f, e);
}

/* Finds the file, locks it, and makes sure that its text is @from (NULL: that there is none). */
static int place_lock(const struct confile *f, const char *from, struct place *out, struct err *e)
{
    _cleanup_(place_clear) struct place at = PLACE_INIT;
    int r;

    r = place_open(f, &at, e);
    if (r == 0 && at.fd >= 0)
        r = lock_file(f, at.fd, e);
    if (r < 0)
        return r;
    if (!place_holds(&at) || !from != (at.fd < 0))
        return stale(f, e);
    r = from ? check_text(f, at.fd, from, e) : 0;
    if (r < 0)
        return r;
    *out = at;
    at = PLACE_INIT;
    return 0;
}

/* Under the lock nobody else is at work: what has the name was left by a killed run. */
static int temp_open(const struct confile *f, int dir, const char *temp, struct err *e)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(dir, temp, flags, 0600);

    if (fd < 0 && errno == EEXIST && unlinkat(dir, temp, 0) == 0)
        fd = openat(dir, temp, flags, 0600);
    return fd < 0 ? failed(f, -errno, "cannot make a temporary file beside it", e) : fd;
}

static int copy_xattr(int from, int to, const char *name)
{
    _cleanup_(free_ptr) char *value = NULL;
    ssize_t n;

    /* these sign or hash the old content */
    if (streq(name, "security.ima") || streq(name, "security.evm"))
        return 0;
    n = fgetxattr(from, name, NULL, 0);
    if (n < 0)
        return errno == ENODATA ? 0 : -errno;
    value = malloc((size_t)n + 1);
    if (!value)
        return -ENOMEM;
    n = fgetxattr(from, name, value, (size_t)n);
    if (n < 0)
        return errno == ENODATA ? 0 : -errno;
    return fsetxattr(to, name, value, (size_t)n, 0) < 0 && errno != EOPNOTSUPP ? -errno : 0;
}

static int copy_xattrs(int from, int to)
{
    _cleanup_(free_ptr) char *names = NULL;
    ssize_t n;
    int r;

    /* a default ACL of the directory is not what the old file has */
    fremovexattr(to, "system.posix_acl_access");
    n = flistxattr(from, NULL, 0);
    if (n <= 0)
        return n < 0 && errno != EOPNOTSUPP ? -errno : 0;
    names = malloc((size_t)n);
    if (!names)
        return -ENOMEM;
    n = flistxattr(from, names, (size_t)n);
    if (n < 0)
        return -errno;
    for (const char *name = names; name < names + n; name += strlen(name) + 1) {
        r = copy_xattr(from, to, name);
        if (r < 0)
            return r;
    }
    return 0;
}

static int take_over(const struct confile *f, int from, int to, struct err *e)
{
    struct stat st = f->st;
    int r;

    if (from < 0 && !f->exists) {
        if (fchmod(to, 0644) < 0)
            return failed(f, -errno, "cannot set the mode of the new file", e);
        return 0;
    }
    if (from >= 0 && fstat(from, &st) < 0)
        return failed(f, -errno, "cannot look at it", e);
    if (fchown(to, st.st_uid, st.st_gid) < 0)
        return failed(f, -errno, "cannot give the new file the owner of the old one", e);
    if (fchmod(to, st.st_mode & MODE_BITS) < 0)
        return failed(f, -errno, "cannot give the new file the mode of the old one", e);
    r = from >= 0 ? copy_xattrs(from, to) : 0;
    return r < 0 ? failed(f, r, "cannot give the new file the attributes of the old one", e) : 0;
}

static int write_all(const struct confile *f, int fd, const char *text, struct err *e)
{
    size_t left = strlen(text);
    ssize_t n;

    while (left > 0) {
        n = write(fd, text, left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return failed(f, -errno, "cannot write its new text", e);
        text += n;
        left -= (size_t)n;
    }
    return fsync(fd) < 0 ? failed(f, -errno, "cannot write its new text", e) : 0;
}

/* A new file must not overwrite one that came into being meanwhile. */
static int put_new(const struct confile *f, const struct place *at, const char *temp, struct err *e)
{
    if (renameat2(at->dir, temp, at->dir, at->name, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno == EEXIST)
        return stale(f, e);
    if (errno != EINVAL && errno != ENOSYS)
        return failed(f, -errno, "cannot be made", e);
    /* file systems without that flag */
    if (linkat(at->dir, temp, at->dir, at->name, 0) < 0)
        return errno == EEXIST ? stale(f, e) : failed(f, -errno, "cannot be made", e);
    unlinkat(at->dir, temp, 0);
    return 0;
}

/*
 * In one step, and only then is the old file looked at: programs that do not know our lock may have
 * changed it up to this moment. What they write to it after that is lost.
 */
static int put_over(const struct confile *f, const struct place *at, const char *from, int to,
                    const char *temp, struct err *e)
{
    struct stat old, new;
    int r;

    if (fstat(at->fd, &old) < 0 || fstat(to, &new) < 0)
        return failed(f, -errno, "cannot look at it", e);
    r = aside_exchange(at->dir, at->name, temp, &old, &new);
    if (r == -EOPNOTSUPP) {
        r = check_text(f, at->fd, from, e);
        if (r == 0 && renameat(at->dir, temp, at->dir, at->name) < 0)
            r = failed(f, -errno, "cannot be replaced", e);
        return r;
    }
    if (r == -ESTALE || r == -EUCLEAN)
        return stale(f, e);
    if (r < 0)
        return failed(f, r, "cannot be replaced", e);
    r = check_text(f, at->fd, from, e);
    if (r < 0)
        aside_exchange(at->dir, at->name, temp, &new, &old);
    return r;
}

/* @from: the text of the file that is there, if one is. */
static int store(const struct confile *f, const struct place *at, const char *from, const char *to,
                 struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    char temp[NAME_MAX + 1];
    int r;

    aside_name(at->name, temp);
    fd = temp_open(f, at->dir, temp, e);
    if (fd < 0)
        return fd;
    r = take_over(f, at->fd, fd, e);
    if (r == 0)
        r = write_all(f, fd, to, e);
    if (r == 0)
        r = at->fd < 0 ? put_new(f, at, temp, e) : put_over(f, at, from, fd, temp, e);
    /* the new file when it failed, the old one when it did not */
    if (r < 0 || at->fd >= 0)
        unlinkat(at->dir, temp, 0);
    return r;
}

/* From one text to another; NULL is "there is no file". @dir: set to its directory, to be synced.
 */
static int exchange(const struct confile *f, const char *from, const char *to, int *dir,
                    struct err *e)
{
    _cleanup_(place_clear) struct place at = PLACE_INIT;
    int r;

    r = place_lock(f, from, &at, e);
    if (r < 0)
        return r;
    if (to)
        r = store(f, &at, from, to, e);
    else if (unlinkat(at.dir, at.name, 0) < 0)
        r = failed(f, -errno, "cannot delete", e);
    if (r == 0)
        *dir = TAKE_FD(at.dir);
    return r;
}

static int replace(const struct confile *f, const char *from, const char *to, struct err *e)
{
    _cleanup_(close_fd) int dir = -1, again = -1;
    int r;

    r = exchange(f, from, to, &dir, e);
    if (r < 0)
        return r;
    /* some file systems cannot sync a directory and have no need to */
    if (fsync(dir) == 0 || errno == EINVAL)
        return 0;
    r = failed(f, -errno, "its new state did not reach the disk", e);
    exchange(f, to, from, &again, NULL);
    return r;
}

int confile_apply(void *file, struct err *e)
{
    struct confile *f = file;

    return replace(f, f->exists ? f->text : NULL, f->new_text, e);
}

int confile_undo(void *file, struct err *e)
{
    struct confile *f = file;

    return replace(f, f->new_text, f->exists ? f->text : NULL, e);
}

int confile_plan(struct confile *f, char *new_text, struct plan *plan, const char *action,
                 const char *what, struct err *e)
{
    int r;

    r = confile_prepare(f, new_text, e);
    if (r != 0)
        return r;
    r = plan_add(plan, action, confile_apply, confile_undo, f, e, "%s", what);
    if (r < 0) {
        f->new_text = NULL;
        f->changes = false;
    }
    return r;
}
