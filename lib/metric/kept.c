/* SPDX-License-Identifier: MIT */
#include "kept.h"

enum { KEPT_FOUND = 1 };

void kept_close(struct kept *k)
{
    close_fd(&k->fd);
}

/* @keyed: NULL: until the end; otherwise until all is found that was there the last time. */
static int read_some(int fd, struct procscan_text *t, struct keyed *keyed, struct kv_span *values)
{
    ssize_t n;
    int r;

    t->n = 0;
    do {
        if (t->size - t->n < 2) {
            r = procscan_text_grow(t);
            if (r < 0)
                return r;
        }
        n = pread(fd, t->p + t->n, t->size - 1 - t->n, (off_t)t->n);
        if (n < 0 && errno != EINTR)
            return -errno;
        t->n += n > 0 ? (size_t)n : 0;
        if (n > 0 && keyed && keyed_again(keyed, t->p, t->n, values))
            return KEPT_FOUND;
    } while (n != 0);
    t->p[t->n] = '\0';
    return 0;
}

static int open_it(const struct kept *k, const struct root *root, const int *dir)
{
    int fd;

    if (!dir)
        return root_openat(root, k->path, O_RDONLY | O_NONBLOCK, 0);
    fd = openat(*dir, k->path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

static int read_kept(struct kept *k, const struct root *root, const int *dir,
                     struct procscan_text *text, struct keyed *keyed, struct kv_span *values)
{
    int r;

    if (k->fd < 0)
        k->fd = open_it(k, root, dir);
    if (k->fd < 0)
        return k->fd;
    r = read_some(k->fd, text, keyed, values);
    if (r < 0) {
        kept_close(k);
        k->fd = r;
    }
    return r;
}

int kept_read(struct kept *k, const struct root *root, const int *dir, struct procscan_text *text)
{
    return read_kept(k, root, dir, text, NULL, NULL);
}

int kept_find(struct kept *k, const struct root *root, const int *dir, struct procscan_text *text,
              struct keyed *keyed, struct kv_span *values)
{
    int r = read_kept(k, root, dir, text, keyed, values);

    if (r == 0)
        keyed_find(keyed, text->p, text->n, values);
    return r < 0 ? r : 0;
}
