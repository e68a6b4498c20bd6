/* SPDX-License-Identifier: MIT */
#include "guard_options.h"

#include "criteria.h"
#include "meminfo.h"
#include "size.h"

enum { INTERVAL_MS = 10000, SETTLE_MS = 10000 };
static const char usual_reserve[] = "2G";

static const char *const formats[] = {
    [GUARD_OPTIONS_TEXT] = "text",
    [GUARD_OPTIONS_JSON] = "json",
    NULL,
};

static const char *const sorts[] = {"memory", "oom_score", NULL};

#define WORD(member) offsetof(struct guard_options_words, member)

const struct opt guard_options_opts[] = {
    {'i', "interval", OPT_DURATION, WORD(interval_ms), "DURATION",
     "look at least so often; more often where a rule is near (default 10s)"},
    {0, "settle", OPT_DURATION, WORD(settle_ms), "DURATION",
     "how long a step is given to help before the next one (default 10s)"},
    {0, "log", OPT_FILE, WORD(log), "FILE", "append a line for each event to FILE, not to stderr"},
    {0, "log-format", OPT_CHOICE, WORD(log_format), "FORMAT", "write these lines as",
     .choices = formats},
    {0, "protect", OPT_STRINGS, WORD(protect), "CRITERIA",
     "never signal or kill such processes; see procfind(1)"},
    {0, "kill-by", OPT_CHOICE, WORD(kill_by), "WHAT",
     "kill the one with the most memory (in RAM and swap) or the highest oom_score",
     .choices = sorts},
    {0, "swap-bound", OPT_SIZE, WORD(swap_bound), "SIZE",
     "swap-add: no more than this in its files (default: as much as RAM)"},
    {0, "disk-reserve", OPT_SIZE, WORD(disk_reserve), "SIZE",
     "swap-add: leave so much of the disk free (default 2G)"},
    OPT_END,
};

struct guard_options *guard_options_ref(struct guard_options *o)
{
    o->refs++;
    return o;
}

void guard_options_unref(struct guard_options **o)
{
    if (*o && --(*o)->refs == 0) {
        opt_free((*o)->storage);
        free((*o)->protect);
        users_clear(&(*o)->users);
        container_names_clear(&(*o)->containers);
        free(*o);
    }
    *o = NULL;
}

/* ---- the file's */

static void free_words(char ***words)
{
    for (char **w = *words; w && *w; w++)
        free(*w);
    free(*words);
}

/* Parse @n options from @first on. */
static int parse(const struct rulefile *file, size_t first, size_t n,
                 struct guard_options_words *out, struct opt_storage **storage, struct err *e)
{
    const struct opt_group groups[] = {{NULL, guard_options_opts, out}, {NULL, NULL, NULL}};
    _cleanup_(free_words) char **argv = calloc(n + 2, sizeof(*argv));
    const char *const *operands;

    if (!argv)
        return err_oom(e);
    argv[0] = strdup("guard");
    for (size_t i = 0; i < n && argv[i]; i++)
        if (asprintf(&argv[i + 1], "--%s=%s", file->options[first + i].name,
                     file->options[first + i].value) < 0)
            argv[i + 1] = NULL;
    if (!argv[n])
        return err_oom(e);
    return opt_parse((int)n + 1, (const char **)argv, groups, OPT_OPERANDS, &operands, storage, e);
}

/* Whether somebody is to be killed or not: a reload may bring the rule that does. Who is wary has
 * had it done already, by somebody who may wait for files. */
static int check_protected(const struct deed_policy *policy, const char *const *texts,
                           struct err *e)
{
    int r = 0;

    if (policy->wary)
        return 0;
    for (; r == 0 && texts && *texts; texts++) {
        _cleanup_(finder_clear) struct finder finder = FINDER_INIT;
        _cleanup_(match_clear) struct match match = MATCH_INIT;
        bool nothing;

        match.users = policy->users;
        match.names = policy->containers;
        r = criteria_read("protect", *texts, policy->root, &match, &finder, &nothing, e);
    }
    return r;
}

/* Of two that say different things nobody knows which one is meant; of --protect all count. */
static int check_once(const struct rulefile *file, size_t i, const char *name, struct err *e)
{
    const struct rulefile_option *o = &file->options[i];

    for (size_t j = 0; j < i; j++)
        if (streq(o->name, file->options[j].name) && !streq(o->name, "protect"))
            return err_usage(e, -EINVAL, "%s:%zu: \"%s\" is set in line %zu already; remove one",
                             name, o->line, o->name, file->options[j].line);
    return 0;
}

/* Each alone first, so that a mistake has its line. */
static int read_file(const struct rulefile *file, const char *name,
                     const struct deed_policy *policy, struct guard_options_words *out,
                     struct opt_storage **storage, struct err *e)
{
    for (size_t i = 0; i < file->n_options; i++) {
        _cleanup_(err_clear) struct err why = ERR_INIT;
        struct guard_options_words one = GUARD_OPTIONS_WORDS;
        struct opt_storage *words;
        int r = check_once(file, i, name, e);

        if (r < 0)
            return r;
        r = parse(file, i, 1, &one, &words, &why);
        if (r == 0) {
            r = check_protected(policy, one.protect, &why);
            opt_free(words);
        }
        if (r < 0)
            return err_usage(e, r, "%s:%zu: %s", name, file->options[i].line,
                             why.text ? why.text : "out of memory");
    }
    return parse(file, 0, file->n_options, out, storage, e);
}

/* ---- both */

static size_t count(const char *const *words)
{
    size_t n = 0;

    while (words && words[n])
        n++;
    return n;
}

/* Who is to be protected is it by whomever it is said. */
static int join_protected(struct guard_options *o, const char *const *given,
                          const char *const *file, struct err *e)
{
    size_t n = count(given), m = count(file);

    o->protect = calloc(n + m + 1, sizeof(*o->protect));
    if (!o->protect)
        return err_oom(e);
    for (size_t i = 0; i < n; i++)
        o->protect[i] = given[i];
    for (size_t i = 0; i < m; i++)
        o->protect[n + i] = file[i];
    o->policy.protect = o->protect;
    return 0;
}

static void merge(struct guard_options_words *into, const struct guard_options_words *file)
{
    if (!into->log)
        into->log = file->log;
    if (!into->swap_bound)
        into->swap_bound = file->swap_bound;
    if (!into->disk_reserve)
        into->disk_reserve = file->disk_reserve ? file->disk_reserve : usual_reserve;
    if (into->interval_ms == GUARD_OPTIONS_NONE)
        into->interval_ms =
            file->interval_ms == GUARD_OPTIONS_NONE ? INTERVAL_MS : file->interval_ms;
    if (into->settle_ms == GUARD_OPTIONS_NONE)
        into->settle_ms = file->settle_ms == GUARD_OPTIONS_NONE ? SETTLE_MS : file->settle_ms;
    if (into->log_format < 0)
        into->log_format = file->log_format < 0 ? GUARD_OPTIONS_TEXT : file->log_format;
    if (into->kill_by < 0)
        into->kill_by = file->kill_by > 0;
}

static int read_sizes(struct guard_options *o, struct err *e)
{
    struct meminfo now = {.total = 0};
    int r = size_parse(o->words.disk_reserve, &o->policy.disk_reserve, e);

    if (r < 0)
        return opt_blame("disk-reserve", r, e);
    if (o->words.swap_bound) {
        r = size_parse(o->words.swap_bound, &o->policy.swap_bound, e);
        return r < 0 ? opt_blame("swap-bound", r, e) : 0;
    }
    r = meminfo_read(o->policy.root, &now, e);
    o->policy.swap_bound = now.total;
    return r;
}

int guard_options_new(const struct guard_options_words *given, const struct rulefile *file,
                      const char *name, const struct deed_policy *base, struct guard_options **out,
                      struct err *e)
{
    _cleanup_(guard_options_unref) struct guard_options *o = calloc(1, sizeof(*o));
    struct guard_options_words read = GUARD_OPTIONS_WORDS;
    int r;

    if (!o)
        return err_oom(e);
    *o = (struct guard_options){.refs = 1, .words = *given, .policy = *base};
    o->policy.users = &o->users;
    o->policy.containers = &o->containers;
    o->containers = CONTAINER_NAMES_INIT;
    o->containers.when = CONTAINER_NAMES_EARLY;
    o->containers.askers = base->askers;
    r = check_protected(&o->policy, given->protect, e);
    if (r == 0)
        r = read_file(file, name, &o->policy, &read, &o->storage, e);
    if (r == 0)
        r = join_protected(o, given->protect, read.protect, e);
    if (r < 0)
        return r;
    merge(&o->words, &read);
    o->policy.by_oom_score = o->words.kill_by > 0;
    if (o->words.interval_ms == 0)
        return err_usage(e, -ERANGE, "--interval: must be more than 0");
    r = read_sizes(o, e);
    if (r == 0)
        *out = TAKE_PTR(o);
    return r;
}
