/* SPDX-License-Identifier: MIT */
#include "kept.h"

void kept_close(struct kept *k)
{
    close_fd(&k->fd);
}

static int read_all(int fd, struct procscan_text *t)
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

int kept_read(struct kept *k, const struct root *root, const int *dir, struct procscan_text *text)
{
    int r;

    if (k->fd < 0)
        k->fd = open_it(k, root, dir);
    if (k->fd < 0)
        return k->fd;
    r = read_all(k->fd, text);
    if (r < 0) {
        kept_close(k);
        k->fd = r;
    }
    return r;
}
