/* SPDX-License-Identifier: MIT */
#include "proc.h"
#include "abi.h"

static void copy_name(struct kv_span in, char out[static PROC_NAME_MAX])
{
    size_t n = in.n < PROC_NAME_MAX ? in.n : PROC_NAME_MAX - 1;

    memcpy(out, in.p, n);
    out[n] = '\0';
}

/* ---- stat */

/* The next number of the line; *text is moved behind it. */
static int next_number(const char **text, int64_t *out)
{
    const char *p = *text;
    struct kv_span digits;
    bool negative;
    uint64_t n;
    int r;

    p += *p == ' ';
    negative = *p == '-';
    p += negative;
    digits = (struct kv_span){p, strcspn(p, " \n")};
    r = kv_u64(digits, &n, NULL);
    if (r < 0)
        return r;
    if (n > INT64_MAX) /* an address or a limit, none of which is asked for */
        n = INT64_MAX;
    *out = negative ? -(int64_t)n : (int64_t)n;
    *text = digits.p + digits.n;
    return 0;
}

/* Fields count from 1, proc_pid_stat(5). */
enum {
    PPID = 4,
    PGROUP = 5,
    SESSION = 6,
    TTY = 7,
    FLAGS = 9,
    MINOR_FAULTS = 10,
    MAJOR_FAULTS = 12,
    UTIME = 14,
    STIME = 15,
    THREADS = 20,
    START = 22,
    MAPPED = 23,
    EXIT_CODE = 52
};

static int parse_fields(const char *text, struct proc_stat *s)
{
    int64_t field[EXIT_CODE + 1] = {0};

    for (int i = PPID; i <= EXIT_CODE; i++) {
        int r = next_number(&text, &field[i]);

        if (r < 0 && i > START && *text != ' ')
            break; /* an older kernel tells less */
        if (r < 0)
            return r;
    }
    s->ppid = (pid_t)field[PPID];
    s->pgroup = (pid_t)field[PGROUP];
    s->session = (pid_t)field[SESSION];
    s->flags = (uint32_t)field[FLAGS];
    s->threads = (uint32_t)field[THREADS];
    s->faults = (uint64_t)field[MINOR_FAULTS] + (uint64_t)field[MAJOR_FAULTS];
    s->cpu = (uint64_t)field[UTIME] + (uint64_t)field[STIME];
    s->start = (uint64_t)field[START];
    s->mapped = (uint64_t)field[MAPPED];
    s->exit_code = (int)field[EXIT_CODE];
    s->tty = (uint32_t)field[TTY];
    return 0;
}

int proc_stat_parse(const char *text, struct proc_stat *out)
{
    const char *open = strchr(text, '('), *close = strrchr(text, ')');
    struct proc_stat s = {0};
    int r;

    if (!open || !close || close < open || close[1] != ' ' || close[2] == '\0')
        return -EBADMSG;
    copy_name((struct kv_span){open + 1, (size_t)(close - open - 1)}, s.name);
    s.state = close[2];
    r = parse_fields(close + 3, &s);
    if (r == 0)
        *out = s;
    return r;
}

bool proc_stat_is_kthread(const struct proc_stat *s)
{
    return s->flags & ABI_PF_KTHREAD;
}

bool proc_stat_is_fork(const struct proc_stat *s)
{
    return s->flags & ABI_PF_FORKNOEXEC;
}

static bool leader_has_ended(const struct proc_stat *s)
{
    return s->state == 'Z' || s->state == 'X';
}

bool proc_stat_is_zombie(const struct proc_stat *s)
{
    return leader_has_ended(s) && s->threads <= 1;
}

bool proc_stat_lost_leader(const struct proc_stat *s)
{
    return leader_has_ended(s) && s->threads > 1;
}

/* ---- status */

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
static int parse_ids(struct kv_span ids, uint32_t *real, uint32_t *effective)
{
    uint64_t first, second;
    struct kv_span rest;
    int r = kv_u64(ids, &first, &rest);

    if (r == 0)
        r = kv_u64(rest, &second, &rest);
    if (r < 0)
        return r;
    if (first > UINT32_MAX || second > UINT32_MAX)
        return -EOVERFLOW;
    *real = (uint32_t)first;
    *effective = (uint32_t)second;
    return 0;
}

/* Return: 0, with *has false if the line is not there; or a negated errno. */
static int parse_memory(struct kv_span value, bool *has, uint64_t *bytes)
{
    int r;

    while (value.n > 0 && *value.p == ' ')
        value = (struct kv_span){value.p + 1, value.n - 1};
    r = kv_kib(value, bytes);
    *has = r == 0;
    return r;
}

/* A set of signals in hexadecimal digits: is SIGKILL, the ninth, among them? */
static bool has_sigkill(struct kv_span set)
{
    const char *digit = set.n >= 3 ? set.p + set.n - 3 : "0";
    const char *odd = "13579bdf";

    return *digit && strchr(odd, *digit) != NULL;
}

int proc_status_parse(const char *text, struct proc_status *out)
{
    struct proc_status s = {.rgid = (gid_t)-1, .egid = (gid_t)-1};
    struct kv_span value;
    int r;

    /* the kernel's order, so that the text is gone through once */
    if (!FIND(&text, "Name:", &value))
        return -ENODATA;
    unescape(value, s.name);
    if (!FIND(&text, "Uid:", &value))
        return -ENODATA;
    r = parse_ids(value, &s.ruid, &s.euid);
    if (r < 0)
        return r;
    if (FIND(&text, "Gid:", &value))
        r = parse_ids(value, &s.rgid, &s.egid);
    if (r == 0 && FIND(&text, "VmRSS:", &value))
        r = parse_memory(value, &s.has_rss, &s.rss);
    if (r == 0 && s.has_rss && FIND(&text, "RssAnon:", &value))
        r = parse_memory(value, &s.has_parts, &s.rss_anon);
    if (r == 0 && s.has_parts && FIND(&text, "RssShmem:", &value))
        r = parse_memory(value, &s.has_parts, &s.rss_shmem);
    if (r == 0 && FIND(&text, "VmSwap:", &value))
        r = parse_memory(value, &s.has_swap, &s.swap);
    if (s.has_rss && FIND(&text, "SigPnd:", &value))
        s.killed = has_sigkill(value);
    if (s.has_rss && FIND(&text, "ShdPnd:", &value))
        s.killed |= has_sigkill(value);
    if (r == 0)
        *out = s;
    return r;
}

struct kv_span proc_comm_parse(const char *text, size_t len)
{
    return (struct kv_span){text, len > 0 && text[len - 1] == '\n' ? len - 1 : len};
}

int proc_pss_parse(const char *text, uint64_t *out)
{
    struct kv_span value;

    return kv_find(text, ':', "Pss", &value) ? kv_kib(value, out) : -ENODATA;
}

int proc_uss_parse(const char *text, uint64_t *out)
{
    struct kv_span clean, dirty;
    uint64_t a, b;
    int r;

    if (!kv_find(text, ':', "Private_Clean", &clean) ||
        !kv_find(text, ':', "Private_Dirty", &dirty))
        return -ENODATA;
    r = kv_kib(clean, &a);
    if (r == 0)
        r = kv_kib(dirty, &b);
    if (r < 0)
        return r;
    if (__builtin_add_overflow(a, b, &a))
        return -EOVERFLOW;
    *out = a;
    return 0;
}

int proc_statm_parse(const char *text, uint64_t page, uint64_t *out)
{
    struct kv_span rest = {text, strcspn(text, "\n")};
    uint64_t size, resident;
    int r = kv_u64(rest, &size, &rest);

    if (r == 0)
        r = kv_u64(rest, &resident, &rest);
    if (r < 0)
        return r;
    /* the text may end within a number: what is there of it is another one */
    if (rest.n == 0)
        return -EBADMSG;
    if (__builtin_mul_overflow(resident, page, &resident))
        return -EOVERFLOW;
    *out = resident;
    return 0;
}

/* ---- command lines */

size_t proc_cmdline_length(const char *text, size_t len)
{
    size_t first = strnlen(text, len), end = len;

    while (end > first && text[end - 1] == '\0')
        end--;
    if (end == first && memchr(text, ' ', first))
        return first;
    /* empty words at the end are words */
    return len > 0 && text[len - 1] == '\0' ? len - 1 : len;
}

struct proc_words proc_words_of(const char *text, size_t len)
{
    return (struct proc_words){len > 0 ? text : NULL, text + len};
}

bool proc_words_next(struct proc_words *words, struct kv_span *word)
{
    const char *end;

    if (!words->p)
        return false;
    end = memchr(words->p, '\0', (size_t)(words->end - words->p));
    *word = (struct kv_span){words->p, (size_t)((end ? end : words->end) - words->p)};
    words->p = end ? end + 1 : NULL;
    return true;
}

bool proc_words_end_with(struct kv_span text, struct kv_span tail)
{
    const char *at = text.p + text.n - tail.n;

    return tail.n > 0 && text.n > tail.n && at[-1] == '\0' && memcmp(at, tail.p, tail.n) == 0;
}

struct kv_span proc_basename(struct kv_span path)
{
    const char *slash = path.n ? memrchr(path.p, '/', path.n) : NULL;

    if (!slash)
        return path;
    return (struct kv_span){slash + 1, path.n - (size_t)(slash + 1 - path.p)};
}

static bool begins_with(struct kv_span text, struct kv_span start)
{
    return text.n >= start.n && memcmp(text.p, start.p, start.n) == 0;
}

struct kv_span proc_full_name(struct kv_span comm, struct kv_span cmdline, struct kv_span exe)
{
    struct proc_words words = proc_words_of(cmdline.p, cmdline.n);
    struct kv_span word;

    /* "interpreter script", or "interpreter option script" */
    for (int i = 0; i < 3 && proc_words_next(&words, &word); i++) {
        word = proc_basename(word);
        if (begins_with(word, comm))
            return word;
    }
    exe = proc_basename(exe);
    return begins_with(exe, comm) ? exe : comm;
}

/* ---- environment, cgroup, exe */

bool proc_environ_find(const char *text, size_t len, struct kv_span key, struct kv_span *value)
{
    struct proc_words words = proc_words_of(text, len);
    struct kv_span word;

    while (proc_words_next(&words, &word)) {
        if (word.n > key.n && word.p[key.n] == '=' && begins_with(word, key)) {
            *value = (struct kv_span){word.p + key.n + 1, word.n - key.n - 1};
            return true;
        }
    }
    return false;
}

static struct kv_span without_suffix(struct kv_span s, const char *suffix)
{
    size_t n = strlen(suffix);

    if (s.n <= n || memcmp(s.p + s.n - n, suffix, n) != 0)
        return (struct kv_span){s.p, 0};
    return (struct kv_span){s.p, s.n - n};
}

bool proc_cgroup_next(const char **cursor, struct proc_cgroup *out)
{
    while (**cursor) {
        const char *line = *cursor, *end = strchrnul(line, '\n');
        const char *first = memchr(line, ':', (size_t)(end - line));
        const char *second = first ? memchr(first + 1, ':', (size_t)(end - first - 1)) : NULL;
        struct kv_span live;

        *cursor = *end ? end + 1 : end;
        if (!second || second[1] != '/')
            continue;
        out->controllers = (struct kv_span){first + 1, (size_t)(second - first - 1)};
        out->path = (struct kv_span){second + 1, (size_t)(end - second - 1)};
        live = without_suffix(out->path, " (deleted)");
        if (live.n > 0)
            out->path = live;
        return true;
    }
    return false;
}

struct kv_span proc_cgroup_memory(const char *text)
{
    struct kv_span best = {"", 0};
    struct proc_cgroup line;
    int rank = 0;

    while (proc_cgroup_next(&text, &line)) {
        int mine = kv_span_eq(line.controllers, "memory") ? 3 : line.controllers.n == 0 ? 2 : 1;

        if (mine > rank) {
            best = line.path;
            rank = mine;
        }
    }
    return best;
}

struct kv_span proc_exe_deleted(struct kv_span link)
{
    return without_suffix(link, " (deleted)");
}

pid_t proc_pid_parse(const char *name)
{
    pid_t pid = 0;

    if (*name < '1' || *name > '9')
        return 0;
    for (; *name >= '0' && *name <= '9'; name++)
        if (__builtin_mul_overflow(pid, 10, &pid) || __builtin_add_overflow(pid, *name - '0', &pid))
            return 0;
    return *name ? 0 : pid;
}
