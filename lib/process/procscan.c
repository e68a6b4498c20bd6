/* SPDX-License-Identifier: MIT */
#include "procscan.h"

#include <dirent.h>
#include <sys/syscall.h>

/* Some 2,700 processes for each call; and most files are far shorter than the second. */
enum { ENTRIES = 64 << 10, TEXT = 16 << 10, TEXT_MAX = 64 << 20 };

void procscan_text_clear(struct procscan_text *t)
{
    free(t->p);
    *t = (struct procscan_text){.p = NULL};
}

void procscan_clear(struct procscan *s)
{
    close_fd(&s->fd);
    free(TAKE_PTR(s->entries));
    procscan_text_clear(&s->text);
}

int procscan_begin(const struct root *root, struct procscan *out, struct err *e)
{
    struct procscan s = PROCSCAN_INIT;

    s.fd = root_openat(root, "/proc", O_RDONLY | O_DIRECTORY, 0);
    if (s.fd == -ENOENT)
        return err_unsupported(e, -EOPNOTSUPP, "%s/proc: is not there; mount it", root->path);
    if (s.fd < 0)
        return err_sys(e, s.fd, "%s/proc: cannot open", root->path);
    s.entries = malloc(ENTRIES);
    if (!s.entries) {
        procscan_clear(&s);
        return err_oom(e);
    }
    *out = s;
    return 0;
}

int procscan_rewind(struct procscan *s, struct err *e)
{
    if (lseek(s->fd, 0, SEEK_SET) < 0)
        return err_sys(e, -errno, "/proc: cannot read again");
    s->at = s->end = 0;
    s->saw_first = false;
    return 0;
}

int procscan_next(struct procscan *s, pid_t *pid, struct err *e)
{
    for (;;) {
        while (s->at < s->end) {
            const struct dirent64 *entry = (const void *)(s->entries + s->at);
            pid_t found = proc_pid_parse(entry->d_name);

            s->at += entry->d_reclen;
            if (found == 0)
                continue;
            s->saw_first |= found == 1;
            *pid = found;
            return 1;
        }
        long n = syscall(SYS_getdents64, s->fd, s->entries, (size_t)ENTRIES);
        if (n < 0)
            return err_sys(e, -errno, "/proc: cannot read");
        if (n == 0)
            return 0;
        s->at = 0;
        s->end = (size_t)n;
    }
}

int procscan_text_grow(struct procscan_text *t)
{
    size_t size = t->size ? 4 * t->size : TEXT;
    char *p;

    if (size > TEXT_MAX)
        return -EFBIG;
    p = realloc(t->p, size);
    if (!p)
        return -ENOMEM;
    t->p = p;
    t->size = size;
    return 0;
}

int procscan_read_text(int dir, const char *path, struct procscan_text *t)
{
    _cleanup_(close_fd) int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    ssize_t n;
    int r;

    if (fd < 0)
        return -errno;
    t->n = 0;
    do {
        if (t->size - t->n < 2) {
            r = procscan_text_grow(t);
            if (r < 0)
                return r;
        }
        n = read(fd, t->p + t->n, t->size - 1 - t->n);
        if (n < 0 && errno != EINTR)
            return -errno;
        t->n += n > 0 ? (size_t)n : 0;
    } while (n < 0 || (n > 0 && t->n == t->size - 1));
    t->p[t->n] = '\0';
    return 0;
}

ssize_t procscan_read(struct procscan *s, pid_t pid, const char *name, const char **text)
{
    char path[64];
    int r;

    snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
    r = procscan_read_text(s->fd, path, &s->text);
    if (r < 0)
        return r;
    *text = s->text.p;
    return (ssize_t)s->text.n;
}
