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
    {0, "all", OPT_FLAG, AT(all), NULL, "every process, when no criterion is given"},
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
    .criteria = CRITERIA_DEFAULTS,
    .timeout = ARGS_NO_DURATION,
    .wait = ARGS_WAIT_NOT,
    .compat = -1,
};

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
    int r = exclude(args->follow,
                    waits || args->signal || args->one || args->criteria.newest ||
                        args->criteria.oldest,
                    "--follow and --wait, --signal, --one, --newest or --oldest", e);

    if (r == 0 && !plain && (args->follow || args->wait == ARGS_WAIT_EXIT))
        r = err_usage(e, -EINVAL, "%s has an answer of its own; only --json goes with it",
                      args->follow ? "--follow" : "--wait exit");
    if (r == 0 && args->timeout != ARGS_NO_DURATION && !waits && !args->follow)
        r = err_usage(e, -EINVAL, "--timeout: is for --wait and --follow");
    if (r == 0)
        r = exclude(args->wait == ARGS_WAIT_START,
                    args->criteria.pidfile != NULL || args->signal != NULL,
                    "--wait start and --pidfile or --signal", e);
    if (r == 0 && args->signal)
        r = opt_blame("signal", signame_parse(args->signal, &number, e), e);
    return r;
}

int args_check(const struct args *args, const struct table_options *table, const struct match *m,
               struct err *e)
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
    if (args->signal && args->all && !m->any)
        return err_refuse(e, -EINVAL,
                          "--signal to every process is never what was meant; name a "
                          "criterion");
    if (args->signal && args->criteria.invert)
        return err_refuse(e, -EINVAL,
                          "--signal to all but some processes is refused; say whom it "
                          "is for");
    if (!m->any && !args->all)
        return err_usage(e, -EINVAL,
                         "no criterion: name a PATTERN or an option that chooses; "
                         "--all is every process");
    return 0;
}
