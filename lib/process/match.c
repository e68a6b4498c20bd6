/* SPDX-License-Identifier: MIT */
#include "match.h"
#include "abi.h"
#include "monotonic.h"
#include "pidfile.h"
#include "quickstat.h"
#include "size.h"
#include "users.h"
#include "words.h"

#include <linux/magic.h>
#include <sys/vfs.h>

/* What a file that is asked of a disk or a server may take. */
enum { PIDFILE_MS = 500 };

static void texts_clear(struct match_texts *t)
{
    for (size_t i = 0; i < t->n; i++)
        free(t->v[i]);
    free(t->v);
}

static void file_clear(struct match_file *f)
{
    free(TAKE_PTR(f->path));
    free(TAKE_PTR(f->named));
}

void match_clear(struct match *m)
{
    for (size_t i = 0; i < m->n_patterns; i++)
        pattern_clear(&m->patterns[i]);
    free(m->patterns);
    for (size_t i = 0; i < MATCH_NUMBERS; i++)
        free(m->numbers[i].v);
    for (size_t i = 0; i < MATCH_IDS; i++)
        free(m->ids[i].v);
    free(m->terminals.v);
    free(m->named.v);
    texts_clear(&m->args);
    texts_clear(&m->cgroups);
    texts_clear(&m->containers);
    texts_clear(&m->variables);
    free(m->words);
    file_clear(&m->exe);
    file_clear(&m->script);
    proctree_clear(&m->tree);
    *m = MATCH_INIT;
}

/* ---- lists */

static int list_add(struct match_list *list, uint32_t value, struct err *e)
{
    uint32_t *v = reallocarray(list->v, list->n + 1, sizeof(*v));

    if (!v)
        return err_oom(e);
    v[list->n++] = value;
    list->v = v;
    return 0;
}

static int texts_add(struct match_texts *list, const char *text, struct err *e)
{
    char **v = reallocarray(list->v, list->n + 1, sizeof(*v)), *copy;

    if (!v)
        return err_oom(e);
    list->v = v;
    copy = strdup(text);
    if (!copy)
        return err_oom(e);
    v[list->n++] = copy;
    return 0;
}

/* What a list is made of. */
struct reader {
    const struct root *root;
    struct users *users;
    int (*read)(const struct reader *, const char *word, uint32_t *out, struct err *e);
    int what;
};

static int read_list(struct match *m, struct match_list *list, const char *text,
                     const struct reader *reader, struct err *e)
{
    _cleanup_(free_ptr) char *copy = strdup(text);
    char *rest = copy, *word;
    uint32_t value;
    int r = 0;

    if (!copy)
        return err_oom(e);
    m->any = list->used = true;
    while (r == 0 && (word = strsep(&rest, ","))) {
        if (*word == '\0')
            return err_usage(e, -EINVAL, "\"%s\": %s", text,
                             *text ? "is a list with nothing between two commas"
                                   : "is an empty list");
        r = reader->read(reader, word, &value, e);
        if (r == 0)
            r = list_add(list, value, e);
    }
    return r;
}

static int read_number(const struct reader *reader, const char *word, uint32_t *out, struct err *e)
{
    bool own = reader->what == MATCH_SESSION || reader->what == MATCH_PGROUP;
    int64_t n;
    int r = size_parse_number(word, own ? 0 : 1, INT32_MAX, &n, e);

    if (r == 0 && n == 0)
        n = reader->what == MATCH_SESSION ? getsid(0) : getpgrp();
    if (r == 0)
        *out = (uint32_t)n;
    return r;
}

int match_numbers(struct match *m, enum match_numbers what, const char *list, struct err *e)
{
    const struct reader reader = {.read = read_number, .what = (int)what};

    return read_list(m, &m->numbers[what], list, &reader, e);
}

int match_number(struct match *m, enum match_numbers what, uint32_t number, struct err *e)
{
    m->any = m->numbers[what].used = true;
    return list_add(&m->numbers[what], number, e);
}

static int read_user(const struct reader *reader, const char *word, uint32_t *out, struct err *e)
{
    bool group = reader->what == MATCH_EGID || reader->what == MATCH_RGID;

    if (reader->users)
        return users_find_kept(reader->users, reader->root, word, group, out, e);
    return group ? users_find_group(reader->root, word, out, e)
                 : users_find(reader->root, word, out, e);
}

int match_users(struct match *m, const struct root *root, enum match_ids what, const char *list,
                struct err *e)
{
    const struct reader reader = {
        .root = root, .users = m->users, .read = read_user, .what = (int)what};

    return read_list(m, &m->ids[what], list, &reader, e);
}

static int read_terminal(const struct reader *reader, const char *word, uint32_t *out,
                         struct err *e)
{
    const char *name = str_after(word, "/dev/");
    _cleanup_(free_ptr) char *path = NULL;
    struct stat st;
    int r;

    *out = 0;
    if (streq(word, "-"))
        return 0;
    if (asprintf(&path, "/dev/%s", name ? name : word) < 0) {
        path = NULL;
        return err_oom(e);
    }
    r = root_stat(reader->root, path, 0, &st);
    if (r < 0 || !S_ISCHR(st.st_mode))
        return err_usage(e, -EINVAL, "\"%s\": is no terminal here; wanted one such as pts/0", word);
    *out = (uint32_t)st.st_rdev;
    return 0;
}

int match_terminals(struct match *m, const struct root *root, const char *list, struct err *e)
{
    const struct reader reader = {.root = root, .read = read_terminal};

    return read_list(m, &m->terminals, list, &reader, e);
}

static int read_state(const struct reader *reader _unused_, const char *word, uint32_t *out,
                      struct err *e)
{
    if (word[1] || !strchr("RSDTtZXI", *word))
        return err_usage(e, -EINVAL, "\"%s\": is no state; there are R, S, D, T, t, Z, X and I",
                         word);
    *out = (uint32_t)*word;
    return 0;
}

int match_states(struct match *m, const char *list, struct err *e)
{
    const struct reader reader = {.read = read_state};
    struct match_list letters = {.v = NULL};
    int r = read_list(m, &letters, list, &reader, e);
    size_t n = strlen(m->states);

    for (size_t i = 0; r == 0 && i < letters.n; i++)
        if (!strchr(m->states, (int)letters.v[i]) && n + 1 < sizeof(m->states))
            m->states[n++] = (char)letters.v[i];
    m->zombies |= strchr(m->states, 'Z') || strchr(m->states, 'X');
    free(letters.v);
    return r;
}

/* ---- names and command lines */

int match_pattern(struct match *m, const char *text, unsigned flags, struct err *e)
{
    struct pattern *v = reallocarray(m->patterns, m->n_patterns + 1, sizeof(*v));
    int r;

    if (!v)
        return err_oom(e);
    m->patterns = v;
    r = pattern_compile(text, flags, &v[m->n_patterns], e);
    if (r < 0)
        return r;
    m->n_patterns++;
    m->any = true;
    return 0;
}

int match_argument(struct match *m, const char *word, struct err *e)
{
    m->any = true;
    return texts_add(&m->args, word, e);
}

int match_words(struct match *m, const char *line, struct err *e)
{
    char *words;
    size_t len;
    int r = words_split(line, &words, &len, e);

    if (r < 0)
        return r;
    free(m->words);
    m->words = words;
    m->words_len = len - 1; /* as process_cmdline() counts */
    m->has_words = m->any = true;
    return 0;
}

int match_variable(struct match *m, const char *text, struct err *e)
{
    if (*text == '\0' || *text == '=')
        return err_usage(e, -EINVAL, "\"%s\": names no variable; wanted K or K=V", text);
    m->any = true;
    return texts_add(&m->variables, text, e);
}

/* ---- files */

static char *absolute(const struct root *root, const char *path)
{
    _cleanup_(free_ptr) char *cwd = NULL;
    char *out;

    if (*path == '/' || !root->live)
        return strdup(path);
    cwd = getcwd(NULL, 0);
    if (!cwd || asprintf(&out, "%s/%s", streq(cwd, "/") ? "" : cwd, path) < 0)
        return NULL;
    return out;
}

static int find_file(struct match *m, const struct root *root, const char *path,
                     struct match_file *out, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    struct stat st;

    if (*path == '\0')
        return err_usage(e, -EINVAL, "is an empty path");
    file_clear(out);
    out->named = absolute(root, path);
    if (!out->named)
        return err_oom(e);
    fd = m->wary ? quickstat_open_named(root, path) : root_open_named(root, path, O_PATH);
    out->unseen = fd == -EAGAIN;
    /* where links lead; of what is gone, where it was */
    if (fd >= 0 && quickstat_at(fd, "", AT_EMPTY_PATH, &st) == 0 &&
        root_path_of(root, fd, &out->path, NULL) == 0) {
        out->exists = true;
        out->dev = st.st_dev;
        out->ino = st.st_ino;
    } else {
        out->path = strdup(out->named);
    }
    if (!out->path)
        return err_oom(e);
    out->used = m->any = true;
    return 0;
}

int match_exe(struct match *m, const struct root *root, const char *path, struct err *e)
{
    return find_file(m, root, path, &m->exe, e);
}

int match_script(struct match *m, const struct root *root, const char *path, struct err *e)
{
    return find_file(m, root, path, &m->script, e);
}

int match_pidfile(struct match *m, const struct root *root, const char *path, bool locked,
                  struct err *e)
{
    struct match_list *list = &m->numbers[MATCH_PID];
    struct pidfile file;
    int r;

    m->any = list->used = m->from_file = true;
    m->later = false;
    r = m->wary && m->askers ? pidfile_read_within(m->askers, root, path, PIDFILE_MS, &file, e)
                             : pidfile_read(root, path, &file, e);
    if (r != 0)
        return r;
    if (locked && !file.locked)
        return 1;
    m->later = m->wary && root->live && pidfile_is_older(&file, root);
    r = list_add(list, (uint32_t)file.pid, e);
    return r == 0 && m->later ? 1 : r;
}

/* ---- control groups, containers, namespaces */

/* A path as the file system shows it: /sys/fs/cgroup/a, or /sys/fs/cgroup/memory/a of version 1. */
static const char *below_mount(const struct root *root, const char *path)
{
    const char *rest = str_after(path, "/sys/fs/cgroup");
    _cleanup_(close_fd) int fd = -1;
    struct statfs fs;

    if (!rest || (*rest && *rest != '/'))
        return path;
    fd = root_openat(root, "/sys/fs/cgroup", O_PATH | O_DIRECTORY, 0);
    if (fd < 0 || fstatfs(fd, &fs) < 0)
        return path;
    if (fs.f_type != CGROUP2_SUPER_MAGIC && *rest)
        rest += 1 + strcspn(rest + 1, "/");
    return *rest ? rest : "/";
}

int match_cgroup(struct match *m, const struct root *root, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *copy = NULL;
    size_t n;

    if (*path != '/' && *path != '*')
        return err_usage(e, -EINVAL, "cgroup \"%s\": is no path from the top, such as /a/b or */b",
                         path);
    copy = strdup(below_mount(root, path));
    if (!copy)
        return err_oom(e);
    for (n = strlen(copy); n > 1 && copy[n - 1] == '/'; n--)
        copy[n - 1] = '\0';
    m->any = true;
    return texts_add(&m->cgroups, copy, e);
}

int match_container(struct match *m, const struct root *root, const char *name, struct err *e)
{
    char id[CONTAINER_ID + 1];
    uint32_t number;
    int r;

    m->any = true;
    if (container_is_id(name))
        return texts_add(&m->containers, name, e);
    if (m->names) {
        m->root = root;
        r = container_names_add(m->names, root, name, &number, e);
        return r < 0 ? r : list_add(&m->named, number, e);
    }
    r = container_find(root, name, id, e);
    return r < 0 ? r : texts_add(&m->containers, id, e);
}

static const char *namespace_type(const char *word)
{
    static const char *const types[] = {"cgroup", "ipc",  "mnt",  "net",
                                        "pid",    "time", "user", "uts"};

    for (size_t i = 0; i < ARRAY_SIZE(types); i++)
        if (streq(types[i], word))
            return types[i];
    return NULL;
}

static int add_namespace(struct match *m, struct process *p, const char *word, struct err *e)
{
    struct match_namespace *ns = &m->namespaces[m->n_namespaces];
    const char *type = namespace_type(word);
    int r;

    if (!type)
        return err_usage(e, -EINVAL,
                         "\"%s\": is no type of namespace; there are cgroup, ipc, mnt, net, pid, "
                         "time, user and uts",
                         word);
    if (m->n_namespaces == ARRAY_SIZE(m->namespaces))
        return err_usage(e, -EINVAL, "more than %zu namespaces", ARRAY_SIZE(m->namespaces));
    r = process_ns(p, type, ns->id);
    if (r == -ENOENT || r == -ESRCH)
        return err_usage(e, -EINVAL, "process %d: is not there, or has no %s namespace",
                         (int)p->pid, type);
    if (r < 0)
        return err_sys(e, r, "process %d: cannot look at its %s namespace", (int)p->pid, type);
    ns->type = type;
    ns->pid = p->pid;
    m->n_namespaces++;
    return 0;
}

int match_namespaces(struct match *m, const struct root *root, const char *text, struct err *e)
{
    _cleanup_(free_ptr) char *copy = strdup(text);
    _cleanup_(process_clear) struct process p = PROCESS_INIT;
    _cleanup_(close_fd) int proc = -1;
    char *colon, *rest = copy, *word;
    int64_t pid;
    int r = 0;

    if (!copy)
        return err_oom(e);
    colon = strrchr(copy, ':');
    if (!colon || size_parse_number(colon + 1, 1, INT32_MAX, &pid, NULL) < 0)
        return err_usage(e, -EINVAL, "\"%s\": wanted types and a process, such as net,pid:1", text);
    *colon = '\0';
    proc = root_openat(root, "/proc", O_RDONLY | O_DIRECTORY, 0);
    if (proc < 0)
        return err_sys(e, proc, "%s/proc: cannot open", root->path);
    process_begin(&p, proc, root->live, (pid_t)pid);
    m->any = true;
    while (r == 0 && (word = strsep(&rest, ",")))
        r = add_namespace(m, &p, word, e);
    return r;
}

/* ---- numbers */

int match_size(struct match *m, enum match_sizes what, const char *text, struct err *e)
{
    struct match_size size = {.what = what};
    const char *number = text + 1;
    int r;

    if (*text != '>' && *text != '<')
        return err_usage(e, -EINVAL, "\"%s\": wanted a comparison, such as '>1G' or '<=512M'",
                         text);
    if (m->n_sizes == ARRAY_SIZE(m->sizes))
        return err_usage(e, -EINVAL, "more than %zu comparisons", ARRAY_SIZE(m->sizes));
    size.sign = *text == '>' ? MATCH_MORE : MATCH_LESS;
    if (*number == '=') {
        size.sign = *text == '>' ? MATCH_AT_LEAST : MATCH_AT_MOST;
        number++;
    }
    number += strspn(number, " ");
    r = size_parse(number, &size.bytes, e);
    if (r < 0)
        return r;
    m->sizes[m->n_sizes++] = size;
    m->any = true;
    return 0;
}

void match_older(struct match *m, uint64_t ms)
{
    m->has_older = m->any = true;
    m->older_ms = ms;
}

void match_newer(struct match *m, uint64_t ms)
{
    m->has_newer = m->any = true;
    m->newer_ms = ms;
}

void match_subtree(struct match *m, pid_t pid)
{
    m->any = true;
    m->subtree = pid;
}

void match_kthreads(struct match *m)
{
    m->any = m->kthreads = true;
}

bool match_is_volatile(const struct match *m)
{
    return m->n_sizes > 0 || m->has_older || m->has_newer || m->states[0] || m->cgroups.n > 0 ||
           m->containers.n > 0 || m->named.n > 0 || m->n_namespaces > 0 || m->subtree ||
           m->terminals.used || m->numbers[MATCH_PARENT].used || m->numbers[MATCH_PGROUP].used ||
           m->invert;
}

/* ---- time and tree */

/* Since boot, as the start times of processes count; the file of /proc may be hidden. */
static uint64_t now_ms(const struct root *root)
{
    _cleanup_(free_ptr) char *text = NULL;
    uint64_t ms;

    if (root->live)
        return monotonic_boot_ms();
    if (root_read(root, "/proc/uptime", &text, NULL, NULL) < 0)
        return 0;
    text[strcspn(text, " \n")] = 's'; /* "350.25 600.12" is 350.25 seconds */
    text[strcspn(text, "s") + 1] = '\0';
    return size_parse_duration(text, &ms, NULL) < 0 ? 0 : ms;
}

int match_begin(struct match *m, const struct root *root, struct procscan *s, struct err *e)
{
    int r = 0;

    m->now_ms = now_ms(root);
    if (m->subtree)
        r = proctree_read(&m->tree, s, e);
    return r < 0 ? r : procscan_rewind(s, e);
}
