/* SPDX-License-Identifier: MIT */
#include "process.h"

#include "quickstat.h"
#include "script.h"

static const char *const names[PROCESS_FILES] = {
    [PROCESS_COMM] = "comm",       [PROCESS_STAT] = "stat", [PROCESS_STATUS] = "status",
    [PROCESS_CMDLINE] = "cmdline", [PROCESS_EXE] = "exe",   [PROCESS_CGROUP] = "cgroup",
    [PROCESS_ENVIRON] = "environ",
};

void process_clear(struct process *p)
{
    for (size_t i = 0; i < PROCESS_FILES; i++)
        procscan_text_clear(&p->text[i]);
    procscan_text_clear(&p->line);
    *p = PROCESS_INIT;
}

void process_begin(struct process *p, int proc, bool live, pid_t pid)
{
    p->proc = proc;
    p->live = live;
    p->pid = p->tid = pid;
    p->known = 0;
    p->knows_other = p->joined = false;
    p->other[0] = '\0';
    p->prefix = (size_t)snprintf(p->path, sizeof(p->path), "%d/", (int)pid);
}

void process_begin_thread(struct process *p, int proc, bool live, pid_t pid, pid_t tid)
{
    process_begin(p, proc, live, pid);
    p->tid = tid;
    p->prefix = (size_t)snprintf(p->path, sizeof(p->path), "%d/task/%d/", (int)pid, (int)tid);
}

static const char *path_of(struct process *p, const char *name)
{
    strcpy(p->path + p->prefix, name);
    return p->path;
}

/* Is the result known already? Otherwise it is from here on. */
static bool is_known(struct process *p, enum process_file file)
{
    if (p->known & 1U << file)
        return true;
    p->known |= 1U << file;
    return false;
}

static int load(struct process *p, enum process_file file)
{
    return procscan_read_text(p->proc, path_of(p, names[file]), &p->text[file]);
}

/* Once for each process; what was read is judged by the caller. */
static int get(struct process *p, enum process_file file)
{
    if (!is_known(p, file))
        p->result[file] = load(p, file);
    return p->result[file];
}

int process_stat(struct process *p, const struct proc_stat **out)
{
    if (!is_known(p, PROCESS_STAT)) {
        int r = load(p, PROCESS_STAT);

        p->result[PROCESS_STAT] = r < 0 ? r : proc_stat_parse(p->text[PROCESS_STAT].p, &p->stat);
    }
    *out = &p->stat;
    return p->result[PROCESS_STAT];
}

/* ---- the first thread has ended, and others have not */

static void find_other(struct process *p)
{
    int fd = openat(p->proc, path_of(p, "task"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;

    if (!dir) {
        close_fd(&fd);
        return;
    }
    while ((entry = readdir(dir))) {
        pid_t tid = proc_pid_parse(entry->d_name);

        if (tid > 0 && tid != p->pid) {
            snprintf(p->other, sizeof(p->other), "%d/task/%d/", (int)p->pid, (int)tid);
            break;
        }
    }
}

/* The folder of a thread that lives, or NULL. */
static const char *other_of(struct process *p)
{
    const struct proc_stat *stat;

    if (!p->knows_other) {
        p->knows_other = true;
        if (process_stat(p, &stat) == 0 && proc_stat_lost_leader(stat))
            find_other(p);
    }
    return p->other[0] ? p->other : NULL;
}

static int load_from_other(struct process *p, enum process_file file)
{
    char path[64];

    snprintf(path, sizeof(path), "%s%s", p->other, names[file]);
    return procscan_read_text(p->proc, path, &p->text[file]);
}

/* Like get(); what is empty because the first thread has ended comes from another. */
static int get_memory(struct process *p, enum process_file file)
{
    if (p->known & 1U << file)
        return p->result[file];
    get(p, file);
    if (p->result[file] == -ESRCH || (p->result[file] == 0 && p->text[file].n == 0)) {
        if (other_of(p))
            p->result[file] = load_from_other(p, file);
    }
    return p->result[file];
}

/* ---- names */

int process_comm(struct process *p, struct kv_span *out)
{
    struct procscan_text *t = &p->text[PROCESS_COMM];
    int r;

    if (!(p->known & 1U << PROCESS_COMM) && p->known & 1U << PROCESS_STAT) {
        *out = (struct kv_span){p->stat.name, strlen(p->stat.name)};
        return p->result[PROCESS_STAT];
    }
    r = get(p, PROCESS_COMM);
    if (r < 0)
        return r;
    t->n = proc_comm_parse(t->p, t->n).n;
    t->p[t->n] = '\0';
    *out = (struct kv_span){t->p, t->n};
    return 0;
}

int process_name(struct process *p, struct kv_span *out)
{
    struct kv_span comm, cmdline, exe = {"", 0};
    int r = process_comm(p, &comm);

    if (r < 0 || comm.n != PROC_COMM_MAX) {
        *out = comm;
        return r;
    }
    r = process_cmdline(p, &cmdline);
    if (r < 0)
        cmdline = (struct kv_span){"", 0};
    *out = proc_full_name(comm, cmdline, exe);
    if (out->n == PROC_COMM_MAX && process_exe(p, &exe) == 0)
        *out = proc_full_name(comm, cmdline, exe);
    return 0;
}

int process_cmdline(struct process *p, struct kv_span *out)
{
    struct procscan_text *t = &p->text[PROCESS_CMDLINE];
    int r = get_memory(p, PROCESS_CMDLINE);

    if (r < 0)
        return r;
    *out = (struct kv_span){t->p, proc_cmdline_length(t->p, t->n)};
    return 0;
}

int process_line(struct process *p, struct kv_span *out)
{
    struct procscan_text *line = &p->line;
    struct kv_span words;
    int r = process_cmdline(p, &words);

    if (r < 0)
        return r;
    if (!p->joined) {
        if (line->size < words.n + 1) {
            char *room = realloc(line->p, words.n + 1);

            if (!room)
                return -ENOMEM;
            line->p = room;
            line->size = words.n + 1;
        }
        for (size_t i = 0; i < words.n; i++)
            line->p[i] = words.p[i] ? words.p[i] : ' ';
        line->p[words.n] = '\0';
        line->n = words.n;
        p->joined = true;
    }
    *out = (struct kv_span){line->p, line->n};
    return 0;
}

/* ---- status and memory */

int process_status(struct process *p, const struct proc_status **out)
{
    *out = &p->status;
    if (!is_known(p, PROCESS_STATUS)) {
        int r = load(p, PROCESS_STATUS);

        if (r == 0)
            r = proc_status_parse(p->text[PROCESS_STATUS].p, &p->status);
        p->result[PROCESS_STATUS] = r;
        if (r == 0 && !p->status.has_rss && other_of(p) &&
            load_from_other(p, PROCESS_STATUS) == 0) {
            struct proc_status other;

            if (proc_status_parse(p->text[PROCESS_STATUS].p, &other) == 0) {
                memcpy(other.name, p->status.name, sizeof(other.name));
                p->status = other;
            }
        }
    }
    return p->result[PROCESS_STATUS];
}

int process_rollup(struct process *p, const char **out)
{
    /* of no use to anybody else, so it borrows a room */
    struct procscan_text *t = &p->text[PROCESS_ENVIRON];
    const char *other;
    char path[64];
    int r;

    p->known &= ~(1U << PROCESS_ENVIRON);
    r = procscan_read_text(p->proc, path_of(p, "smaps_rollup"), t);
    other = r == -ESRCH || (r == 0 && t->n == 0) ? other_of(p) : NULL;
    if (other) {
        snprintf(path, sizeof(path), "%ssmaps_rollup", other);
        r = procscan_read_text(p->proc, path, t);
    }
    if (r == -ESRCH || (r == 0 && t->n == 0))
        return -ENODATA;
    *out = t->p;
    return r;
}

int process_pss(struct process *p, uint64_t *out)
{
    const char *text;
    int r = process_rollup(p, &text);

    return r < 0 ? r : proc_pss_parse(text, out);
}

int process_environ(struct process *p, struct kv_span *out)
{
    struct procscan_text *t = &p->text[PROCESS_ENVIRON];
    int r = get_memory(p, PROCESS_ENVIRON);

    if (r == 0)
        *out = (struct kv_span){t->p, t->n};
    return r == -ESRCH ? -ENODATA : r;
}

int process_cgroup(struct process *p, const char **out)
{
    int r = get(p, PROCESS_CGROUP);

    *out = p->text[PROCESS_CGROUP].p;
    return r;
}

/* ---- links */

static int read_link(int proc, const char *path, struct procscan_text *t)
{
    enum { ROOM = 8 << 10 }; /* the kernel gives a page at most */
    ssize_t n;

    if (t->size < ROOM) {
        char *room = realloc(t->p, ROOM);

        if (!room)
            return -ENOMEM;
        t->p = room;
        t->size = ROOM;
    }
    n = readlinkat(proc, path, t->p, t->size - 1);
    if (n < 0)
        return -errno;
    t->n = (size_t)n;
    t->p[n] = '\0';
    return 0;
}

int process_exe(struct process *p, struct kv_span *out)
{
    struct procscan_text *t = &p->text[PROCESS_EXE];

    if (!is_known(p, PROCESS_EXE)) {
        int r = read_link(p->proc, path_of(p, names[PROCESS_EXE]), t);
        char path[64];

        if (r == -ENOENT && other_of(p)) {
            snprintf(path, sizeof(path), "%sexe", p->other);
            r = read_link(p->proc, path, t);
        }
        p->result[PROCESS_EXE] = r == -ENOENT ? -ENODATA : r;
    }
    *out = (struct kv_span){t->p, t->n};
    return p->result[PROCESS_EXE];
}

int process_exe_stat(struct process *p, struct stat *out)
{
    char path[64];
    int r;

    if (!p->live)
        return -EOPNOTSUPP;
    r = quickstat_at(p->proc, path_of(p, names[PROCESS_EXE]), 0, out);
    if (r != -ENOENT)
        return r;
    if (!other_of(p))
        return -ENODATA;
    snprintf(path, sizeof(path), "%sexe", p->other);
    return quickstat_at(p->proc, path, 0, out);
}

bool process_exe_is_deleted(struct process *p)
{
    struct kv_span link;
    struct stat st;
    int r = process_exe_stat(p, &st);

    if (r == 0)
        return st.st_nlink == 0;
    return r == -EOPNOTSUPP && process_exe(p, &link) == 0 && proc_exe_deleted(link).n > 0;
}

int process_script(struct process *p, struct kv_span *out)
{
    struct kv_span exe, deleted, cmdline;
    int r = process_cmdline(p, &cmdline);

    if (r < 0)
        return r;
    r = process_exe(p, &exe);
    if (r < 0)
        exe = (struct kv_span){"", 0}; /* the first word has to tell */
    deleted = proc_exe_deleted(exe);
    if (deleted.n > 0)
        exe = deleted;
    return script_find(exe, cmdline, out) ? 0 : -ENODATA;
}

int process_file_stat(struct process *p, struct kv_span name, struct stat *out)
{
    _cleanup_(free_ptr) char *path = NULL;
    bool absolute = name.n > 0 && *name.p == '/';

    if (!p->live)
        return -EOPNOTSUPP;
    if (asprintf(&path, "%d/%s/%.*s", (int)p->pid, absolute ? "root" : "cwd", (int)name.n, name.p) <
        0)
        return -ENOMEM;
    if (fstatat(p->proc, path, out, 0) == 0)
        return 0;
    return errno == ENOENT || errno == ENOTDIR ? -ENODATA : -errno;
}

int process_file_quickstat(struct process *p, struct kv_span name, struct stat *out)
{
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int from = -1, fd = -1;
    bool absolute = name.n > 0 && *name.p == '/';

    if (!p->live)
        return -EOPNOTSUPP;
    path = strndup(name.p, name.n);
    if (!path)
        return -ENOMEM;
    from = openat(p->proc, path_of(p, absolute ? "root" : "cwd"), O_PATH | O_CLOEXEC);
    if (from < 0)
        return errno == ENOENT ? -ENODATA : -errno;
    fd = quickstat_open(from, path, absolute);
    if (fd < 0)
        return fd == -ENOENT || fd == -ENOTDIR ? -ENODATA : fd;
    return quickstat_at(fd, "", AT_EMPTY_PATH, out);
}

int process_ns(struct process *p, const char *type, char out[static PROCESS_NS_MAX])
{
    char path[32];
    ssize_t n;

    snprintf(path, sizeof(path), "ns/%s", type);
    n = readlinkat(p->proc, path_of(p, path), out, PROCESS_NS_MAX - 1);
    if (n < 0)
        return -errno;
    out[n] = '\0';
    return 0;
}

bool process_is_one(const struct process *p)
{
    unsigned both = 1U << PROCESS_COMM | 1U << PROCESS_STAT;

    if ((p->known & both) != both || p->result[PROCESS_COMM] < 0 || p->result[PROCESS_STAT] < 0)
        return true;
    return strncmp(p->text[PROCESS_COMM].p, p->stat.name, PROC_NAME_MAX - 1) == 0;
}
