/* SPDX-License-Identifier: MIT */
#include "compat_pgrep.h"
#include "compat_criteria.h"
#include "compat_words.h"
#include "pidfd.h"
#include "signame.h"
#include "size.h"

#include <poll.h>

struct options {
    struct compat_criteria_options criteria;
    bool list_name, list_full, quiet, quote, threads, count, echo, release, help, version;
    const char *delimiter, *value;
};

#define AT(member) offsetof(struct options, member)
#define COUNT                                                                                      \
    {                                                                                              \
        'c', "count", OPT_FLAG, AT(count), NULL, "print how many there are"                        \
    }
#define QUOTE                                                                                      \
    {                                                                                              \
        'Q', "shell-quote", OPT_FLAG, AT(quote), NULL, "quote names and words as for a shell"      \
    }
#define INVERSE(letter)                                                                            \
    {                                                                                              \
        letter, "inverse", OPT_FLAG, AT(criteria.inverse), NULL,                                   \
            "those that do not meet all criteria"                                                  \
    }

static const struct opt pgrep_opts[] = {
    {'d', "delimiter", OPT_STRING, AT(delimiter), "TEXT", "print TEXT between processes"},
    {'l', "list-name", OPT_FLAG, AT(list_name), NULL, "print the name too"},
    {'a', "list-full", OPT_FLAG, AT(list_full), NULL, "print the command line too"},
    {'w', "lightweight", OPT_FLAG, AT(threads), NULL, "print threads"},
    {0, "quiet", OPT_FLAG, AT(quiet), NULL, "print nothing"},
    COUNT,
    QUOTE,
    INVERSE('v'),
    OPT_END,
};

static const struct opt pkill_opts[] = {
    {'e', "echo", OPT_FLAG, AT(echo), NULL, "print what was signalled"},
    {'q', "queue", OPT_STRING, AT(value), "NUMBER", "send NUMBER along with the signal"},
    {'m', "mrelease", OPT_FLAG, AT(release), NULL, "give back the memory of what was killed"},
    COUNT,
    QUOTE,
    INVERSE(0),
    OPT_END,
};

static const struct opt pidwait_opts[] = {
    {'e', "echo", OPT_FLAG, AT(echo), NULL, "print what is waited for"},
    COUNT,
    QUOTE,
    INVERSE(0),
    OPT_END,
};

static const struct opt common_opts[] = {
    {'h', "help", OPT_FLAG, AT(help), NULL, "print this and exit"},
    {'V', "version", OPT_FLAG, AT(version), NULL, "print the version and exit"},
    OPT_END,
};

struct search {
    struct cmd_context *ctx;
    const struct options *options;
    const char *pattern;
    struct compat_criteria criteria;
    struct finder finder;
    struct finder_result result;
    int value; /* of --queue */
};

/* ---- texts */

static bool is_plain(const char *word, size_t len)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_@%+:,./-";

    return len > 0 && strspn(word, plain) >= len;
}

static void quote(FILE *out, const char *word, size_t len)
{
    if (is_plain(word, len)) {
        fwrite(word, 1, len, out);
        return;
    }
    putc('\'', out);
    for (size_t i = 0; i < len; i++)
        fputs(word[i] == '\'' ? "'\\''" : (char[]){word[i], '\0'}, out);
    putc('\'', out);
}

static void quote_words(FILE *out, struct kv_span line)
{
    struct proc_words words = proc_words_of(line.p, line.n);
    struct kv_span word;

    for (bool first = true; proc_words_next(&words, &word); first = false) {
        if (!first)
            putc(' ', out);
        quote(out, word.p, word.n);
    }
}

/* On one line, and without what steers a terminal. */
static void print_clean(FILE *out, const char *text)
{
    for (; *text; text++)
        putc((unsigned char)*text < 0x20 || *text == 0x7f ? '?' : *text, out);
}

static int print_line(const struct search *s, struct process *p, FILE *out)
{
    _cleanup_(free_ptr) char *line = NULL;
    struct kv_span words;
    int r = process_cmdline(p, &words);

    if (r == 0 && s->options->quote && words.n > 0) {
        quote_words(out, words);
        return 0;
    }
    r = compat_criteria_line(p, &line);
    if (r == 0)
        print_clean(out, line);
    return r;
}

static int print_name(const struct search *s, struct process *p, FILE *out)
{
    struct kv_span name;
    int r = process_comm(p, &name);

    if (r == 0 && s->options->quote)
        quote(out, name.p, name.n);
    else if (r == 0)
        print_clean(out, name.p);
    return r;
}

/* The name, or with --list-full the line, of what was found. Return: 0, -ESRCH: it is gone, or
 * -ENOMEM; @out: caller frees. */
static int text_of(struct search *s, const struct finder_item *item, char **out)
{
    struct process *p = &s->finder.process;
    const struct proc_stat *stat;
    _cleanup_(free_ptr) char *text = NULL;
    size_t len;
    FILE *to = open_memstream(&text, &len);
    int r;

    if (!to)
        return -ENOMEM;
    process_begin(p, s->finder.scan.fd, true, item->pid);
    r = process_stat(p, &stat);
    if (r == 0 && stat->start != item->start)
        r = -ESRCH;
    if (r == 0)
        r = s->options->list_full ? print_line(s, p, to) : print_name(s, p, to);
    if (fclose(to) != 0)
        r = -ENOMEM;
    if (r == 0)
        *out = TAKE_PTR(text);
    return r == -ENOMEM || r == 0 ? r : -ESRCH;
}

/* ---- pgrep */

static int print_found(struct search *s)
{
    const char *between = s->options->delimiter ? s->options->delimiter : "\n";
    bool named = s->options->list_name || s->options->list_full;
    size_t printed = 0;

    for (size_t i = 0; i < s->result.n; i++) {
        _cleanup_(free_ptr) char *text = NULL;

        if (named && text_of(s, &s->result.found[i], &text) < 0)
            continue;
        printf("%s%d%s%s", printed ? between : "", (int)s->result.found[i].pid, named ? " " : "",
               named ? text : "");
        printed++;
    }
    if (printed > 0)
        putchar('\n');
    return printed > 0 ? CMD_OK : CMD_NO;
}

static int answer(struct search *s)
{
    if (!s->options->count && !s->options->quiet)
        return print_found(s);
    if (s->options->count)
        printf("%zu\n", s->result.n);
    return s->result.n > 0 ? CMD_OK : CMD_NO;
}

/* ---- pkill */

/* Return: 1 signalled, 0 it has ended, or a negated errno. */
static int signal_one(struct search *s, const struct finder_item *item, int *fd)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = pidfd_open_same(s->finder.scan.fd, item->pid, item->start, fd, &e);

    if (r == 0)
        r = s->options->value ? pidfd_signal_value(*fd, s->criteria.signal, s->value)
                              : pidfd_signal(*fd, s->criteria.signal);
    if (r == -ESRCH)
        return 0;
    if (r < 0)
        compat_words_say(s->ctx, "killing pid %d failed: %s", (int)item->pid, strerror(-r));
    return r < 0 ? r : 1;
}

static bool release(struct search *s, const struct finder_item *item, int fd)
{
    int r = pidfd_release_memory(fd);

    if (r == 0 || r == -ESRCH)
        return true;
    compat_words_say(s->ctx, "pid %d killed, but process_mrelease failed: %s", (int)item->pid,
                     strerror(-r));
    return false;
}

static int kill_found(struct search *s)
{
    size_t killed = 0;
    bool released = true;

    for (size_t i = 0; i < s->result.n; i++) {
        const struct finder_item *item = &s->result.found[i];
        _cleanup_(free_ptr) char *text = NULL;
        _cleanup_(close_fd) int fd = -1;

        if (s->options->echo && text_of(s, item, &text) < 0)
            continue;
        if (signal_one(s, item, &fd) != 1)
            continue;
        killed++;
        if (s->options->echo)
            printf("%s killed (pid %d)\n", text, (int)item->pid);
        if (s->options->release)
            released &= release(s, item, fd);
    }
    if (s->options->count)
        printf("%zu\n", s->result.n);
    return killed > 0 && released ? CMD_OK : CMD_NO;
}

/* ---- pidwait */

/* One after the other: who ends while we wait for another is held by nothing but its start time.
 * Return: has it ended? */
static bool wait_for(struct search *s, const struct finder_item *item)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pollfd poller = {.fd = -1, .events = POLLIN};
    int r = pidfd_open_same(s->finder.scan.fd, item->pid, item->start, &poller.fd, &e);

    if (r < 0 && r != -ESRCH)
        compat_words_say(s->ctx, "opening pid %d failed: %s", (int)item->pid, strerror(-r));
    if (r < 0)
        return r == -ESRCH;
    while (poll(&poller, 1, -1) < 0 && errno == EINTR)
        ;
    close(poller.fd);
    return true;
}

static int wait_for_found(struct search *s)
{
    bool any = false;

    if (s->options->count)
        printf("%zu\n", s->result.n);
    for (size_t i = 0; s->options->echo && i < s->result.n; i++) {
        _cleanup_(free_ptr) char *text = NULL;

        if (text_of(s, &s->result.found[i], &text) == 0)
            printf("waiting for %s (pid %d)\n", text, (int)s->result.found[i].pid);
    }
    fflush(stdout);
    for (size_t i = 0; i < s->result.n; i++)
        any |= wait_for(s, &s->result.found[i]);
    return any ? CMD_OK : CMD_NO;
}

/* ---- all three */

static bool is(const struct search *s, const char *name)
{
    return streq(s->ctx->tool->name, name);
}

/* What is not to be seen must not look like what is not there. */
static void tell(const struct search *s)
{
    const struct finder_result *r = &s->result;

    if (r->unreadable)
        cmd_warn(s->ctx, "processes that may match and could not be looked into: %zu",
                 r->unreadable);
    if (r->hidden)
        cmd_warn(s->ctx, "/proc: does not show the processes of others (hidepid)");
}

static bool is_too_long(const struct search *s)
{
    const char *pattern = s->pattern;

    return pattern && !s->options->criteria.full && strlen(pattern) > PROC_COMM_MAX &&
           !strpbrk(pattern, "|[");
}

static int act(struct search *s)
{
    if (is(s, "pgrep"))
        return answer(s);
    return is(s, "pkill") ? kill_found(s) : wait_for_found(s);
}

static int run(struct search *s, struct err *e)
{
    const struct compat_criteria_options *o = &s->options->criteria;
    int status, r;

    r = compat_criteria_read(s->ctx, o, s->pattern, &s->criteria, &status, e);
    if (r < 0) {
        r = cmd_fail(s->ctx, r, e);
        return r == CMD_USAGE ? CMD_USAGE : status;
    }
    s->finder.only = o->ignore_ancestors ? CALLER_ANCESTOR : CALLER_SELF;
    s->finder.include_wrappers = true;
    s->finder.threads = s->options->threads;
    s->finder.pick = o->newest ? FINDER_NEWEST : o->oldest ? FINDER_OLDEST : FINDER_ALL;
    r = finder_open(&s->finder, &s->ctx->root, &s->criteria.match, e);
    if (r == 0 && !is(s, "pgrep") && !finder_sees_own_namespace(&s->finder))
        r = err_set(e, -EXDEV, "/proc: is not that of our PID namespace; its numbers mean others");
    if (r == 0)
        r = finder_run(&s->finder, &s->result, e);
    if (r < 0) {
        cmd_fail(s->ctx, r, e);
        return CMD_FAILED;
    }
    tell(s);
    if (s->result.n == 0 && is_too_long(s)) {
        compat_words_say(s->ctx, "pattern that searches for process name longer than 15 characters "
                                 "will result in zero matches");
        compat_words_say(s->ctx, "-f compares it with the whole command line");
    }
    return act(s);
}

static int check(const struct cmd_context *ctx, const struct options *o, int n)
{
    if (o->quiet && o->list_full)
        return cmd_usage(ctx, "Cannot use --quiet and -a,--list-full options together");
    if (o->quiet && o->list_name)
        return cmd_usage(ctx, "Cannot use --quiet and -l,--list-name options together");
    return n > 1 ? cmd_usage(ctx, "only one pattern can be provided") : CMD_OK;
}

static int run_parsed(struct cmd_context *ctx, const struct options *o, const char *pattern)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct search s = {
        .ctx = ctx,
        .options = o,
        .pattern = pattern,
        .criteria = COMPAT_CRITERIA_INIT,
        .finder = FINDER_INIT,
        .result = FINDER_RESULT_INIT,
    };
    int64_t value;
    int r;

    if (o->value && size_parse_number(o->value, INT32_MIN, INT32_MAX, &value, NULL) < 0)
        return cmd_usage(ctx, "not a number: %s", o->value);
    s.value = o->value ? (int)value : 0;
    r = root_open(&ctx->root, NULL, &e);
    if (r < 0) {
        cmd_fail(ctx, r, &e);
        return CMD_FAILED;
    }
    r = run(&s, &e);
    finder_result_clear(&s.result);
    finder_clear(&s.finder);
    compat_criteria_clear(&s.criteria);
    return r;
}

/* "-HUP", "-9": the first word that is a signal. Return: it, taken out of the line, or NULL. */
static const char *take_signal(int *argc, char **argv)
{
    int number;

    for (int i = 1; i < *argc && !streq(argv[i], "--"); i++) {
        const char *word = argv[i];

        if (*word != '-' || signame_parse(word + 1, &number, NULL) < 0)
            continue;
        memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
        --*argc;
        return word + 1;
    }
    return NULL;
}

int compat_pgrep_run(struct cmd_context *ctx, int argc, char **argv)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    bool kills = streq(ctx->tool->name, "pkill"), greps = streq(ctx->tool->name, "pgrep");
    struct options o = {.criteria.signal = kills ? take_signal(&argc, argv) : NULL};
    const struct opt_group groups[] = {
        {NULL,
         greps   ? pgrep_opts
         : kills ? pkill_opts
                 : pidwait_opts,
         &o},
        {"Criteria, all of which must hold", compat_criteria_opts, &o.criteria},
        {"Common options", common_opts, &o},
        {NULL, NULL, NULL},
    };
    int first, r;

    r = compat_words_parse(argc, argv, groups, &first, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (o.help)
        compat_words_help(ctx,
                          "Answers as the program of this name in procps does. PATTERN is an "
                          "extended regular expression for the name, of which the kernel keeps 15 "
                          "characters.",
                          groups,
                          "0 some were found (and signalled, or waited for), 1 none, 2 wrong "
                          "usage, 3 failed");
    else if (o.version)
        compat_words_version(ctx);
    if (o.help || o.version)
        return CMD_OK;
    r = check(ctx, &o, argc - first);
    return r == CMD_OK ? run_parsed(ctx, &o, argv[first]) : r;
}
