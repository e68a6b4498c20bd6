/* SPDX-License-Identifier: MIT */
#include "match.h"

#include <fnmatch.h>
#include <limits.h>

/* Each answers 1, 0, or a negated errno. */
typedef int test(const struct match *m, struct process *p);

static bool in_list(const struct match_list *list, uint32_t value)
{
    for (size_t i = 0; i < list->n; i++)
        if (list->v[i] == value)
            return true;
    return false;
}

static bool fits(const struct match_list *list, uint32_t value)
{
    return !list->used || in_list(list, value);
}

static int test_number(const struct match *m, struct process *p)
{
    return fits(&m->numbers[MATCH_PID], (uint32_t)p->pid) &&
           (!m->subtree || proctree_is_below(&m->tree, p->pid, m->subtree));
}

static int test_patterns(const struct match *m, struct process *p)
{
    struct kv_span text;
    int r;

    if (m->n_patterns == 0)
        return 1;
    if (m->subject == MATCH_LINE)
        r = process_line(p, &text);
    else
        r = m->subject == MATCH_NAME ? process_name(p, &text) : process_comm(p, &text);
    if (r < 0)
        return r;
    if (m->subject == MATCH_LINE && text.n == 0)
        return 0;
    for (size_t i = 0; i < m->n_patterns; i++)
        if (pattern_test(&m->patterns[i], text.p, text.n))
            return 1;
    return 0;
}

/* ---- files */

static bool same_path(const struct match_file *file, struct kv_span path)
{
    return kv_span_eq(path, file->path);
}

static int test_exe(const struct match *m, struct process *p)
{
    struct kv_span link, deleted;
    struct stat st;
    int r;

    if (!m->exe.used)
        return 1;
    r = process_exe_stat(p, &st);
    if (r == -ENODATA)
        return 0;
    if (r == 0 && m->exe.exists && st.st_dev == m->exe.dev && st.st_ino == m->exe.ino)
        return 1;
    if (r < 0 && r != -EOPNOTSUPP)
        return r;
    if (r == 0 && st.st_nlink > 0 && !m->exe.unseen)
        return 0;
    r = process_exe(p, &link);
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    if (m->exe.unseen && same_path(&m->exe, link))
        return 1;
    deleted = proc_exe_deleted(link);
    return same_path(&m->exe, deleted) || (!p->live && same_path(&m->exe, link));
}

/* Does "./NAME" lead to the file from where the process is? Told by the letters alone. */
static bool is_below(struct process *p, struct kv_span name, const struct match_file *file)
{
    char link[32], path[PATH_MAX];
    ssize_t n;
    size_t at;

    snprintf(link, sizeof(link), "%d/cwd", (int)p->pid);
    n = readlinkat(p->proc, link, path, sizeof(path) - 1);
    while (name.n > 2 && name.p[0] == '.' && name.p[1] == '/')
        name = (struct kv_span){name.p + 2, name.n - 2};
    if (n <= 0 || (size_t)n + name.n + 2 > sizeof(path))
        return false;
    at = n == 1 ? 0 : (size_t)n; /* "/" */
    path[at] = '/';
    memcpy(path + at + 1, name.p, name.n);
    path[at + 1 + name.n] = '\0';
    return streq(path, file->path) || streq(path, file->named);
}

static int test_script(const struct match *m, struct process *p)
{
    struct kv_span script;
    struct stat st;
    int r;

    if (!m->script.used)
        return 1;
    r = process_script(p, &script);
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    r = m->wary ? process_file_quickstat(p, script, &st) : process_file_stat(p, script, &st);
    if (r == 0 && m->script.exists)
        return st.st_dev == m->script.dev && st.st_ino == m->script.ino;
    /* it is gone, or not to be seen: then its path has to tell */
    if (*script.p == '/' &&
        (same_path(&m->script, script) || (r == -EAGAIN && kv_span_eq(script, m->script.named))))
        return 1;
    if (r == -EAGAIN && *script.p != '/' && is_below(p, script, &m->script))
        return 1;
    /* links in a circle, say, which anybody may make: no reason to look at nobody else */
    return r == -EACCES || r == -EPERM || r == -ENOMEM || r == -ESRCH ? r : 0;
}

/* ---- command line */

static bool has_argument(struct kv_span line, const char *wanted)
{
    struct proc_words words = proc_words_of(line.p, line.n);
    struct kv_span word;

    if (!proc_words_next(&words, &word))
        return false;
    while (proc_words_next(&words, &word))
        if (kv_span_eq(word, wanted))
            return true;
    return false;
}

static int test_words(const struct match *m, struct process *p)
{
    struct kv_span line;
    int r;

    if (!m->has_words && m->args.n == 0)
        return 1;
    r = process_cmdline(p, &line);
    if (r < 0)
        return r;
    if (m->has_words && (line.n != m->words_len || memcmp(line.p, m->words, line.n) != 0))
        return 0;
    for (size_t i = 0; i < m->args.n; i++)
        if (!has_argument(line, m->args.v[i]))
            return 0;
    return 1;
}

/* ---- stat and status */

static uint64_t age_ms(const struct match *m, const struct proc_stat *s)
{
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK), started = s->start * 1000 / ticks;

    return m->now_ms > started ? m->now_ms - started : 0;
}

static int test_stat(const struct match *m, struct process *p)
{
    const struct match_list *numbers = m->numbers;
    const struct proc_stat *s;
    int r;

    if (!numbers[MATCH_PARENT].used && !numbers[MATCH_SESSION].used &&
        !numbers[MATCH_PGROUP].used && !m->terminals.used && !m->states[0] && !m->kthreads &&
        !m->has_older && !m->has_newer)
        return 1;
    r = process_stat(p, &s);
    if (r < 0)
        return r;
    return fits(&numbers[MATCH_PARENT], (uint32_t)s->ppid) &&
           fits(&numbers[MATCH_SESSION], (uint32_t)s->session) &&
           fits(&numbers[MATCH_PGROUP], (uint32_t)s->pgroup) && fits(&m->terminals, s->tty) &&
           (!m->states[0] || strchr(m->states, s->state)) &&
           (!m->kthreads || proc_stat_is_kthread(s)) &&
           (!m->has_older || age_ms(m, s) >= m->older_ms) &&
           (!m->has_newer || age_ms(m, s) < m->newer_ms);
}

static bool is_used(const struct match *m, enum match_sizes what)
{
    for (size_t i = 0; i < m->n_sizes; i++)
        if (m->sizes[i].what == what)
            return true;
    return false;
}

static bool size_fits(const struct match_size *size, uint64_t bytes)
{
    switch (size->sign) {
    case MATCH_MORE:
        return bytes > size->bytes;
    case MATCH_AT_LEAST:
        return bytes >= size->bytes;
    case MATCH_LESS:
        return bytes < size->bytes;
    case MATCH_AT_MOST:
        return bytes <= size->bytes;
    }
    return false;
}

/* What is absent is neither more nor less. */
static bool sizes_fit(const struct match *m, enum match_sizes what, bool has, uint64_t bytes)
{
    for (size_t i = 0; i < m->n_sizes; i++)
        if (m->sizes[i].what == what && !(has && size_fits(&m->sizes[i], bytes)))
            return false;
    return true;
}

static int test_status(const struct match *m, struct process *p)
{
    const struct proc_status *s;
    bool needed = is_used(m, MATCH_RSS) || is_used(m, MATCH_SWAP);
    int r;

    for (size_t i = 0; i < MATCH_IDS; i++)
        needed |= m->ids[i].used;
    if (!needed)
        return 1;
    r = process_status(p, &s);
    if (r < 0)
        return r;
    return fits(&m->ids[MATCH_EUID], s->euid) && fits(&m->ids[MATCH_RUID], s->ruid) &&
           fits(&m->ids[MATCH_EGID], s->egid) && fits(&m->ids[MATCH_RGID], s->rgid) &&
           sizes_fit(m, MATCH_RSS, s->has_rss, s->rss) &&
           sizes_fit(m, MATCH_SWAP, s->has_swap, s->swap);
}

/* ---- place */

static int test_namespaces(const struct match *m, struct process *p)
{
    char id[PROCESS_NS_MAX];

    for (size_t i = 0; i < m->n_namespaces; i++) {
        int r = process_ns(p, m->namespaces[i].type, id);

        if (r < 0)
            return r;
        if (!streq(id, m->namespaces[i].id))
            return 0;
    }
    return 1;
}

/* Is the group, or one that it lies in, the wanted one? */
static bool cgroup_fits(const char *wanted, struct kv_span path)
{
    bool glob = wanted[strcspn(wanted, "*?[")] != '\0';
    size_t n = strlen(wanted);
    char copy[PATH_MAX];

    if (streq(wanted, "/"))
        return true;
    if (!glob)
        return path.n >= n && memcmp(path.p, wanted, n) == 0 && (path.n == n || path.p[n] == '/');
    if (path.n >= sizeof(copy))
        return false; /* the kernel makes none */
    memcpy(copy, path.p, path.n);
    copy[path.n] = '\0';
    for (char *end;; *end = '\0') {
        if (fnmatch(wanted, copy, 0) == 0)
            return true;
        end = strrchr(copy, '/');
        if (!end || end == copy)
            break;
    }
    return false;
}

static bool in_cgroup(const struct match *m, const char *text)
{
    struct proc_cgroup line;

    while (proc_cgroup_next(&text, &line))
        for (size_t i = 0; i < m->cgroups.n; i++)
            if (cgroup_fits(m->cgroups.v[i], line.path))
                return true;
    return false;
}

/* Return: 1, 0, or -EACCES: it may be the one of a name. */
static int in_container(const struct match *m, struct process *p, const char *text)
{
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
    const struct proc_stat *s;
    struct container c;

    if (!container_parse(text, &c))
        return 0;
    for (size_t i = 0; i < m->containers.n; i++)
        if (str_after(c.id, m->containers.v[i]))
            return 1;
    for (size_t i = 0; i < m->named.n; i++)
        if (container_names_fits(m->names, m->named.v[i], m->root, c.id))
            return 1;
    for (size_t i = 0; i < m->named.n; i++)
        if (process_stat(p, &s) == 0 &&
            container_names_may_fit(m->names, m->named.v[i], s->start * 1000 / ticks))
            return -EACCES;
    return 0;
}

static int test_cgroup(const struct match *m, struct process *p)
{
    bool containers = m->containers.n > 0 || m->named.n > 0;
    const char *text;
    int r;

    if (m->cgroups.n == 0 && !containers)
        return 1;
    r = process_cgroup(p, &text);
    if (r < 0)
        return r;
    if (m->cgroups.n > 0 && !in_cgroup(m, text))
        return 0;
    return containers ? in_container(m, p, text) : 1;
}

static bool has_variable(struct kv_span all, const char *wanted)
{
    size_t n = strcspn(wanted, "=");
    struct kv_span value;

    return proc_environ_find(all.p, all.n, (struct kv_span){wanted, n}, &value) &&
           (wanted[n] == '\0' || kv_span_eq(value, wanted + n + 1));
}

static int test_environ(const struct match *m, struct process *p)
{
    struct kv_span all;
    int r;

    if (m->variables.n == 0)
        return 1;
    r = process_environ(p, &all);
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    for (size_t i = 0; i < m->variables.n; i++)
        if (!has_variable(all, m->variables.v[i]))
            return 0;
    return 1;
}

static int test_pss(const struct match *m, struct process *p)
{
    uint64_t bytes;
    int r;

    if (!is_used(m, MATCH_PSS))
        return 1;
    r = process_pss(p, &bytes);
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    return sizes_fit(m, MATCH_PSS, true, bytes);
}

static int test_own(const struct match *m, struct process *p)
{
    return m->own ? m->own(m->own_arg, p) : 1;
}

/* By what they cost: nothing, one system call, a short file, a longer one. */
static test *const tests[] = {
    test_number, test_patterns,   test_exe,    test_words,   test_stat, test_status,
    test_script, test_namespaces, test_cgroup, test_environ, test_pss,  test_own,
};

static bool is_denied(int r)
{
    return r == -EACCES || r == -EPERM;
}

/* What is not to be seen settles nothing: another criterion may still say no. */
static int test_all(const struct match *m, struct process *p)
{
    int answer = 1;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        int r = tests[i](m, p);

        if (r == 0 || (r < 0 && !is_denied(r)))
            return r;
        if (r < 0)
            answer = r;
    }
    return answer;
}

int match_test(const struct match *m, struct process *p)
{
    const struct proc_stat *s;
    int answer = test_all(m, p), r;

    if (m->invert && answer >= 0)
        answer = !answer;
    if (answer == 0 || (answer < 0 && !is_denied(answer)) || m->zombies)
        return answer;
    r = process_stat(p, &s);
    if (r < 0)
        return r;
    return proc_stat_is_zombie(s) ? 0 : answer;
}
