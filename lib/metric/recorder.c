/* SPDX-License-Identifier: MIT */
#include "recorder.h"

#include <fcntl.h>
#include <limits.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "replay.h"

struct recorder {
    char *path, *folder;
    const char *name; /* the last part of path */
    int dir_fd, fd;
    uint64_t end; /* of what is whole */
    struct recorder_rotation rotation;
    struct history_header header;
    bool begun;       /* the header stands in the file */
    unsigned samples; /* behind it */
    uint8_t buf[2 * HISTORY_FRAME_MAX];
};

void recorder_free(struct recorder **r)
{
    if (!*r)
        return;
    history_header_clear(&(*r)->header);
    close_fd(&(*r)->fd);
    close_fd(&(*r)->dir_fd);
    free((*r)->path);
    free((*r)->folder);
    free(*r);
    *r = NULL;
}

/* ---- the file ---- */

static int check_kind(const char *path, const struct stat *st, struct err *e)
{
    if (S_ISLNK(st->st_mode))
        return err_refuse(e, -ELOOP, "%s: is a symbolic link; name the file that it leads to",
                          path);
    if (S_ISREG(st->st_mode))
        return 0;
    return err_refuse(e, -EINVAL, "%s: is %s; name a file", path,
                      S_ISDIR(st->st_mode) ? "a directory" : "not a regular file");
}

static int open_file(const struct recorder *r, int *out, struct err *e)
{
    /* O_NONBLOCK: a fifo that takes the file's place must not make us wait */
    const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    _cleanup_(close_fd) int fd = -1;
    struct stat st;
    int n;

    /* before open(2), which may do something to a device */
    if (fstatat(r->dir_fd, r->name, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        n = check_kind(r->path, &st, e);
        if (n < 0)
            return n;
    }
    fd = openat(r->dir_fd, r->name, flags, 0644);
    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot open", r->path);
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", r->path);
    n = check_kind(r->path, &st, e);
    if (n == 0)
        *out = TAKE_FD(fd);
    return n;
}

/* Return: 0, 1 if the name means another file by now, or a negated errno. */
static int lock_file(const struct recorder *r, int fd, struct err *e)
{
    struct stat held, named;

    if (flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
        return err_refuse(e, -EBUSY, "%s: another process records to it; name another file",
                          r->path);
    if (fstat(fd, &held) < 0 || fstatat(r->dir_fd, r->name, &named, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 1 : err_sys(e, -errno, "%s: cannot look at it", r->path);
    return held.st_dev != named.st_dev || held.st_ino != named.st_ino;
}

/* Where the next record goes: behind the last whole one. */
static int find_end(const struct recorder *r, int fd, uint64_t *end, struct err *e)
{
    _cleanup_(replay_free) struct replay *reader = NULL;
    struct stat st;
    int n = replay_open_fd(fd, r->path, &reader, e);

    if (n < 0)
        return n;
    do
        n = replay_next(reader, e);
    while (n > 0);
    if (n < 0)
        return n;
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", r->path);
    *end = (uint64_t)st.st_size;
    if (replay_lost(reader).torn == 0)
        return 0;
    /* other bytes there are not ours, and stay */
    *end = replay_position(reader);
    if (ftruncate(fd, (off_t)*end) < 0)
        return err_sys(e, -errno, "%s: cannot cut off half a record", r->path);
    return 0;
}

int recorder_reopen(struct recorder *r, struct err *e)
{
    int n;

    for (;;) {
        _cleanup_(close_fd) int fd = -1;
        uint64_t end;

        n = open_file(r, &fd, e);
        if (n == 0)
            n = lock_file(r, fd, e);
        if (n > 0)
            continue;
        if (n == 0)
            n = find_end(r, fd, &end, e);
        if (n < 0)
            return n;
        close_fd(&r->fd);
        r->fd = TAKE_FD(fd);
        r->end = end;
        r->begun = false;
        return 0;
    }
}

/* ---- rotation ---- */

/* FILE itself is number 0. */
static void sibling_name(const struct recorder *r, unsigned number, char out[static NAME_MAX + 1])
{
    snprintf(out, NAME_MAX + 1, "%s%s%.0u", r->name, number ? "." : "", number);
}

/* It has one of the names that rotation gives: is it ours to replace? 1: there is none. */
static int check_sibling(const struct recorder *r, unsigned number, struct err *e)
{
    _cleanup_(replay_free) struct replay *reader = NULL;
    _cleanup_(close_fd) int fd = -1;
    _cleanup_(free_ptr) char *path = NULL;
    struct stat st;
    char name[NAME_MAX + 1];
    int n;

    sibling_name(r, number, name);
    if (asprintf(&path, "%s.%u", r->path, number) < 0)
        return err_oom(e);
    if (fstatat(r->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
        return errno == ENOENT ? 1 : err_sys(e, -errno, "%s: cannot look at it", path);
    n = check_kind(path, &st, e);
    if (n < 0)
        return n;
    fd = openat(r->dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot open", path);
    n = replay_open_fd(fd, path, &reader, e);
    if (n == 0)
        n = replay_next(reader, e);
    return n < 0 ? n : 0;
}

static int check_siblings(const struct recorder *r, struct err *e)
{
    for (unsigned i = 1; i <= r->rotation.keep; i++) {
        int n = check_sibling(r, i, e);

        if (n < 0)
            return n;
    }
    return 0;
}

static int rename_sibling(const struct recorder *r, unsigned from, unsigned to, struct err *e)
{
    char old[NAME_MAX + 1], new[NAME_MAX + 1];

    sibling_name(r, from, old);
    sibling_name(r, to, new);
    if (renameat(r->dir_fd, old, r->dir_fd, new) < 0 && errno != ENOENT)
        return err_sys(e, -errno, "%s: cannot rename %s to %s", r->path, old, new);
    return 0;
}

/* Up to the first that is missing, which a rotation left that did not come to its end. */
static int rotate(struct recorder *r, struct err *e)
{
    unsigned last = 1;
    int n = check_siblings(r, e);

    while (n == 0 && last < r->rotation.keep && check_sibling(r, last, NULL) == 0)
        last++;
    for (unsigned i = last; i > 0 && n == 0; i--)
        n = rename_sibling(r, i - 1, i, e);
    return n < 0 ? n : recorder_reopen(r, e);
}

/* ---- records ---- */

static bool header_is_due(const struct recorder *r, const struct history_sample *s)
{
    return !r->begun || r->samples >= HISTORY_REPEAT || s->uptime_ms < r->header.uptime_ms;
}

/* In front of the sample, so that both are written at once or neither. Return: the length. */
static int encode(struct recorder *r, const struct history_sample *s, struct history_header *header,
                  struct err *e)
{
    int n = 0;

    *header = r->header;
    if (header_is_due(r, s)) {
        header->goes_on = r->begun && s->uptime_ms >= r->header.uptime_ms;
        header->uptime_ms = s->uptime_ms;
        header->time_ms = s->time_ms;
        n = history_put_header(header, r->buf, e);
        if (n < 0)
            return n;
    }
    return n + history_put_sample(header, s, r->buf + n);
}

static int append(struct recorder *r, size_t len, struct err *e)
{
    size_t done = 0;
    int error;

    /* what a nearly full disk took of it is no end: the rest tells why */
    while (done < len) {
        ssize_t n = pwrite(r->fd, r->buf + done, len - done, (off_t)(r->end + done));

        if (n > 0)
            done += (size_t)n;
        else if (n == 0 || errno != EINTR)
            break;
    }
    if (done == len) {
        r->end += len;
        return 0;
    }
    error = errno;
    if (done > 0 && ftruncate(r->fd, (off_t)r->end) < 0)
        return err_sys(e, -errno, "%s: cannot cut off half a record", r->path);
    return err_sys(e, -error, "%s: cannot write", r->path);
}

/* Is the file still what we left? */
static int look_again(struct recorder *r, struct err *e)
{
    struct stat st;

    if (fstat(r->fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", r->path);
    if (st.st_nlink == 0)
        return recorder_reopen(r, e);
    if ((uint64_t)st.st_size == r->end)
        return 0;
    r->begun = false;
    return find_end(r, r->fd, &r->end, e);
}

int recorder_add(struct recorder *r, const struct history_sample *s, struct err *e)
{
    struct history_header header;
    int len, n = look_again(r, e);

    if (n < 0)
        return n;
    len = encode(r, s, &header, e);
    if (len > 0 && r->rotation.size > 0 && r->end > 0 &&
        r->end + (uint64_t)len > r->rotation.size) {
        n = rotate(r, e);
        if (n < 0)
            return n;
        len = encode(r, s, &header, e);
    }
    if (len < 0)
        return len;
    n = append(r, (size_t)len, e);
    if (n < 0)
        return n;
    r->samples = header_is_due(r, s) ? 1 : r->samples + 1;
    r->header = header;
    r->begun = true;
    return 0;
}

int recorder_sync(struct recorder *r, struct err *e)
{
    return fdatasync(r->fd) < 0 ? err_sys(e, -errno, "%s: cannot write it to the disk", r->path)
                                : 0;
}

/* ---- beginning ---- */

static int split_path(struct recorder *r, const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');

    r->path = strdup(path);
    r->folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    if (!r->path || !r->folder)
        return err_oom(e);
    r->name = r->path + (slash ? slash - path + 1 : 0);
    if (!*r->name)
        return err_refuse(e, -EISDIR, "%s: is a directory; name a file in it", path);
    if (strlen(r->name) > NAME_MAX - strlen(".9999"))
        return err_set(e, -ENAMETOOLONG, "%s: the name is too long", path);
    r->dir_fd = open(r->folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    return r->dir_fd < 0 ? err_sys(e, -errno, "%s: cannot open", r->folder) : 0;
}

int recorder_open(const char *path, const struct recorder_rotation *rotation,
                  struct history_header *header, struct recorder **out, struct err *e)
{
    _cleanup_(recorder_free) struct recorder *r = calloc(1, sizeof(*r));
    int n;

    if (!r)
        return err_oom(e);
    r->fd = r->dir_fd = -1;
    r->rotation = *rotation;
    n = split_path(r, path, e);
    if (n == 0)
        n = history_put_header(header, r->buf, e);
    n = n < 0 ? n : check_siblings(r, e);
    if (n == 0)
        n = recorder_reopen(r, e);
    if (n < 0)
        return n;
    r->header = *header;
    *header = HISTORY_HEADER_INIT;
    *out = TAKE_PTR(r);
    return 0;
}
