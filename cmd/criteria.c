/* SPDX-License-Identifier: MIT */
#include "criteria.h"

#include "words.h"

#define AT(member) offsetof(struct criteria, member)

const struct opt criteria_opts[] = {
    {'f', "full", OPT_FLAG, AT(full), NULL, "compare PATTERN with the whole command line"},
    {'F', "literal", OPT_FLAG, AT(literal), NULL, "PATTERN is a piece of text"},
    {'x', "exact", OPT_FLAG, AT(exact), NULL, "PATTERN must match all of it, not a part"},
    {'i', "ignore-case", OPT_FLAG, AT(ignore_case), NULL, "a PATTERN's letters have one case"},
    {0, "arg", OPT_STRINGS, AT(arguments), "ARG", "an argument that equals ARG"},
    {0, "cmdline", OPT_STRING, AT(words), "WORDS",
     "the command line is these words, quoted as for a shell"},
    {0, "exe", OPT_FILE, AT(exe), "PATH", "runs this executable, also if it was deleted"},
    {0, "script", OPT_FILE, AT(script), "PATH", "is an interpreter that runs this script"},
    {'u', "euid", OPT_STRINGS, AT(ids[MATCH_EUID]), "USERS", "has the rights of one of USERS"},
    {'U', "uid", OPT_STRINGS, AT(ids[MATCH_RUID]), "USERS", "was started by one of USERS"},
    {'g', "egid", OPT_STRINGS, AT(ids[MATCH_EGID]), "GROUPS", "has the rights of one of GROUPS"},
    {'G', "gid", OPT_STRINGS, AT(ids[MATCH_RGID]), "GROUPS", "its real group is one of GROUPS"},
    {'p', "pid", OPT_STRINGS, AT(numbers[MATCH_PID]), "PIDS", "is one of these"},
    {'P', "parent", OPT_STRINGS, AT(numbers[MATCH_PARENT]), "PIDS", "its parent is one of these"},
    {0, "subtree", OPT_NUMBER, AT(subtree), "PID", "is PID or descends from it", .min = 1,
     .max = INT32_MAX},
    {'s', "session", OPT_STRINGS, AT(numbers[MATCH_SESSION]), "SIDS",
     "is in one of these sessions; 0: in our own"},
    {0, "pgroup", OPT_STRINGS, AT(numbers[MATCH_PGROUP]), "PGIDS",
     "is in one of these process groups; 0: in our own"},
    {'t', "terminal", OPT_STRINGS, AT(terminals), "TTYS",
     "is at one of these terminals, such as pts/0; -: at none"},
    {0, "state", OPT_STRINGS, AT(states), "STATES", "is in one of these states: R,S,D,T,t,Z,I"},
    {0, "older", OPT_DURATION, AT(older), "DURATION", "runs at least so long"},
    {0, "newer", OPT_DURATION, AT(newer), "DURATION", "runs less than so long"},
    {0, "newest", OPT_FLAG, AT(newest), NULL, "of the matches the one that started last"},
    {0, "oldest", OPT_FLAG, AT(oldest), NULL, "of the matches the one that started first"},
    {0, "cgroup", OPT_STRINGS, AT(cgroups), "PATH", "is in or below this control group; * ? []"},
    {0, "container", OPT_STRINGS, AT(containers), "ID|NAME", "is in this container"},
    {0, "ns", OPT_STRINGS, AT(namespaces), "TYPES:PID",
     "is in the same namespaces of these types as PID, such as net,pid:1"},
    {0, "env", OPT_STRINGS, AT(variables), "K[=V]", "has this environment variable"},
    {0, "rss", OPT_STRINGS, AT(sizes[MATCH_RSS]), "CMP", "memory in RAM, such as '>1G'"},
    {0, "swap", OPT_STRINGS, AT(sizes[MATCH_SWAP]), "CMP", "memory in swap, such as '>=100M'"},
    {0, "pss", OPT_STRINGS, AT(sizes[MATCH_PSS]), "CMP",
     "its share of memory in RAM; takes long to find out"},
    {0, "pidfile", OPT_FILE, AT(pidfile), "FILE", "its number stands in FILE"},
    {0, "locked", OPT_FLAG, AT(locked), NULL, "with --pidfile: and FILE is locked"},
    {0, "kthread", OPT_FLAG, AT(kthread), NULL, "is a kernel thread"},
    {'v', "invert", OPT_FLAG, AT(invert), NULL, "those that do not meet all criteria"},
    {0, "include-self", OPT_FLAG, AT(include_self), NULL,
     "also procfind, its ancestors, their subshells, and its pipeline"},
    {0, "include-wrappers", OPT_FLAG, AT(include_wrappers), NULL,
     "also what has started a match by its very words, such as sudo"},
    OPT_END,
};

const struct criteria criteria_defaults = CRITERIA_DEFAULTS;

static int add_patterns(const struct criteria *c, const char *const *patterns, struct match *m,
                        struct err *e)
{
    unsigned flags = (c->literal ? PATTERN_LITERAL : 0) | (c->exact ? PATTERN_EXACT : 0) |
                     (c->ignore_case ? PATTERN_IGNORE_CASE : 0);
    int r = 0;

    m->subject = c->full ? MATCH_LINE : MATCH_NAME;
    for (; *patterns && r == 0; patterns++)
        r = match_pattern(m, *patterns, flags, e);
    return r;
}

/* Criteria that are added one by one, with and without a root. */
typedef int adder(struct match *m, const char *text, struct err *e);
typedef int rooted_adder(struct match *m, const struct root *root, const char *text, struct err *e);

static int add_each(const char *option, const char *const *texts, struct match *m, adder *add,
                    struct err *e)
{
    int r = 0;

    for (; texts && *texts && r == 0; texts++)
        r = opt_blame(option, add(m, *texts, e), e);
    return r;
}

static int add_each_rooted(const char *option, const char *const *texts, struct match *m,
                           const struct root *root, rooted_adder *add, struct err *e)
{
    int r = 0;

    for (; texts && *texts && r == 0; texts++)
        r = opt_blame(option, add(m, root, *texts, e), e);
    return r;
}

static int add_lines(const struct criteria *c, const struct root *root, struct match *m,
                     struct err *e)
{
    int r = add_each("arg", c->arguments, m, match_argument, e);

    if (r == 0 && c->words)
        r = opt_blame("cmdline", match_words(m, c->words, e), e);
    if (r == 0 && c->exe)
        r = opt_blame("exe", match_exe(m, root, c->exe, e), e);
    if (r == 0 && c->script)
        r = opt_blame("script", match_script(m, root, c->script, e), e);
    if (r == 0)
        r = add_each("env", c->variables, m, match_variable, e);
    return r;
}

static int add_numbers(const struct criteria *c, struct match *m, struct err *e)
{
    static const char *const names[] = {"pid", "parent", "session", "pgroup"};
    int r = 0;

    for (int i = 0; i < MATCH_NUMBERS; i++) {
        for (const char *const *list = c->numbers[i]; list && *list && r == 0; list++)
            r = opt_blame(names[i], match_numbers(m, (enum match_numbers)i, *list, e), e);
    }
    if (c->subtree)
        match_subtree(m, (pid_t)c->subtree);
    return r;
}

static int add_users(const struct criteria *c, const struct root *root, struct match *m,
                     struct err *e)
{
    static const char *const names[] = {"euid", "uid", "egid", "gid"};
    int r = 0;

    for (int i = 0; i < MATCH_IDS; i++) {
        for (const char *const *list = c->ids[i]; list && *list && r == 0; list++)
            r = opt_blame(names[i], match_users(m, root, (enum match_ids)i, *list, e), e);
    }
    return r;
}

static int add_sizes(const struct criteria *c, struct match *m, struct err *e)
{
    static const char *const names[] = {"rss", "swap", "pss"};
    int r = 0;

    for (int i = 0; i < MATCH_SIZES; i++) {
        for (const char *const *text = c->sizes[i]; text && *text && r == 0; text++)
            r = opt_blame(names[i], match_size(m, (enum match_sizes)i, *text, e), e);
    }
    if (c->older != CRITERIA_NO_DURATION)
        match_older(m, c->older);
    if (c->newer != CRITERIA_NO_DURATION)
        match_newer(m, c->newer);
    if (c->kthread)
        match_kthreads(m);
    return r;
}

static int add_places(const struct criteria *c, const struct root *root, struct match *m,
                      struct err *e)
{
    int r = add_each("state", c->states, m, match_states, e);

    if (r == 0)
        r = add_each_rooted("terminal", c->terminals, m, root, match_terminals, e);
    if (r == 0)
        r = add_each_rooted("cgroup", c->cgroups, m, root, match_cgroup, e);
    if (r == 0)
        r = add_each_rooted("container", c->containers, m, root, match_container, e);
    if (r == 0)
        r = add_each_rooted("ns", c->namespaces, m, root, match_namespaces, e);
    return r;
}

int criteria_match(const struct criteria *c, const struct root *root, const char *const *patterns,
                   struct match *m, bool *nothing, struct err *e)
{
    int r = add_patterns(c, patterns, m, e);

    if (r == 0)
        r = add_lines(c, root, m, e);
    if (r == 0)
        r = add_numbers(c, m, e);
    if (r == 0)
        r = add_users(c, root, m, e);
    if (r == 0)
        r = add_sizes(c, m, e);
    if (r == 0)
        r = add_places(c, root, m, e);
    if (r == 0 && c->pidfile)
        r = opt_blame("pidfile", match_pidfile(m, root, c->pidfile, c->locked, e), e);
    if (r < 0)
        return r;
    *nothing = r > 0;
    m->invert = c->invert;
    return 0;
}

/* ---- what goes together */

static int exclude(bool a, bool b, const char *names, struct err *e)
{
    return a && b ? err_usage(e, -EINVAL, "%s exclude each other", names) : 0;
}

int criteria_check(const struct criteria *c, const char *const *patterns, struct err *e)
{
    int r = exclude(c->newest, c->oldest, "--newest and --oldest", e);

    if (r == 0 && c->locked && !c->pidfile)
        r = err_usage(e, -EINVAL, "--locked: is for --pidfile");
    if (r == 0)
        r = exclude(c->pidfile != NULL, c->numbers[MATCH_PID] != NULL, "--pidfile and --pid", e);
    if (r < 0)
        return r;
    if (!*patterns && (c->full || c->literal || c->exact || c->ignore_case))
        return err_usage(e, -EINVAL, "missing PATTERN for --%s",
                         c->full      ? "full"
                         : c->literal ? "literal"
                         : c->exact   ? "exact"
                                      : "ignore-case");
    return 0;
}

void criteria_choose(const struct criteria *c, const struct match *m, struct finder *f)
{
    /* whoever names a number means that process */
    f->include_self = c->include_self || m->numbers[MATCH_PID].used;
    f->include_wrappers = c->include_wrappers || m->numbers[MATCH_PID].used;
    f->pick = c->newest ? FINDER_NEWEST : c->oldest ? FINDER_OLDEST : FINDER_ALL;
}

/* ---- as text */

/* The words as arguments, which point into them; caller frees. */
static const char **arguments(const char *words, size_t len, int *n)
{
    const char **argv = calloc(len + 2, sizeof(*argv));

    if (!argv)
        return NULL;
    argv[0] = "procfind";
    *n = 1;
    for (const char *p = words; p < words + len; p += strlen(p) + 1)
        argv[(*n)++] = p;
    return argv;
}

static int read_words(struct criteria *c, const char *text, const struct root *root,
                      struct match *m, bool *nothing, struct err *e)
{
    const struct opt_group groups[] = {{NULL, criteria_opts, c}, {NULL, NULL, NULL}};
    _cleanup_(free_ptr) char *words = NULL;
    _cleanup_(free_ptr) const char **argv = NULL;
    const char *const *patterns;
    struct opt_storage *storage;
    size_t len;
    int n, r = words_split(text, &words, &len, e);

    if (r < 0)
        return r;
    argv = arguments(words, len, &n);
    if (!argv)
        return err_oom(e);
    r = opt_parse(n, argv, groups, OPT_OPERANDS, &patterns, &storage, e);
    if (r < 0)
        return r;
    r = criteria_match(c, root, patterns, m, nothing, e);
    if (r == 0)
        r = criteria_check(c, patterns, e);
    opt_free(storage);
    return r;
}

int criteria_read(const char *option, const char *text, const struct root *root, struct match *m,
                  struct finder *f, bool *nothing, struct err *e)
{
    struct criteria c = criteria_defaults;
    int r = opt_blame(option, read_words(&c, text, root, m, nothing, e), e);

    if (r < 0)
        return r;
    if (!m->any)
        return err_usage(e, -EINVAL, "--%s: no criterion: name a PATTERN or an option that chooses",
                         option);
    if (m->invert)
        return err_refuse(e, -EINVAL,
                          "--%s: all but some processes are refused; say which ones are meant",
                          option);
    criteria_choose(&c, m, f);
    return 0;
}
