/* SPDX-License-Identifier: MIT */
#include "compat_criteria.h"
#include "compat_words.h"
#include "signame.h"
#include "size.h"

#include <signal.h>
#include <sys/file.h>

#define AT(member) offsetof(struct compat_criteria_options, member)

const struct opt compat_criteria_opts[] = {
    {'f', "full", OPT_FLAG, AT(full), NULL, "compare PATTERN with the whole command line"},
    {'i', "ignore-case", OPT_FLAG, AT(ignore_case), NULL, "PATTERN's letters have one case"},
    {'x', "exact", OPT_FLAG, AT(exact), NULL, "PATTERN must match all of it, not a part"},
    {'n', "newest", OPT_FLAG, AT(newest), NULL, "of the matches the one that started last"},
    {'o', "oldest", OPT_FLAG, AT(oldest), NULL, "of the matches the one that started first"},
    {'O', "older", OPT_STRING, AT(older), "SECONDS", "runs at least so long"},
    {'p', "pid", OPT_STRING, AT(numbers[MATCH_PID]), "PIDS", "is one of these"},
    {'P', "parent", OPT_STRING, AT(numbers[MATCH_PARENT]), "PIDS", "its parent is one of these"},
    {'F', "pidfile", OPT_STRING, AT(pidfile), "FILE",
     "its number stands in FILE; -: on standard input"},
    {'L', "logpidfile", OPT_FLAG, AT(locked), NULL, "fail if that file is not locked"},
    {'g', "pgroup", OPT_STRING, AT(numbers[MATCH_PGROUP]), "PGIDS",
     "is in one of these process groups; 0: in our own"},
    {'s', "session", OPT_STRING, AT(numbers[MATCH_SESSION]), "SIDS",
     "is in one of these sessions; 0: in our own"},
    {'t', "terminal", OPT_STRING, AT(terminals), "TTYS", "is at one of these; ?: at none"},
    {'u', "euid", OPT_STRING, AT(ids[MATCH_EUID]), "USERS", "has the rights of one of USERS"},
    {'U', "uid", OPT_STRING, AT(ids[MATCH_RUID]), "USERS", "was started by one of USERS"},
    {'G', "group", OPT_STRING, AT(ids[MATCH_RGID]), "GROUPS", "its real group is one of GROUPS"},
    {'r', "runstates", OPT_STRING, AT(states), "STATES", "is in one of these states: D,R,S,Z..."},
    {'A', "ignore-ancestors", OPT_FLAG, AT(ignore_ancestors), NULL, "not what has started us"},
    {0, "cgroup", OPT_STRING, AT(cgroups), "PATHS", "is in one of these groups of cgroup v2"},
    {0, "env", OPT_STRING, AT(variables), "K[=V],...", "has one of these environment variables"},
    {0, "ns", OPT_STRING, AT(ns), "PID", "is in the same namespaces as PID"},
    {0, "nslist", OPT_STRING, AT(nslist), "TYPES",
     "with --ns, only these count: ipc, mnt, net, pid, user, uts"},
    {0, "signal", OPT_STRING, AT(signal), "SIGNAL", "the signal: a name or a number"},
    {'H', "require-handler", OPT_FLAG, AT(handler), NULL, "has a handler for that signal"},
    OPT_END,
};

void compat_criteria_clear(struct compat_criteria *c)
{
    match_clear(&c->match);
    if (c->has_line)
        pattern_clear(&c->line);
}

/* ---- what match does not know */

int compat_criteria_line(struct process *p, char **out)
{
    const struct proc_stat *stat;
    struct kv_span text;
    int r = process_line(p, &text);

    if (r == 0 && text.n > 0) {
        *out = strndup(text.p, text.n);
        return *out ? 0 : -ENOMEM;
    }
    if (r == 0)
        r = process_stat(p, &stat);
    if (r < 0)
        return r;
    return asprintf(out, "[%s]%s", stat->name, proc_stat_is_zombie(stat) ? " <defunct>" : "") < 0
               ? -ENOMEM
               : 0;
}

static int test_line(const struct compat_criteria *c, struct process *p)
{
    _cleanup_(free_ptr) char *line = NULL;
    struct kv_span text;
    int r;

    if (!c->has_line)
        return 1;
    r = process_line(p, &text);
    if (r < 0)
        return r;
    if (text.n > 0)
        return pattern_test(&c->line, text.p, text.n);
    r = compat_criteria_line(p, &line);
    return r < 0 ? r : pattern_test(&c->line, line, strlen(line));
}

static bool is_listed(const char *list, struct kv_span path)
{
    struct kv_span word;

    while (compat_words_next(&list, &word))
        if (word.n == path.n && memcmp(word.p, path.p, word.n) == 0)
            return true;
    return false;
}

static int test_cgroups(const struct compat_criteria *c, struct process *p)
{
    struct proc_cgroup group;
    const char *text;
    int r;

    if (!c->options->cgroups)
        return 1;
    r = process_cgroup(p, &text);
    if (r < 0)
        return r;
    while (proc_cgroup_next(&text, &group))
        if (group.controllers.n == 0 && is_listed(c->options->cgroups, group.path))
            return 1;
    return 0;
}

static int test_variables(const struct compat_criteria *c, struct process *p)
{
    const char *list = c->options->variables;
    struct kv_span all, word, value;
    int r;

    if (!list)
        return 1;
    r = process_environ(p, &all);
    if (r < 0)
        return r == -ENODATA ? 0 : r;
    while (compat_words_next(&list, &word)) {
        const char *equals = memchr(word.p, '=', word.n);
        struct kv_span key = {word.p, equals ? (size_t)(equals - word.p) : word.n};
        size_t rest = equals ? word.n - key.n - 1 : 0;

        if (proc_environ_find(all.p, all.n, key, &value) &&
            (!equals || (value.n == rest && memcmp(value.p, equals + 1, rest) == 0)))
            return 1;
    }
    return 0;
}

/* "SigCgt:	0000000180014a07": a bit for each signal that has a handler. */
static int test_handler(const struct compat_criteria *c, struct process *p)
{
    const struct proc_status *status;
    struct kv_span mask;
    int r;

    if (!c->options->handler)
        return 1;
    r = process_status(p, &status);
    if (r < 0)
        return r;
    if (c->signal < 1 || !kv_find(p->text[PROCESS_STATUS].p, ':', "SigCgt", &mask))
        return 0;
    return strtoull(mask.p, NULL, 16) >> (c->signal - 1) & 1;
}

static int test_own(const void *arg, struct process *p)
{
    static int (*const tests[])(const struct compat_criteria *, struct process *) = {
        test_line, test_cgroups, test_handler, test_variables};

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++) {
        int r = tests[i](arg, p);

        if (r != 1)
            return r;
    }
    return 1;
}

/* ---- lists */

/* Does the list name anything? */
static int check_list(const char *list, struct err *e)
{
    struct kv_span word;

    return compat_words_next(&list, &word) ? 0 : err_usage(e, -EINVAL, "invalid empty list");
}

/* Numbers that no process can have are none that any has. */
static bool is_number(const char *word)
{
    word += *word == '-' || *word == '+';
    return *word && word[strspn(word, "0123456789")] == '\0';
}

static int add_number(struct match *m, enum match_numbers what, const char *word, struct err *e)
{
    static const char *const wrong[] = {"not a number", "not a number", "invalid session id",
                                        "invalid process group"};

    if (!is_number(word))
        return err_usage(e, -EINVAL, "%s: %s", wrong[what], word);
    word += *word == '+';
    if (what == MATCH_PARENT && strspn(word, "0") == strlen(word))
        return match_number(m, what, 0, e);
    m->any = m->numbers[what].used = true;
    match_numbers(m, what, word, NULL);
    return 0;
}

static int add_id(struct match *m, const struct root *root, enum match_ids what, const char *word,
                  struct err *e)
{
    bool group = what == MATCH_EGID || what == MATCH_RGID;
    int r = 0;

    m->any = m->ids[what].used = true;
    if (is_number(word))
        match_users(m, root, what, word, NULL);
    else
        r = match_users(m, root, what, word, e);
    return r == -EINVAL ? err_usage(e, r, "invalid %s name: %s", group ? "group" : "user", word)
                        : r;
}

/* A terminal that is not there is that of no process; what match writes "-" is "?" here. */
static int add_terminal(struct match *m, const struct root *root, const char *word)
{
    m->any = m->terminals.used = true;
    if (!streq(word, "-"))
        match_terminals(m, root, streq(word, "?") ? "-" : word, NULL);
    return 0;
}

enum kind { NUMBERS, IDS, TERMINALS };

/* One of the lists that match reads word by word. */
static int add_list(struct match *m, const struct root *root, enum kind kind, int what,
                    const char *list, struct err *e)
{
    struct kv_span word;
    int r;

    if (!list)
        return 0;
    r = check_list(list, e);
    while (r == 0 && compat_words_next(&list, &word)) {
        _cleanup_(free_ptr) char *copy = strndup(word.p, word.n);

        if (!copy)
            return err_oom(e);
        r = kind == NUMBERS ? add_number(m, (enum match_numbers)what, copy, e)
            : kind == IDS   ? add_id(m, root, (enum match_ids)what, copy, e)
                            : add_terminal(m, root, copy);
    }
    return r;
}

static int add_states(struct match *m, const char *list, struct err *e)
{
    if (!list)
        return 0;
    if (list[strspn(list, ",")] == '\0')
        return err_usage(e, -EINVAL, "invalid empty list");
    for (; *list; list++) {
        const char letter[] = {*list, '\0'};

        if (*list != ',' && match_states(m, letter, NULL) < 0)
            return err_usage(e, -EINVAL, "invalid process state: %s", letter);
    }
    return 0;
}

static int add_namespaces(const struct compat_criteria_options *o, struct match *m,
                          const struct root *root, struct err *e)
{
    const char *types = o->nslist ? o->nslist : "ipc,mnt,net,pid,user,uts";
    _cleanup_(free_ptr) char *text = NULL;
    int r;

    if (o->nslist && !o->ns)
        return err_usage(e, -EINVAL, "--nslist without --ns makes no sense");
    if (!o->ns)
        return 0;
    if (!is_number(o->ns))
        return err_usage(e, -EINVAL, "not a number: %s", o->ns);
    r = check_list(types, e);
    if (r < 0)
        return r;
    if (asprintf(&text, "%s:%s", types, o->ns) < 0) {
        text = NULL;
        return err_oom(e);
    }
    return match_namespaces(m, root, text, e);
}

/* ---- the file with a number */

static bool is_locked(int fd)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};

    if (flock(fd, LOCK_SH | LOCK_NB) < 0)
        return errno == EWOULDBLOCK;
    flock(fd, LOCK_UN);
    return fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

/* What follows the number does not count if a blank is between. */
static int add_pidfile(const struct compat_criteria_options *o, const struct root *root,
                       struct match *m, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    _cleanup_(free_ptr) char *text = NULL;
    size_t len;
    char *number;
    int r;

    fd = root_open_named(root, streq(o->pidfile, "-") ? "/dev/stdin" : o->pidfile, O_RDONLY);
    if (fd < 0)
        return err_sys(e, fd, "Unable to open pidfile");
    if (o->locked && !is_locked(fd))
        return err_set(e, -ENOLCK, "Locking check for pidfile failed");
    r = root_read_fd(fd, o->pidfile, &text, NULL, e);
    if (r < 0)
        return r;
    number = text + strspn(text, " \t");
    len = strspn(number, "0123456789");
    if (len == 0 || !strchr(" \t\r\n", number[len]))
        return err_set(e, -EBADMSG, "pidfile not valid");
    number[len] = '\0';
    return add_number(m, MATCH_PID, number, e);
}

/* ---- all of them */

static int add_pattern(const char *text, const struct compat_criteria_options *o,
                       struct compat_criteria *c, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    unsigned flags = (o->exact ? PATTERN_EXACT : 0) | (o->ignore_case ? PATTERN_IGNORE_CASE : 0);
    int r;

    if (!text)
        return 0;
    c->match.subject = MATCH_COMM;
    r = o->full ? pattern_compile(text, flags, &c->line, &why)
                : match_pattern(&c->match, text, flags, &why);
    c->has_line = r == 0 && o->full;
    if (r == -EINVAL && *text)
        return err_usage(e, r, "regex error: %s", why.text);
    return r < 0 ? err_usage(e, r, "%s", why.text) : 0;
}

static int add_lists(const struct compat_criteria_options *o, const struct root *root,
                     struct match *m, struct err *e)
{
    int r = 0;

    for (int i = 0; r == 0 && i < MATCH_NUMBERS; i++)
        r = add_list(m, root, NUMBERS, i, o->numbers[i], e);
    for (int i = 0; r == 0 && i < MATCH_IDS; i++)
        r = add_list(m, root, IDS, i, o->ids[i], e);
    if (r == 0)
        r = add_list(m, root, TERMINALS, 0, o->terminals, e);
    if (r == 0)
        r = add_states(m, o->states, e);
    if (r == 0 && o->cgroups)
        r = check_list(o->cgroups, e);
    if (r == 0 && o->variables)
        r = check_list(o->variables, e);
    return r == 0 ? add_namespaces(o, m, root, e) : r;
}

static int add_numbers(const struct compat_criteria_options *o, struct compat_criteria *c,
                       struct err *e)
{
    int64_t seconds;

    c->signal = SIGTERM;
    if (o->signal && signame_parse(o->signal, &c->signal, NULL) < 0)
        return err_usage(e, -EINVAL, "Unknown signal \"%s\".", o->signal);
    if (!o->older)
        return 0;
    if (size_parse_number(o->older, 0, INT32_MAX, &seconds, NULL) < 0)
        return err_usage(e, -EINVAL, "not a number: %s", o->older);
    match_older(&c->match, (uint64_t)seconds * 1000);
    return 0;
}

static int check(const struct compat_criteria_options *o, const struct compat_criteria *c,
                 struct err *e)
{
    bool any = c->match.any || c->has_line || o->newest || o->oldest || o->handler || o->cgroups ||
               o->variables || o->pidfile;

    if (o->locked && !o->pidfile)
        return err_usage(e, -EINVAL, "-L without -F makes no sense");
    if (o->pidfile && o->numbers[MATCH_PID])
        return err_usage(e, -EINVAL, "Cannot use pidfile and pid option together");
    if (o->newest + o->oldest + o->inverse > 1)
        return err_usage(e, -EINVAL, "-n, -o and -v exclude each other");
    return any ? 0 : err_usage(e, -EINVAL, "no matching criteria specified");
}

int compat_criteria_read(const struct cmd_context *ctx,
                         const struct compat_criteria_options *options, const char *pattern,
                         struct compat_criteria *c, int *status, struct err *e)
{
    int r = add_pattern(pattern, options, c, e);

    *status = CMD_FAILED;
    if (r == 0)
        r = add_lists(options, &ctx->root, &c->match, e);
    if (r == 0)
        r = add_numbers(options, c, e);
    if (r == 0)
        r = check(options, c, e);
    if (r == 0 && options->pidfile) {
        r = add_pidfile(options, &ctx->root, &c->match, e);
        *status = CMD_NO;
    }
    c->options = options;
    c->match.own = test_own;
    c->match.own_arg = c;
    c->match.zombies = true;
    c->match.invert = options->inverse;
    return r;
}
