/* SPDX-License-Identifier: MIT */
#include "args.h"
#include "compat.h"
#include "signame.h"

static const char *const wait_words[] = {
    [ARGS_WAIT_START] = "start", [ARGS_WAIT_EXIT] = "exit", NULL};

/* Those that are asked for; all others are known too. */
static const char *const signal_words[] = {"TERM", "HUP",  "INT",  "KILL", "USR1",
                                           "USR2", "STOP", "CONT", "QUIT", NULL};

#define AT(member) offsetof(struct args, member)

const struct opt args_opts[] = {
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
    {0, "all", OPT_FLAG, AT(all), NULL, "every process, when no criterion is given"},
    {0, "include-self", OPT_FLAG, AT(include_self), NULL,
     "also procfind, its ancestors, their subshells, and its pipeline"},
    {0, "include-wrappers", OPT_FLAG, AT(include_wrappers), NULL,
     "also what has started a match by its very words, such as sudo"},
    {'d', "delimiter", OPT_STRING, AT(delimiter), "TEXT", "print TEXT between processes"},
    {'0', "null", OPT_FLAG, AT(null), NULL, "print a NUL behind each"},
    {'c', "count", OPT_FLAG, AT(count), NULL, "print how many there are"},
    {'l', "list-name", OPT_FLAG, AT(list_name), NULL, "print the name too"},
    {'a', "list-full", OPT_FLAG, AT(list_full), NULL, "print the command line too"},
    {0, "tree", OPT_FLAG, AT(tree), NULL, "print them below their matching ancestors"},
    {0, "handle", OPT_FLAG, AT(handle), NULL, "print PID:INODE, which never means another one"},
    {0, "one", OPT_FLAG, AT(one), NULL, "refuse (exit status 6) if more than one matches"},
    {0, "sort", OPT_COLUMNS, AT(sort), "COLUMNS", "by these columns; -COLUMN: the largest first"},
    {0, "wait", OPT_CHOICE, AT(wait), "WHAT", "until one matches, or until all that do are gone",
     .choices = wait_words},
    {0, "timeout", OPT_DURATION, AT(timeout), "DURATION", "how long to wait or follow at most"},
    {0, "signal", OPT_STRING, AT(signal), "SIGNAL", "send it to the matches",
     .choices = signal_words},
    {0, "follow", OPT_FLAG, AT(follow), NULL, "print +PID and -PID as matches come and go"},
    {0, "compat", OPT_CHOICE, AT(compat), "NAME",
     "as the first option: answer as the program of this name in procps, whose options follow",
     .choices = compat_names},
    OPT_END,
};

const struct args args_defaults = {
    .older = ARGS_NO_DURATION,
    .newer = ARGS_NO_DURATION,
    .timeout = ARGS_NO_DURATION,
    .wait = ARGS_WAIT_NOT,
    .compat = -1,
};

/* Which option is it that the library finds wrong? */
static int by_option(const char *name, int r, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;

    if (r >= 0 || e->kind != ERR_USAGE)
        return r;
    text = TAKE_PTR(e->text);
    return err_usage(e, r, "--%s: %s", name, text);
}

static int add_patterns(const struct args *args, const char *const *patterns, struct match *m,
                        struct err *e)
{
    unsigned flags = (args->literal ? PATTERN_LITERAL : 0) | (args->exact ? PATTERN_EXACT : 0) |
                     (args->ignore_case ? PATTERN_IGNORE_CASE : 0);
    int r = 0;

    m->subject = args->full ? MATCH_LINE : MATCH_NAME;
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
        r = by_option(option, add(m, *texts, e), e);
    return r;
}

static int add_each_rooted(const char *option, const char *const *texts, struct match *m,
                           const struct root *root, rooted_adder *add, struct err *e)
{
    int r = 0;

    for (; texts && *texts && r == 0; texts++)
        r = by_option(option, add(m, root, *texts, e), e);
    return r;
}

static int add_lines(const struct args *args, const struct root *root, struct match *m,
                     struct err *e)
{
    int r = add_each("arg", args->arguments, m, match_argument, e);

    if (r == 0 && args->words)
        r = by_option("cmdline", match_words(m, args->words, e), e);
    if (r == 0 && args->exe)
        r = by_option("exe", match_exe(m, root, args->exe, e), e);
    if (r == 0 && args->script)
        r = by_option("script", match_script(m, root, args->script, e), e);
    if (r == 0)
        r = add_each("env", args->variables, m, match_variable, e);
    return r;
}

static int add_numbers(const struct args *args, struct match *m, struct err *e)
{
    static const char *const names[] = {"pid", "parent", "session", "pgroup"};
    int r = 0;

    for (int i = 0; i < MATCH_NUMBERS; i++) {
        for (const char *const *list = args->numbers[i]; list && *list && r == 0; list++)
            r = by_option(names[i], match_numbers(m, (enum match_numbers)i, *list, e), e);
    }
    if (args->subtree)
        match_subtree(m, (pid_t)args->subtree);
    return r;
}

static int add_users(const struct args *args, const struct root *root, struct match *m,
                     struct err *e)
{
    static const char *const names[] = {"euid", "uid", "egid", "gid"};
    int r = 0;

    for (int i = 0; i < MATCH_IDS; i++) {
        for (const char *const *list = args->ids[i]; list && *list && r == 0; list++)
            r = by_option(names[i], match_users(m, root, (enum match_ids)i, *list, e), e);
    }
    return r;
}

static int add_sizes(const struct args *args, struct match *m, struct err *e)
{
    static const char *const names[] = {"rss", "swap", "pss"};
    int r = 0;

    for (int i = 0; i < MATCH_SIZES; i++) {
        for (const char *const *text = args->sizes[i]; text && *text && r == 0; text++)
            r = by_option(names[i], match_size(m, (enum match_sizes)i, *text, e), e);
    }
    if (args->older != ARGS_NO_DURATION)
        match_older(m, args->older);
    if (args->newer != ARGS_NO_DURATION)
        match_newer(m, args->newer);
    if (args->kthread)
        match_kthreads(m);
    return r;
}

static int add_places(const struct args *args, const struct root *root, struct match *m,
                      struct err *e)
{
    int r = add_each("state", args->states, m, match_states, e);

    if (r == 0)
        r = add_each_rooted("terminal", args->terminals, m, root, match_terminals, e);
    if (r == 0)
        r = add_each_rooted("cgroup", args->cgroups, m, root, match_cgroup, e);
    if (r == 0)
        r = add_each_rooted("container", args->containers, m, root, match_container, e);
    if (r == 0)
        r = add_each_rooted("ns", args->namespaces, m, root, match_namespaces, e);
    return r;
}

int args_match(const struct args *args, const struct root *root, const char *const *patterns,
               struct match *m, bool *nothing, struct err *e)
{
    int r = add_patterns(args, patterns, m, e);

    if (r == 0)
        r = add_lines(args, root, m, e);
    if (r == 0)
        r = add_numbers(args, m, e);
    if (r == 0)
        r = add_users(args, root, m, e);
    if (r == 0)
        r = add_sizes(args, m, e);
    if (r == 0)
        r = add_places(args, root, m, e);
    if (r == 0 && args->pidfile)
        r = by_option("pidfile", match_pidfile(m, root, args->pidfile, args->locked, e), e);
    if (r < 0)
        return r;
    *nothing = r > 0;
    m->invert = args->invert;
    return 0;
}

/* ---- what goes together */

static int exclude(bool a, bool b, const char *names, struct err *e)
{
    return a && b ? err_usage(e, -EINVAL, "%s exclude each other", names) : 0;
}

static int check_answer(const struct args *args, const struct table_options *t, struct err *e)
{
    bool table = t->output || t->output_all || t->json || t->raw;
    bool list = args->list_name || args->list_full;
    int r = exclude(args->count, list || args->tree || args->handle || table,
                    "--count and other forms of the answer", e);

    if (r == 0)
        r = exclude(args->handle, list || args->tree || table,
                    "--handle and other forms of the answer", e);
    if (r == 0)
        r = exclude(args->tree, table || args->sort, "--tree and a table, or its order,", e);
    if (r == 0)
        r = exclude(list, table, "--list-name or --list-full and a table", e);
    if (r == 0)
        r = exclude(args->null || args->delimiter, args->tree || table || args->count,
                    "--null or --delimiter and an answer that is no list of processes", e);
    if (r == 0)
        r = exclude(args->null, args->delimiter != NULL, "--null and --delimiter", e);
    return r;
}

static int check_action(const struct args *args, const struct table_options *t, struct err *e)
{
    bool waits = args->wait != ARGS_WAIT_NOT;
    int number;
    bool plain = !args->count && !args->list_name && !args->list_full && !args->tree &&
                 !args->handle && !args->sort && !args->null && !args->delimiter && !t->output &&
                 !t->output_all && !t->raw;
    int r =
        exclude(args->follow, waits || args->signal || args->one || args->newest || args->oldest,
                "--follow and --wait, --signal, --one, --newest or --oldest", e);

    if (r == 0 && !plain && (args->follow || args->wait == ARGS_WAIT_EXIT))
        r = err_usage(e, -EINVAL, "%s has an answer of its own; only --json goes with it",
                      args->follow ? "--follow" : "--wait exit");
    if (r == 0 && args->timeout != ARGS_NO_DURATION && !waits && !args->follow)
        r = err_usage(e, -EINVAL, "--timeout: is for --wait and --follow");
    if (r == 0)
        r = exclude(args->newest, args->oldest, "--newest and --oldest", e);
    if (r == 0)
        r = exclude(args->wait == ARGS_WAIT_START, args->pidfile != NULL || args->signal != NULL,
                    "--wait start and --pidfile or --signal", e);
    if (r == 0 && args->signal)
        r = by_option("signal", signame_parse(args->signal, &number, e), e);
    if (r == 0 && args->locked && !args->pidfile)
        r = err_usage(e, -EINVAL, "--locked: is for --pidfile");
    if (r == 0 && args->pidfile && args->numbers[MATCH_PID])
        r = err_usage(e, -EINVAL, "--pidfile and --pid exclude each other");
    return r;
}

int args_check(const struct args *args, const struct table_options *table,
               const char *const *patterns, const struct match *m, struct err *e)
{
    int r = check_answer(args, table, e);

    if (args->compat >= 0)
        return err_usage(e, -EINVAL,
                         "--compat: must be the first option, and its name a word of "
                         "its own");
    if (r == 0)
        r = check_action(args, table, e);
    if (r < 0)
        return r;
    if (!*patterns && (args->full || args->literal || args->exact || args->ignore_case))
        return err_usage(e, -EINVAL, "missing PATTERN for --%s",
                         args->full      ? "full"
                         : args->literal ? "literal"
                         : args->exact   ? "exact"
                                         : "ignore-case");
    if (args->signal && args->all && !m->any)
        return err_refuse(e, -EINVAL,
                          "--signal to every process is never what was meant; name a "
                          "criterion");
    if (args->signal && args->invert)
        return err_refuse(e, -EINVAL,
                          "--signal to all but some processes is refused; say whom it "
                          "is for");
    if (!m->any && !args->all)
        return err_usage(e, -EINVAL,
                         "no criterion: name a PATTERN or an option that chooses; "
                         "--all is every process");
    return 0;
}
