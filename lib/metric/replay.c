/* SPDX-License-Identifier: MIT */
#include "replay.h"

#include <fcntl.h>
#include <sys/stat.h>

enum { BUFFER = 4 * HISTORY_FRAME_MAX, SIBLINGS_MAX = 9999 };

struct replay {
    char *path;       /* of the newest */
    char *current;    /* of the one that is read */
    unsigned sibling; /* its number; 0 is the newest */
    int fd;
    bool borrowed;

    uint8_t *data; /* BUFFER bytes, of which .begin to .end wait */
    size_t begin, end;
    bool last; /* nothing follows them */
    uint64_t position, whole_end;
    uint64_t skipped; /* since the last whole frame */
    bool ours; /* a header was found in the file that is read, or the beginning of one */

    struct history_header header;
    bool has_header;
    struct history_sample sample;
    struct replay_loss loss;
};

const struct history_header *replay_header(const struct replay *r)
{
    return &r->header;
}

const struct history_sample *replay_sample(const struct replay *r)
{
    return &r->sample;
}

struct replay_loss replay_lost(const struct replay *r)
{
    return r->loss;
}

uint64_t replay_position(const struct replay *r)
{
    return r->whole_end;
}

void replay_free(struct replay **r)
{
    if (!*r)
        return;
    if (!(*r)->borrowed)
        close_fd(&(*r)->fd);
    history_header_clear(&(*r)->header);
    free((*r)->path);
    free((*r)->current);
    free((*r)->data);
    free(*r);
    *r = NULL;
}

static char *sibling_path(const char *path, unsigned number)
{
    char *name = NULL;

    if (number == 0)
        return strdup(path);
    return asprintf(&name, "%s.%u", path, number) < 0 ? NULL : name;
}

static int open_one(const char *path, int *out, struct err *e)
{
    /* O_NONBLOCK: not to wait for somebody to write to a fifo */
    _cleanup_(close_fd) int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot open", path);
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", path);
    if (!S_ISREG(st.st_mode))
        return err_refuse(e, -EINVAL,
                          "%s: is not a regular file; name a history that \"memwatch "
                          "record\" wrote",
                          path);
    *out = TAKE_FD(fd);
    return 0;
}

/* Begin with this one of the files. */
static int turn_to(struct replay *r, unsigned sibling, struct err *e)
{
    _cleanup_(free_ptr) char *path = sibling_path(r->path, sibling);
    int fd = -1, n;

    if (!path)
        return err_oom(e);
    n = open_one(path, &fd, e);
    if (n < 0)
        return n;
    close_fd(&r->fd);
    r->fd = fd;
    free(r->current);
    r->current = TAKE_PTR(path);
    r->sibling = sibling;
    r->begin = r->end = 0;
    r->last = r->has_header = r->ours = false;
    r->position = r->whole_end = r->skipped = 0;
    return 0;
}

static bool has_sibling(const char *path, unsigned number)
{
    _cleanup_(free_ptr) char *name = sibling_path(path, number);
    struct stat st;

    return name && lstat(name, &st) == 0 && S_ISREG(st.st_mode);
}

/* One may be missing: a recorder that was killed while it rotated leaves that. */
static unsigned oldest_sibling(const char *path)
{
    unsigned n = 0;

    while (n < SIBLINGS_MAX) {
        if (has_sibling(path, n + 1))
            n++;
        else if (has_sibling(path, n + 2))
            n += 2;
        else
            break;
    }
    return n;
}

static struct replay *make(const char *path)
{
    struct replay *r = calloc(1, sizeof(*r));

    if (!r)
        return NULL;
    r->fd = -1;
    r->path = strdup(path);
    r->current = strdup(path);
    r->data = malloc(BUFFER);
    if (!r->path || !r->current || !r->data)
        replay_free(&r);
    return r;
}

int replay_open(const char *path, bool alone, struct replay **out, struct err *e)
{
    _cleanup_(replay_free) struct replay *r = make(path);
    int n;

    if (!r)
        return err_oom(e);
    n = turn_to(r, alone ? 0 : oldest_sibling(path), e);
    if (n == 0)
        *out = TAKE_PTR(r);
    return n;
}

int replay_open_fd(int fd, const char *name, struct replay **out, struct err *e)
{
    struct replay *r = make(name);

    if (!r)
        return err_oom(e);
    r->fd = fd;
    r->borrowed = true;
    *out = r;
    return 0;
}

static int fill(struct replay *r, struct err *e)
{
    ssize_t n;

    memmove(r->data, r->data + r->begin, r->end - r->begin);
    r->end -= r->begin;
    r->begin = 0;
    while (r->end < BUFFER && !r->last) {
        n = pread(r->fd, r->data + r->end, BUFFER - r->end, (off_t)r->position);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(e, -errno, "%s: cannot read", r->current);
        r->last = n == 0;
        r->end += (size_t)n;
        r->position += (uint64_t)n;
    }
    return 0;
}

static void skip(struct replay *r, size_t len)
{
    r->skipped += len;
    r->begin += len;
}

/* Something whole follows, so what was skipped is a loss. */
static void count_loss(struct replay *r)
{
    if (r->skipped == 0)
        return;
    r->loss.places++;
    r->loss.bytes += r->skipped;
    r->skipped = 0;
}

/* Return: enum replay_what, or -EAGAIN for a frame whose checksum is right and whose content makes
 * no sense. */
static int take_header(struct replay *r, const struct history_frame *frame, struct err *e)
{
    struct history_header h = HISTORY_HEADER_INIT;
    int n = history_get_header(frame, &h);

    if (n == -ENOMEM)
        return err_oom(e);
    if (n == -EPROTONOSUPPORT)
        return err_unsupported(e, n, "%s: a later version of memwatch wrote it; read it by that",
                               r->current);
    if (n < 0)
        return -EAGAIN;
    history_header_clear(&r->header);
    r->header = h;
    r->has_header = r->ours = true;
    return REPLAY_HEADER;
}

static int take(struct replay *r, const struct history_frame *frame, struct err *e)
{
    int n;

    if (frame->kind == HISTORY_HEADER)
        n = take_header(r, frame, e);
    else
        n = history_get_sample(&r->header, frame, &r->sample) == 0 ? REPLAY_SAMPLE : -EAGAIN;
    if (n == -EAGAIN) {
        skip(r, frame->length);
        return n;
    }
    if (n < 0)
        return n;
    count_loss(r);
    r->begin += frame->length;
    r->whole_end = r->position - (r->end - r->begin);
    return n;
}

/* A writer that was killed leaves the beginning of what it wrote; everything else is a loss. */
static int end_here(struct replay *r, bool torn)
{
    if (torn) {
        r->ours = r->ours || r->skipped == r->position;
        r->loss.torn += r->skipped;
        r->skipped = 0;
    }
    count_loss(r);
    return REPLAY_END;
}

/* The next one in this file. */
static int next_here(struct replay *r, struct err *e)
{
    struct history_frame frame;
    int n;

    for (;;) {
        history_find(r->has_header ? &r->header : NULL, r->data + r->begin, r->end - r->begin,
                     r->last, &frame);
        skip(r, frame.skipped);
        if (frame.kind != HISTORY_NOTHING) {
            n = take(r, &frame, e);
            if (n != -EAGAIN)
                return n;
        } else if (r->last) {
            return end_here(r, frame.cut_off && r->skipped == frame.skipped);
        } else {
            n = fill(r, e);
            if (n < 0)
                return n;
        }
    }
}

/* The next file there is. Return: 0, 1 if there is none, or a negated errno. */
static int turn(struct replay *r, struct err *e)
{
    _cleanup_(err_clear) struct err missing = ERR_INIT;

    while (r->sibling > 0) {
        int n = turn_to(r, r->sibling - 1, &missing);

        if (n == 0)
            return 0;
        if (n != -ENOENT) {
            if (e) {
                err_clear(e);
                *e = missing;
                missing = ERR_INIT;
            }
            return n;
        }
        r->sibling--;
    }
    return 1;
}

int replay_next(struct replay *r, struct err *e)
{
    int n;

    for (;;) {
        n = next_here(r, e);
        if (n != REPLAY_END)
            return n;
        if (!r->ours && r->position > 0)
            return err_refuse(e, -EBADMSG, "%s: is no history that \"memwatch record\" wrote",
                              r->current);
        if (r->borrowed)
            return REPLAY_END;
        n = turn(r, e);
        if (n != 0)
            return n < 0 ? n : REPLAY_END;
    }
}
