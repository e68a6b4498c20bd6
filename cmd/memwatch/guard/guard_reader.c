/* SPDX-License-Identifier: MIT */
#include "guard_reader.h"

#include "message.h"
#include "monotonic.h"
#include "size.h"

#include <fcntl.h>
#include <limits.h>

enum { CHUNK = 4096 };

/* What the child writes, and behind it @n bytes of text or message, and so many of names. */
struct answer {
    int result;
    enum err_kind kind;
    size_t n, names, containers;
};

struct job {
    struct guard_config_source source;
    int fd; /* to be read in place of its file; -1: none */
};

/* ---- in the child */

static const char *kind_of_file(mode_t mode)
{
    return S_ISFIFO(mode)   ? "a pipe"
           : S_ISDIR(mode)  ? "a folder"
           : S_ISSOCK(mode) ? "a socket"
                            : "a device";
}

static int too_large(const char *name, struct err *e)
{
    return err_usage(e, -EFBIG, "%s: is larger than 1 MiB; that is no configuration", name);
}

/* What somebody has opened for us may be a pipe, and have no end. */
static int read_descriptor(int fd, const char *name, char **text, size_t *len, struct err *e)
{
    _cleanup_(free_ptr) char *all = malloc(GUARD_READER_FILE_MAX + 1);
    struct pollfd in = {.fd = fd, .events = POLLIN};
    size_t n = 0;
    ssize_t got = 1;

    if (!all)
        return err_oom(e);
    while (got != 0 && n <= GUARD_READER_FILE_MAX) {
        got = read(fd, all + n, GUARD_READER_FILE_MAX + 1 - n);
        if (got < 0 && errno == EAGAIN)
            poll(&in, 1, -1);
        else if (got < 0 && errno != EINTR)
            return err_sys(e, -errno, "%s: cannot be read", name);
        n += got > 0 ? (size_t)got : 0;
    }
    if (n > GUARD_READER_FILE_MAX)
        return too_large(name, e);
    *text = TAKE_PTR(all);
    *len = n;
    return 0;
}

/* A pipe that nobody writes to would be waited for. */
static int read_file(const struct guard_config_source *source, char **text, size_t *len,
                     struct err *e)
{
    const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY;
    _cleanup_(close_fd) int fd = root_open_named(source->root, source->file, flags);
    struct stat st;

    if (fd == -ENXIO)
        return err_usage(e, -EINVAL, "%s: is a socket; wanted is a regular file", source->file);
    if (fd < 0)
        return err_sys(e, fd, "%s: cannot open", source->file);
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", source->file);
    if (!S_ISREG(st.st_mode))
        return err_usage(e, -EINVAL, "%s: is %s; wanted is a regular file", source->file,
                         kind_of_file(st.st_mode));
    if (st.st_size > GUARD_READER_FILE_MAX)
        return too_large(source->file, e);
    return root_read_fd(fd, source->file, text, len, e);
}

/* Who opens a log that is there waits as long as who looks at it, but who creates one may wait for
 * the disk. A pipe is not opened twice, or whoever reads it comes to its end. */
static int rehearse_log(const struct guard_config_source *source, const char *path, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    struct stat st;

    if (stat(path, &st) == 0 || errno != ENOENT || !source->makes_log)
        return 0;
    return message_log_open(path, &fd, e);
}

/* All that could make the guard wait when it does the same. */
static int rehearse(const struct guard_config_source *source, struct guard_config_found *out,
                    struct err *e)
{
    _cleanup_(guard_config_clear) struct guard_config c = GUARD_CONFIG_INIT;
    int r = guard_config_read(source, &c, e);

    if (r == 0 && c.options->words.log)
        r = rehearse_log(source, c.options->words.log, e);
    if (r < 0)
        return r;
    out->names = users_list(&c.options->users);
    out->containers = container_names_list(&c.options->containers);
    return out->names && out->containers ? 0 : err_oom(e);
}

static void put(int out, const void *data, size_t n)
{
    while (n > 0) {
        ssize_t written = write(out, data, n);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return;
        data = (const char *)data + written;
        n -= (size_t)written;
    }
}

static void put_text(int out, const char *text, size_t n)
{
    if (n > 0)
        put(out, text, n);
}

static void read_all(void *arg, int out)
{
    const struct job *job = arg;
    struct guard_config_source source = job->source;
    _cleanup_(guard_config_found_clear) struct guard_config_found found = GUARD_CONFIG_FOUND_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct answer a = {.result = 0};
    const char *said;

    if (job->fd >= 0)
        a.result = read_descriptor(job->fd, source.file, &found.text, &a.n, &e);
    else if (source.file)
        a.result = read_file(&source, &found.text, &a.n, &e);
    source.text = found.text;
    source.text_len = a.n;
    if (a.result == 0)
        a.result = rehearse(&source, &found, &e);
    said = found.text;
    if (a.result < 0) {
        said = e.text ? e.text : strerror(-a.result);
        a.n = strlen(said);
    } else {
        a.names = strlen(found.names);
        a.containers = strlen(found.containers);
    }
    a.kind = e.kind;
    put(out, &a, sizeof(a));
    put_text(out, said, a.n);
    put_text(out, found.names, a.names);
    put_text(out, found.containers, a.containers);
}

/* ---- beside it */

void guard_reader_clear(struct guard_reader *r)
{
    bounded_bury(&r->child, r->left);
    free(r->answer);
    *r = GUARD_READER_INIT;
}

static int start(struct guard_reader *r, const struct guard_config_source *source, int fd,
                 uint64_t now, struct err *e)
{
    struct job job = {*source, fd};

    guard_reader_clear(r);
    r->name = source->file ? source->file : "the rules";
    r->until = now + GUARD_READER_LIMIT_MS;
    r->left = source->base.left;
    return bounded_start(&r->child, read_all, &job, e);
}

int guard_reader_start(struct guard_reader *r, const struct guard_config_source *source,
                       uint64_t now, struct err *e)
{
    return start(r, source, -1, now, e);
}

bool guard_reader_is_busy(const struct guard_reader *r)
{
    return r->child.fd >= 0;
}

size_t guard_reader_poll(const struct guard_reader *r, struct pollfd *fd, uint64_t *until)
{
    *until = UINT64_MAX;
    if (!guard_reader_is_busy(r))
        return 0;
    *fd = (struct pollfd){.fd = r->child.fd, .events = POLLIN};
    *until = r->until;
    return 1;
}

/* Return: 1 at the end, 0, or a negated errno with a message. */
static int take(struct guard_reader *r, struct err *e)
{
    struct pollfd in = {.fd = r->child.fd, .events = POLLIN};
    ssize_t n;

    while (poll(&in, 1, 0) == 1) {
        if (r->size - r->n < CHUNK) {
            size_t size = r->size ? 2 * r->size : 2 * (size_t)CHUNK;
            char *room = realloc(r->answer, size);

            if (!room)
                return err_oom(e);
            r->answer = room;
            r->size = size;
        }
        n = read(r->child.fd, r->answer + r->n, r->size - r->n - 1);
        if (n < 0 && errno != EINTR)
            return err_sys(e, -errno, "%s: cannot be read", r->name);
        if (n == 0)
            return 1;
        r->n += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int hand_out(struct guard_reader *r, const struct answer *a, struct guard_config_found *out,
                    struct err *e)
{
    const char *names = r->answer + a->n;
    _cleanup_(guard_config_found_clear) struct guard_config_found found = {
        .names = strndup(names, a->names),
        .containers = strdup(names + a->names),
    };

    if (!found.names || !found.containers)
        return err_oom(e);
    r->answer[a->n] = '\0';
    found.text = TAKE_PTR(r->answer);
    *out = found;
    found = GUARD_CONFIG_FOUND_INIT;
    return 1;
}

static int understand(struct guard_reader *r, struct guard_config_found *out, struct err *e)
{
    struct answer a;

    if (r->n < sizeof(a))
        return err_set(e, -ECHILD, "%s: its reader ended without an answer", r->name);
    memcpy(&a, r->answer, sizeof(a));
    if (r->n - sizeof(a) != a.n + a.names + a.containers)
        return err_set(e, -ECHILD, "%s: its reader ended without all of it", r->name);
    r->answer[r->n] = '\0';
    memmove(r->answer, r->answer + sizeof(a), r->n - sizeof(a) + 1);
    if (a.result == 0)
        return hand_out(r, &a, out, e);
    err_set(e, a.result, "%s", r->answer);
    if (e)
        e->kind = a.kind;
    return a.result;
}

int guard_reader_continue(struct guard_reader *r, uint64_t now, struct guard_config_found *out,
                          struct err *e)
{
    int result;

    if (!guard_reader_is_busy(r))
        return 0;
    result = take(r, e);
    if (result == 0 && now < r->until)
        return 0;
    if (result == 0)
        result =
            err_set(e, -ETIMEDOUT, "%s: could not be read in %d s; what it lies on or names hangs",
                    r->name, GUARD_READER_LIMIT_MS / 1000);
    else if (result == 1)
        result = understand(r, out, e);
    guard_reader_clear(r);
    return result;
}

/* The child has another standard input. Return: 1 and a copy of the descriptor that the name stands
 * for, 0 if it stands for none, or a negated errno with a message. */
static int open_own(const struct guard_config_source *source, int *out, struct err *e)
{
    static const char *const folders[] = {"/dev/fd/", "/proc/self/fd/"};
    const char *number = NULL;
    int64_t fd = STDIN_FILENO;

    if (!source->file || !source->root->live)
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(folders); i++)
        if (strncmp(source->file, folders[i], strlen(folders[i])) == 0)
            number = source->file + strlen(folders[i]);
    if (!number && !streq(source->file, "/dev/stdin"))
        return 0;
    if (number && size_parse_number(number, 0, INT_MAX, &fd, NULL) < 0)
        return 0;
    *out = fcntl((int)fd, F_DUPFD_CLOEXEC, 3);
    return *out < 0 ? err_sys(e, -errno, "%s: cannot open", source->file) : 1;
}

int guard_reader_read(const struct guard_config_source *source, struct guard_config_found *out,
                      struct err *e)
{
    _cleanup_(guard_reader_clear) struct guard_reader reader = GUARD_READER_INIT;
    _cleanup_(close_fd) int own = -1;
    struct pollfd fd;
    uint64_t until, now = monotonic_ms();
    int r = open_own(source, &own, e);

    if (r >= 0)
        r = start(&reader, source, own, now, e);

    while (r == 0) {
        nfds_t n = (nfds_t)guard_reader_poll(&reader, &fd, &until);

        poll(&fd, n, until > now ? (int)(until - now) : 0);
        now = monotonic_ms();
        r = guard_reader_continue(&reader, now, out, e);
    }
    return r < 0 ? r : 0;
}
