/* SPDX-License-Identifier: MIT */
#include "finder.h"

#include <time.h>

void finder_result_clear(struct finder_result *r)
{
    free(r->found);
    free(r->left_out);
    *r = FINDER_RESULT_INIT;
}

void finder_clear(struct finder *f)
{
    procscan_clear(&f->scan);
    process_clear(&f->process);
    process_clear(&f->spare);
    caller_clear(&f->caller);
}

int finder_open(struct finder *f, const struct root *root, struct match *match, struct err *e)
{
    int r = procscan_begin(root, &f->scan, e);

    if (r < 0)
        return r;
    f->root = root;
    f->match = match;
    return caller_read(&f->caller, f->scan.fd, root->live, &f->process, e);
}

bool finder_sees_own_namespace(const struct finder *f)
{
    return f->root->live && f->caller.self == getpid();
}

static int add(struct finder_item **v, size_t *n, size_t *size, struct finder_item item)
{
    if (*n == *size) {
        size_t more = *size ? 2 * *size : 64;
        struct finder_item *room = reallocarray(*v, more, sizeof(*room));

        if (!room)
            return -ENOMEM;
        *v = room;
        *size = more;
    }
    (*v)[(*n)++] = item;
    return 0;
}

static int add_to(struct finder_result *r, struct finder_item item)
{
    if (item.reason == FINDER_FOUND)
        return add(&r->found, &r->n, &r->size, item);
    return add(&r->left_out, &r->n_left_out, &r->left_out_size, item);
}

/* ---- one process */

static bool is_gone(int r)
{
    return r == -ENOENT || r == -ESRCH;
}

/* Return: as match_test(), which the kernel's answers at one moment have given. */
static int test_once(struct finder *f, pid_t pid, pid_t tid, struct finder_item *item)
{
    const struct proc_stat *stat;
    int r;

    if (f->threads)
        process_begin_thread(&f->process, f->scan.fd, f->root->live, pid, tid);
    else
        process_begin(&f->process, f->scan.fd, f->root->live, pid);
    /* a match needs stat anyway, which has the name too; and matches come in rows */
    if (f->last_matched)
        process_stat(&f->process, &stat);
    r = match_test(f->match, &f->process);
    f->last_matched = r == 1;
    if (r != 1)
        return r;
    r = process_stat(&f->process, &stat);
    if (r < 0)
        return r;
    *item = (struct finder_item){.pid = tid, .ppid = stat->ppid, .start = stat->start};
    return 1;
}

/* Files are read one after the other; the number may have passed to another process in between. Not
 * so if the one that has it now was there before the first was read: and then the name is one. */
static int test_surely(struct finder *f, pid_t pid, pid_t tid, struct finder_item *item)
{
    enum { TRIES = 4 };
    uint64_t start;
    int r = test_once(f, pid, tid, item);

    for (int i = 0; i < TRIES && r == 1; i++) {
        if (process_is_one(&f->process) && (item->start < f->began || !f->root->live))
            return 1;
        start = item->start;
        r = test_once(f, pid, tid, item);
        if (r == 1 && item->start == start && process_is_one(&f->process))
            return 1;
    }
    return r == 1 ? 0 : r;
}

enum caller_reason finder_relation(struct finder *f)
{
    enum caller_reason reason;

    if (f->only == CALLER_SELF)
        return f->process.pid == f->caller.self ? CALLER_SELF : CALLER_NOT;
    reason = caller_is(&f->caller, &f->process, &f->spare);
    return f->only != CALLER_NOT && reason > f->only ? CALLER_NOT : reason;
}

/* Return: 1 and the item, 0, -EACCES, or another negated errno with a message. */
static int look(struct finder *f, pid_t pid, pid_t tid, struct finder_item *item, struct err *e)
{
    int r = test_surely(f, pid, tid, item);

    if (r == 1 && !f->include_self) {
        item->caller = finder_relation(f);
        item->reason = item->caller == CALLER_NOT ? FINDER_FOUND : FINDER_CALLER;
    }
    if (r >= 0)
        return r;
    if (is_gone(r))
        return 0;
    if (r == -EACCES || r == -EPERM)
        return -EACCES;
    return r == -ENOMEM ? err_oom(e) : err_sys(e, r, "process %d: cannot be looked at", (int)pid);
}

int finder_test(struct finder *f, pid_t pid, struct err *e)
{
    struct finder_item item;
    int r = look(f, pid, pid, &item, e);

    if (r == -EACCES)
        return 0;
    return r == 1 ? item.reason == FINDER_FOUND : r;
}

/* What would be left out, whatever there is to be seen of it, is no loss. */
static bool is_left_out(const struct finder *f, pid_t pid)
{
    if (f->include_self || f->only == CALLER_SELF)
        return !f->include_self && pid == f->caller.self;
    return caller_descends_from(&f->caller, pid);
}

static int look_and_add(struct finder *f, struct finder_result *result, pid_t pid, pid_t tid,
                        struct err *e)
{
    struct finder_item item;
    int r = look(f, pid, tid, &item, e);

    if (r == -EACCES) {
        result->unreadable += !is_left_out(f, pid);
        return 0;
    }
    if (r == 1)
        r = add_to(result, item);
    return r == -ENOMEM ? err_oom(e) : r;
}

/* ---- wrappers */

static int by_pid(const void *a, const void *b)
{
    const struct finder_item *x = a, *y = b;

    return (x->pid > y->pid) - (x->pid < y->pid);
}

static struct finder_item *find_item(const struct finder_result *r, pid_t pid)
{
    struct finder_item key = {.pid = pid};

    return bsearch(&key, r->found, r->n, sizeof(key), by_pid);
}

enum { OTHER, EQUAL, LONGER };

/* How the words of a parent compare with those of its child. */
static int compare(struct finder *f, pid_t parent, pid_t child)
{
    struct kv_span outer, inner;

    process_begin(&f->process, f->scan.fd, f->root->live, parent);
    process_begin(&f->spare, f->scan.fd, f->root->live, child);
    if (process_cmdline(&f->process, &outer) < 0 || process_cmdline(&f->spare, &inner) < 0)
        return OTHER;
    if (outer.n > 0 && outer.n == inner.n && memcmp(outer.p, inner.p, outer.n) == 0)
        return EQUAL;
    return proc_words_end_with(outer, inner) ? LONGER : OTHER;
}

/* sudo forks itself to watch over its child: what started a wrapper with the same words is one. */
static void mark_wrappers(struct finder *f, struct finder_result *r, struct finder_item *child)
{
    bool child_wraps = false;

    for (size_t i = 0; i < r->n; i++) {
        struct finder_item *parent = find_item(r, child->ppid);
        int how;

        if (!parent || parent->reason == FINDER_WRAPPER)
            return;
        how = compare(f, parent->pid, child->pid);
        if (how != LONGER && !(how == EQUAL && child_wraps))
            return;
        parent->reason = FINDER_WRAPPER;
        child = parent;
        child_wraps = true;
    }
}

static int leave_out_wrappers(struct finder *f, struct finder_result *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->n; i++)
        mark_wrappers(f, r, &r->found[i]);
    for (size_t i = 0; i < r->n; i++) {
        if (r->found[i].reason == FINDER_FOUND)
            r->found[kept++] = r->found[i];
        else if (add_to(r, r->found[i]) < 0)
            return -ENOMEM;
    }
    r->n = kept;
    return 0;
}

/* ---- all processes */

/* The newest or oldest alone; among those of one tick the number decides. */
static void pick(struct finder_result *r, enum finder_pick how)
{
    struct finder_item *best = r->found;

    if (how == FINDER_ALL || r->n == 0)
        return;
    for (size_t i = 1; i < r->n; i++) {
        bool newer = r->found[i].start > best->start ||
                     (r->found[i].start == best->start && r->found[i].pid > best->pid);

        if (newer == (how == FINDER_NEWEST))
            best = &r->found[i];
    }
    r->found[0] = *best;
    r->n = 1;
}

uint64_t finder_now(void)
{
    struct timespec now;
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);

    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * ticks + (uint64_t)now.tv_nsec * ticks / 1000000000;
}

static int walk_threads(struct finder *f, struct finder_result *result, pid_t pid, struct err *e)
{
    char path[32];
    int fd, r = 0;

    snprintf(path, sizeof(path), "%d/task", (int)pid);
    fd = openat(f->scan.fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_(close_dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir) {
        close_fd(&fd);
        return 0; /* it has ended */
    }
    for (struct dirent *entry; r >= 0 && (entry = readdir(dir));) {
        pid_t tid = proc_pid_parse(entry->d_name);

        if (tid > 0)
            r = look_and_add(f, result, pid, tid, e);
    }
    return r;
}

static int walk(struct finder *f, struct finder_result *result, struct err *e)
{
    pid_t pid;
    int r;

    while ((r = procscan_next(&f->scan, &pid, e)) == 1) {
        r = f->threads ? walk_threads(f, result, pid, e) : look_and_add(f, result, pid, pid, e);
        if (r < 0)
            return r;
    }
    result->hidden = !f->scan.saw_first;
    return r;
}

static int ask_named(struct finder *f, struct finder_result *result, struct err *e)
{
    const struct match_list *list = &f->match->numbers[MATCH_PID];
    int r = 0;

    for (size_t i = 0; i < list->n && r >= 0; i++)
        r = look_and_add(f, result, (pid_t)list->v[i], (pid_t)list->v[i], e);
    return r;
}

int finder_each(struct finder *f, finder_visit *fn, void *arg, struct err *e)
{
    struct finder_item item;
    pid_t pid;
    int r = match_begin(f->match, f->root, &f->scan, e);

    f->began = finder_now();
    while (r == 0 && (r = procscan_next(&f->scan, &pid, e)) == 1) {
        bool found = look(f, pid, pid, &item, NULL) == 1 && item.reason == FINDER_FOUND;

        r = found ? fn(arg, &item, &f->process) : 0;
    }
    return r;
}

/* A number that was named twice is one process. */
static void drop_doubles(struct finder_result *r)
{
    size_t kept = 0;

    for (size_t i = 0; i < r->n; i++)
        if (kept == 0 || r->found[kept - 1].pid != r->found[i].pid)
            r->found[kept++] = r->found[i];
    r->n = kept;
}

int finder_run(struct finder *f, struct finder_result *out, struct err *e)
{
    _cleanup_(finder_result_clear) struct finder_result result = FINDER_RESULT_INIT;
    bool named = f->match->numbers[MATCH_PID].used && !f->match->invert && !f->threads;
    int r;

    r = match_begin(f->match, f->root, &f->scan, e);
    if (r < 0)
        return r;
    f->began = finder_now();
    r = named ? ask_named(f, &result, e) : walk(f, &result, e);
    if (r < 0)
        return r;
    if (result.n > 0 && !f->threads) {
        qsort(result.found, result.n, sizeof(*result.found), by_pid);
        drop_doubles(&result);
        if (!f->include_wrappers && leave_out_wrappers(f, &result) < 0)
            return err_oom(e);
    }
    pick(&result, f->pick);
    finder_result_clear(out);
    *out = result;
    result = FINDER_RESULT_INIT;
    return 0;
}
