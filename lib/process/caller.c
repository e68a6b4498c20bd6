/* SPDX-License-Identifier: MIT */
#include "caller.h"

void caller_clear(struct caller *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->ancestors[i].text);
    free(c->ancestors);
    *c = CALLER_INIT;
}

/* A copy of the words and the executable, as far as they are to be seen. */
static int add_ancestor(struct caller *c, struct process *p)
{
    struct caller_ancestor *all = reallocarray(c->ancestors, c->n + 1, sizeof(*all));
    struct caller_ancestor a = {.pid = p->pid};
    struct kv_span words, exe;

    if (!all)
        return -ENOMEM;
    c->ancestors = all;
    if (process_cmdline(p, &words) < 0)
        words.n = 0;
    if (process_exe(p, &exe) < 0)
        exe.n = 0;
    a.text = malloc(words.n + exe.n + 1);
    if (!a.text)
        return -ENOMEM;
    if (words.n > 0)
        memcpy(a.text, words.p, words.n);
    if (exe.n > 0)
        memcpy(a.text + words.n, exe.p, exe.n);
    a.words = (struct kv_span){a.text, words.n};
    a.exe = (struct kv_span){a.text + words.n, exe.n};
    c->ancestors[c->n++] = a;
    return 0;
}

static const struct caller_ancestor *find(const struct caller *c, pid_t pid)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->ancestors[i].pid == pid)
            return &c->ancestors[i];
    return NULL;
}

bool caller_descends_from(const struct caller *c, pid_t pid)
{
    return c->self != 0 && (pid == c->self || find(c, pid));
}

static pid_t parent_of(struct process *p)
{
    const struct proc_stat *stat;

    return process_stat(p, &stat) == 0 ? stat->ppid : 0;
}

static void read_pipe(int proc, int number, char out[static 32])
{
    char path[32];
    ssize_t n;

    snprintf(path, sizeof(path), "self/fd/%d", number);
    n = readlinkat(proc, path, out, 31);
    out[n > 0 ? n : 0] = '\0';
    if (!str_after(out, "pipe:["))
        out[0] = '\0';
}

int caller_read(struct caller *c, int proc, bool live, struct process *p, struct err *e)
{
    const struct proc_stat *stat;
    char link[32];
    ssize_t n = readlinkat(proc, "self", link, sizeof(link) - 1);
    pid_t pid;

    link[n > 0 ? n : 0] = '\0';
    c->self = proc_pid_parse(link);
    if (c->self == 0)
        return 0;
    process_begin(p, proc, live, c->self);
    if (process_stat(p, &stat) == 0) {
        c->start = stat->start;
        c->session = stat->session;
    }
    /* numbers given anew while we look could close a circle */
    for (pid = c->self; pid > 0 && !find(c, pid); pid = parent_of(p)) {
        process_begin(p, proc, live, pid);
        if (add_ancestor(c, p) < 0)
            return err_oom(e);
    }
    read_pipe(proc, 0, c->pipes[0]);
    read_pipe(proc, 1, c->pipes[1]);
    return 0;
}

/* ---- forks */

static bool same(struct kv_span a, struct kv_span b)
{
    return a.n == 0 || b.n == 0 || (a.n == b.n && memcmp(a.p, b.p, a.n) == 0);
}

static bool looks_like(struct process *p, const struct caller_ancestor *a)
{
    struct kv_span words = {"", 0}, exe = {"", 0};

    if (process_cmdline(p, &words) < 0)
        words.n = 0;
    if (process_exe(p, &exe) < 0)
        exe.n = 0;
    return same(words, a->words) && same(exe, a->exe);
}

static bool is_fork(const struct caller *c, struct process *p, struct process *spare)
{
    enum { GENERATIONS = 64 };
    const struct caller_ancestor *ancestor;
    struct process *at = p;
    const struct proc_stat *stat;

    for (int i = 0; i < GENERATIONS; i++) {
        if (process_stat(at, &stat) < 0 || !proc_stat_is_fork(stat) || proc_stat_is_kthread(stat))
            return false;
        ancestor = find(c, stat->ppid);
        if (ancestor)
            return looks_like(p, ancestor);
        process_begin(spare, p->proc, p->live, stat->ppid);
        at = spare;
    }
    return false;
}

/* ---- pipes */

/* Is this descriptor of the process the end of the pipe that is not ours? The link's mode tells how
 * it was opened. */
static bool is_other_end(const struct caller *c, int dir, const char *name)
{
    char link[32];
    struct stat st;
    ssize_t n = readlinkat(dir, name, link, sizeof(link) - 1);

    if (n <= 0)
        return false;
    link[n] = '\0';
    for (int i = 0; i < 2; i++)
        if (c->pipes[i][0] && streq(link, c->pipes[i]) &&
            fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
            return st.st_mode & (i == 0 ? S_IWUSR : S_IRUSR);
    return false;
}

static bool is_at_pipe(const struct caller *c, struct process *p)
{
    const struct proc_stat *stat;
    char path[32];
    int fd;

    if (!c->pipes[0][0] && !c->pipes[1][0])
        return false;
    snprintf(path, sizeof(path), "%d/fd", (int)p->pid);
    fd = openat(p->proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    _cleanup_(close_dir) DIR *dir = fdopendir(fd);
    if (!dir) {
        close_fd(&fd);
        return false;
    }
    /* a pipeline lies at the first three; others only where a shell made them, in its session */
    if (is_other_end(c, fd, "0") || is_other_end(c, fd, "1") || is_other_end(c, fd, "2"))
        return true;
    if (process_stat(p, &stat) < 0 || stat->session != c->session)
        return false;
    for (struct dirent *entry; (entry = readdir(dir));)
        if (is_other_end(c, fd, entry->d_name))
            return true;
    return false;
}

enum caller_reason caller_is(const struct caller *c, struct process *p, struct process *spare)
{
    if (c->self == 0)
        return CALLER_NOT;
    if (p->pid == c->self)
        return CALLER_SELF;
    if (find(c, p->pid))
        return CALLER_ANCESTOR;
    if (is_fork(c, p, spare))
        return CALLER_FORK;
    return is_at_pipe(c, p) ? CALLER_PIPE : CALLER_NOT;
}
