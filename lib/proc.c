/* SPDX-License-Identifier: MIT */
#include "proc.h"
#include "kv.h"

#include <dirent.h>
#include <sys/syscall.h>

/* Some 2,700 processes for each call; and the longest status known, one with thousands of groups,
 * is shorter than the second. */
enum { ENTRIES = 64 << 10, TEXT = 64 << 10 };

void proc_walk_clear(struct proc_walk *w)
{
    close_fd(&w->fd);
    free(TAKE_PTR(w->buf));
}

int proc_walk_begin(const struct root *root, struct proc_walk *out, struct err *e)
{
    struct proc_walk w = PROC_WALK_INIT;

    w.fd = root_openat(root, "/proc", O_RDONLY | O_DIRECTORY, 0);
    if (w.fd == -ENOENT)
        return err_unsupported(e, -EOPNOTSUPP, "%s/proc: is not there; mount it", root->path);
    if (w.fd < 0)
        return err_sys(e, w.fd, "%s/proc: cannot open", root->path);
    w.buf = malloc(ENTRIES + TEXT);
    if (!w.buf) {
        proc_walk_clear(&w);
        return err_oom(e);
    }
    *out = w;
    return 0;
}

/* The number that a name is, or 0: those of the kernel begin with no zero. */
static pid_t pid_of(const char *name)
{
    pid_t pid = 0;

    if (*name < '1' || *name > '9')
        return 0;
    for (; *name >= '0' && *name <= '9'; name++)
        if (__builtin_mul_overflow(pid, 10, &pid) || __builtin_add_overflow(pid, *name - '0', &pid))
            return 0;
    return *name ? 0 : pid;
}

int proc_walk_next(struct proc_walk *w, pid_t *pid, struct err *e)
{
    for (;;) {
        while (w->at < w->end) {
            const struct dirent64 *entry = (const void *)(w->buf + w->at);
            pid_t found = pid_of(entry->d_name);

            w->at += entry->d_reclen;
            if (found == 0)
                continue;
            w->saw_first |= found == 1;
            *pid = found;
            return 1;
        }
        long n = syscall(SYS_getdents64, w->fd, w->buf, (size_t)ENTRIES);
        if (n < 0)
            return err_sys(e, -errno, "/proc: cannot read");
        if (n == 0)
            return 0;
        w->at = 0;
        w->end = (size_t)n;
    }
}

ssize_t proc_walk_read(struct proc_walk *w, pid_t pid, const char *name, const char **text)
{
    char path[64], *buf = w->buf + ENTRIES;
    _cleanup_(close_fd) int fd = -1;
    ssize_t n;

    snprintf(path, sizeof(path), "%d/%s", (int)pid, name);
    fd = openat(w->fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    do
        n = read(fd, buf, TEXT);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    if (n == TEXT)
        return -EFBIG;
    buf[n] = '\0';
    *text = buf;
    return n;
}

/* The kernel writes a newline as "\n", a backslash as "\\", and all else as it is. */
static void unescape(struct kv_span in, char out[static PROC_NAME_MAX])
{
    const char *p = in.p, *end = in.p + in.n;
    size_t n = 0;

    while (p < end && n < PROC_NAME_MAX - 1) {
        if (*p == '\\' && end - p >= 2) {
            out[n++] = p[1] == 'n' ? '\n' : p[1];
            p += 2;
        } else {
            out[n++] = *p++;
        }
    }
    out[n] = '\0';
}

/* The value of the line that begins with @key: behind the tab, so that blanks of a name stay. */
static bool find_line(const char **text, const char *key, size_t len, struct kv_span *value)
{
    const char *p = *text, *end;

    for (; *p; p = *end ? end + 1 : end) {
        end = strchrnul(p, '\n');
        if (strncmp(p, key, len) != 0)
            continue;
        p += len;
        while (p < end && *p == '\t')
            p++;
        *value = (struct kv_span){p, (size_t)(end - p)};
        *text = *end ? end + 1 : end;
        return true;
    }
    return false;
}

#define FIND(text, key, value) find_line(text, key, sizeof(key) - 1, value)

/* "real effective saved file-system" */
static int parse_uid(struct kv_span ids, uid_t *out)
{
    uint64_t real, effective;
    struct kv_span rest;
    int r = kv_u64(ids, &real, &rest);

    if (r == 0)
        r = kv_u64(rest, &effective, &rest);
    if (r < 0)
        return r;
    if (effective > UINT32_MAX)
        return -EOVERFLOW;
    *out = (uid_t)effective;
    return 0;
}

int proc_status_parse(const char *text, struct proc_status *out)
{
    struct proc_status s = {.has_swap = false};
    struct kv_span value;
    int r;

    /* the kernel's order, so that the text is gone through once */
    if (!FIND(&text, "Name:", &value))
        return -ENODATA;
    unescape(value, s.name);
    if (!FIND(&text, "Uid:", &value))
        return -ENODATA;
    r = parse_uid(value, &s.uid);
    if (r < 0)
        return r;
    if (FIND(&text, "VmSwap:", &value)) {
        while (value.n > 0 && *value.p == ' ')
            value = (struct kv_span){value.p + 1, value.n - 1};
        r = kv_kib(value, &s.swap);
        if (r < 0)
            return r;
        s.has_swap = true;
    }
    *out = s;
    return 0;
}
