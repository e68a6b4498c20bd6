/* SPDX-License-Identifier: MIT */
#include "pidfile.h"

#include "proc.h"
#include "quickstat.h"
#include "size.h"

#include <ctype.h>
#include <linux/magic.h>
#include <sys/file.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <time.h>

enum { LATE_S = 10, MESSAGE = 512 };

/* ---- here */

/* Is it locked, by this process if the kernel tells by whom? */
static bool is_locked(int fd, pid_t pid)
{
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};

    if (fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK)
        return lock.l_pid == pid || lock.l_pid <= 0;
    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        return errno == EWOULDBLOCK;
    flock(fd, LOCK_UN);
    return false;
}

static int parse(char *text, const char *path, pid_t *out, struct err *e)
{
    int64_t pid;
    size_t len;

    /* one number; some daemons write more lines */
    text[strcspn(text, "\n")] = '\0';
    for (len = strlen(text); len > 0 && isspace((unsigned char)text[len - 1]); len--)
        text[len - 1] = '\0';
    if (size_parse_number(text + strspn(text, " \t"), 1, INT32_MAX, &pid, NULL) < 0)
        return err_usage(e, -EINVAL, "%s: holds no process number in its first line", path);
    *out = (pid_t)pid;
    return 0;
}

int pidfile_read(const struct root *root, const char *path, struct pidfile *out, struct err *e)
{
    _cleanup_(close_fd) int fd = root_open_named(root, path, O_RDONLY | O_NONBLOCK);
    _cleanup_(free_ptr) char *text = NULL;
    struct statfs fs;
    struct stat st;
    pid_t pid = 0;
    int r;

    if (fd == -ENOENT)
        return 1;
    if (fd < 0)
        return err_sys(e, fd, "%s: cannot open", path);
    if (fstat(fd, &st) < 0)
        return err_sys(e, -errno, "%s: cannot look at it", path);
    r = root_read_fd(fd, path, &text, NULL, e);
    if (r == 0)
        r = parse(text, path, &pid, e);
    if (r < 0)
        return r;
    *out = (struct pidfile){
        .pid = pid,
        .locked = is_locked(fd, pid),
        .mtime = st.st_mtim,
        .outlives_no_start = fstatfs(fd, &fs) == 0 && fs.f_type == TMPFS_MAGIC,
    };
    return 0;
}

/* ---- by a child */

struct order {
    const struct root *root;
    const char *path;
};

struct answer {
    int result;
    enum err_kind kind;
    struct pidfile file;
    char why[MESSAGE];
};

static void answer(void *arg, int out)
{
    const struct order *o = arg;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct answer a = {.result = 0};

    a.result = pidfile_read(o->root, o->path, &a.file, &e);
    a.kind = e.kind;
    snprintf(a.why, sizeof(a.why), "%s", e.text ? e.text : "");
    (void)!write(out, &a, sizeof(a));
}

/* What one said who was sent earlier is of another time. */
static int ask(struct askers *askers, const struct root *root, const char *path, uint64_t ms,
               struct pidfile *out, struct err *e)
{
    struct order o = {root, path};
    struct answer a;
    int r = askers_ask(askers, path, answer, &o, ms, &a, sizeof(a), e);

    if (r == -ETIMEDOUT || r == ASKERS_LATE)
        return err_set(e, -ETIMEDOUT, "%s: what it lies on does not answer", path);
    if (r < 0)
        return r;
    if (a.result < 0) {
        err_set(e, a.result, "%s", a.why);
        if (e)
            e->kind = a.kind;
    } else if (a.result == 0) {
        *out = a.file;
    }
    return a.result;
}

/* On a disk, or in the memory that /run is in: those answer. */
static bool is_near(const struct root *root, int fd)
{
    static const char *const near[] = {"/", "/run"};
    struct stat st, known;

    if (quickstat_at(fd, "", AT_EMPTY_PATH, &st) < 0)
        return false;
    for (size_t i = 0; i < ARRAY_SIZE(near) && major(st.st_dev) == 0; i++) {
        _cleanup_(close_fd) int folder = quickstat_open_named(root, near[i]);

        if (folder >= 0 && quickstat_at(folder, "", AT_EMPTY_PATH, &known) == 0 &&
            known.st_dev == st.st_dev)
            return true;
    }
    return major(st.st_dev) != 0;
}

int pidfile_read_within(struct askers *askers, const struct root *root, const char *path,
                        uint64_t ms, struct pidfile *out, struct err *e)
{
    _cleanup_(close_fd) int fd = quickstat_open_named(root, path);

    if (fd == -ENOENT)
        return 1;
    if (fd >= 0 && is_near(root, fd))
        return pidfile_read(root, path, out, e);
    return ask(askers, root, path, ms, out, e);
}

/* ---- older than its process? */

/* When it started, by the clock of the files' times; false: nobody has the number. */
static bool started(const struct root *root, pid_t pid, time_t *boot, time_t *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct proc_stat stat;
    struct timespec since, now;
    char path[32];

    snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
    if (root_read(root, path, &text, NULL, NULL) < 0 || proc_stat_parse(text, &stat) < 0)
        return false;
    clock_gettime(CLOCK_BOOTTIME, &since);
    clock_gettime(CLOCK_REALTIME, &now);
    *boot = now.tv_sec - since.tv_sec;
    *out = *boot + (time_t)(stat.start / (uint64_t)sysconf(_SC_CLK_TCK));
    return true;
}

bool pidfile_is_older(const struct pidfile *file, const struct root *root)
{
    time_t boot;
    time_t start;

    if (!started(root, file->pid, &boot, &start))
        return false;
    if (file->outlives_no_start && file->mtime.tv_sec < boot)
        return false;
    return start > file->mtime.tv_sec + LATE_S;
}
