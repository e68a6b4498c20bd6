/* SPDX-License-Identifier: MIT */
#include "compat_pidof.h"
#include "compat_words.h"
#include "finder.h"

struct options {
    bool one, same_root, quiet, workers, scripts, threads, ignored, help, version;
    const char *separator;
    const char **omitted; /* NULL-terminated */
};

#define AT(member) offsetof(struct options, member)

static const struct opt opts[] = {
    {'s', "single-shot", OPT_FLAG, AT(one), NULL, "print one number for each program, the highest"},
    {'c', "check-root", OPT_FLAG, AT(same_root), NULL,
     "only those with our root directory (when run as root)"},
    {'q', "quiet", OPT_FLAG, AT(quiet), NULL, "print nothing"},
    {'w', "with-workers", OPT_FLAG, AT(workers), NULL, "also those without a command line"},
    {'x', "", OPT_FLAG, AT(scripts), NULL, "also shells that run a script of that name"},
    {'o', "omit-pid", OPT_STRINGS, AT(omitted), "PIDS", "not these; %PPID is what has started us"},
    {'t', "lightweight", OPT_FLAG, AT(threads), NULL, "print threads too"},
    {'S', "separator", OPT_STRING, AT(separator), "TEXT", "print TEXT between numbers"},
    {'d', "", OPT_STRING, AT(separator), "TEXT", "the same"},
    {'n', "", OPT_FLAG, AT(ignored), NULL, "nothing, for old scripts"},
    {'m', "", OPT_FLAG, AT(ignored), NULL, "nothing, for old scripts"},
    {'h', "help", OPT_FLAG, AT(help), NULL, "print this and exit"},
    {'V', "version", OPT_FLAG, AT(version), NULL, "print the version and exit"},
    OPT_END,
};

/* What every process is asked. */
struct wanted {
    const struct options *options;
    const char *program, *base;
    const pid_t *omitted; /* ended by 0 */
    struct stat root;     /* ours, with .same_root */
    bool same_root;
};

/* ---- one process */

static bool is_omitted(const struct wanted *w, pid_t pid)
{
    for (const pid_t *o = w->omitted; *o; o++)
        if (*o == pid)
            return true;
    return false;
}

static bool has_same_root(const struct wanted *w, const struct process *p)
{
    char path[32];
    struct stat st;

    if (!w->same_root)
        return true;
    snprintf(path, sizeof(path), "%d/root", (int)p->pid);
    return fstatat(p->proc, path, &st, 0) == 0 && st.st_dev == w->root.st_dev &&
           st.st_ino == w->root.st_ino;
}

/* Is this path, or its last part, what was asked for? */
static bool is_named(const struct wanted *w, struct kv_span path)
{
    return kv_span_eq(proc_basename(path), w->program) || kv_span_eq(path, w->program) ||
           kv_span_eq(path, w->base);
}

static bool is_exe(const struct wanted *w, struct process *p)
{
    struct kv_span link, deleted;

    if (process_exe(p, &link) < 0)
        return false;
    deleted = proc_exe_deleted(link);
    return kv_span_eq(link, w->program) || kv_span_eq(proc_basename(link), w->program) ||
           (deleted.n > 0 && is_named(w, deleted));
}

/* A shell that runs a script has the script's name, and it as its first argument. */
static bool is_script(const struct wanted *w, struct kv_span second, struct kv_span comm)
{
    struct kv_span base = proc_basename(second);

    return w->options->scripts && base.n >= comm.n && memcmp(base.p, comm.p, comm.n) == 0 &&
           is_named(w, second);
}

static int test(const void *arg, struct process *p)
{
    const struct wanted *w = arg;
    struct kv_span line, first = {"", 0}, second = {"", 0}, comm;
    struct proc_words words;
    int r;

    if (is_omitted(w, p->tid) || !has_same_root(w, p))
        return 0;
    r = process_cmdline(p, &line);
    if (r < 0)
        return r;
    if (line.n == 0 && !w->options->workers)
        return 0;
    words = proc_words_of(line.p, line.n);
    if (proc_words_next(&words, &first) && first.n > 0 && *first.p == '-') /* a login shell */
        first = (struct kv_span){first.p + 1, first.n - 1};
    proc_words_next(&words, &second);
    if (is_named(w, first) || is_exe(w, p))
        return 1;
    r = process_comm(p, &comm);
    if (r < 0)
        return r;
    if (second.p != line.p && second.n > 0 && is_script(w, second, comm))
        return 1;
    /* one that wrote a title over its words */
    return (w->options->workers || memchr(first.p, ' ', first.n)) && kv_span_eq(comm, w->program);
}

/* ---- the options */

/* The numbers of --omit-pid; caller frees. */
static int read_omitted(const struct cmd_context *ctx, const struct options *o, pid_t **out,
                        struct err *e)
{
    size_t n = 0;
    pid_t *pids;

    for (const char **text = o->omitted; *text; text++)
        n += strlen(*text);
    pids = calloc(n + 1, sizeof(*pids));
    if (!pids)
        return err_oom(e);
    n = 0;
    for (const char **text = o->omitted; *text; text++) {
        _cleanup_(free_ptr) char *copy = strdup(*text);
        char *rest = copy, *word;

        while (copy && (word = strsep(&rest, ",;:"))) {
            pids[n] = streq(word, "%PPID") ? getppid() : proc_pid_parse(word);
            if (pids[n] == 0 && *word)
                compat_words_say(ctx, "illegal omit pid value (%s)!", word);
            n += pids[n] != 0;
        }
    }
    *out = pids;
    return 0;
}

/* ---- all processes */

static int find(struct cmd_context *ctx, const struct wanted *w, struct finder_result *result,
                struct err *e)
{
    struct match match = {.own = test, .own_arg = w, .zombies = true};
    struct finder f = FINDER_INIT;
    int r = finder_open(&f, &ctx->root, &match, e);

    f.include_self = f.include_wrappers = true;
    f.threads = w->options->threads;
    if (r == 0)
        r = finder_run(&f, result, e);
    finder_clear(&f);
    return r;
}

static void print(const struct options *o, const struct finder_result *result, bool *printed)
{
    for (size_t i = result->n; i-- > 0;) {
        if (!o->quiet)
            printf("%s%d", *printed ? o->separator : "", (int)result->found[i].pid);
        *printed = true;
        if (o->one)
            break;
    }
}

static void tell(const struct cmd_context *ctx, const struct finder_result *r)
{
    if (r->unreadable)
        cmd_warn(ctx, "processes that may match and could not be looked into: %zu", r->unreadable);
    if (r->hidden)
        cmd_warn(ctx, "/proc: does not show the processes of others (hidepid)");
}

static int run(struct cmd_context *ctx, const struct options *o, char **programs, struct err *e)
{
    _cleanup_(free_ptr) pid_t *omitted = NULL;
    struct wanted w = {.options = o, .same_root = o->same_root && geteuid() == 0};
    bool printed = false;
    int r = root_open(&ctx->root, NULL, e);

    if (r == 0)
        r = read_omitted(ctx, o, &omitted, e);
    if (r == 0 && w.same_root && stat("/", &w.root) < 0)
        r = err_sys(e, -errno, "/: cannot look at it");
    w.omitted = omitted;
    for (; r == 0 && *programs; programs++) {
        _cleanup_(finder_result_clear) struct finder_result result = FINDER_RESULT_INIT;
        const char *slash = strrchr(*programs, '/');

        if (**programs == '\0')
            continue;
        w.program = *programs;
        w.base = slash ? slash + 1 : *programs;
        r = find(ctx, &w, &result, e);
        if (r == 0) {
            tell(ctx, &result);
            print(o, &result, &printed);
        }
    }
    if (printed && !o->quiet)
        putchar('\n');
    if (r < 0)
        cmd_fail(ctx, r, e);
    return r == 0 && printed ? CMD_OK : CMD_NO;
}

int compat_pidof_run(struct cmd_context *ctx, int argc, char **argv)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) const char **omitted = calloc((size_t)argc + 1, sizeof(*omitted));
    struct options o = {.separator = " ", .omitted = omitted};
    const struct opt_group groups[] = {{NULL, opts, &o}, {NULL, NULL, NULL}};
    int first, r;

    r = omitted ? compat_words_parse(argc, argv, groups, &first, &e) : err_oom(&e);
    if (r < 0) {
        cmd_fail(ctx, r, &e);
        return CMD_NO;
    }
    if (o.help)
        compat_words_help(ctx,
                          "Prints the numbers of the processes that run one of the programs, the "
                          "highest first, as pidof of procps does.",
                          groups, "0 some were found, 1 none, or wrong usage");
    else if (o.version)
        compat_words_version(ctx);
    else
        return run(ctx, &o, argv + first, &e);
    return CMD_OK;
}
