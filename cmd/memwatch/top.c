/* SPDX-License-Identifier: MIT */
#include "consumers.h"
#include "criteria.h"
#include "memwatch.h"

#include <time.h>

/* Of JSON. */
static const char *const table_names[] = {
    [PROCUSAGE_PROCESS] = "processes", [PROCUSAGE_USER] = "users",
    [PROCUSAGE_CGROUP] = "cgroups",    [PROCUSAGE_CONTAINER] = "containers",
    [PROCUSAGE_NAME] = "names",
};

enum column {
    C_PID,
    C_USER,
    C_CGROUP,
    C_CONTAINER,
    C_NAME,
    C_COUNT,
    C_RSS,
    C_PSS,
    C_USS,
    C_SWAP,
    C_GROWTH,
    C_N
};

static const struct table_column columns[] = {
    [C_PID] = {"PID", TABLE_NUMBER, true, "of a process: its number"},
    [C_USER] = {"USER", TABLE_STRING, true, "whose rights it has (effective user)"},
    [C_CGROUP] = {"CGROUP", TABLE_STRING, false, "control group (of memory, in version 1)"},
    [C_CONTAINER] = {"CONTAINER", TABLE_STRING, false, "id of the container; absent: in none"},
    [C_NAME] = {"NAME", TABLE_STRING, true, "of a process"},
    [C_COUNT] = {"COUNT", TABLE_NUMBER, true, "of a sum: how many processes"},
    [C_RSS] = {"RSS", TABLE_SIZE, true, "memory in RAM; shared pages count in full", "rss_bytes"},
    [C_PSS] = {"PSS", TABLE_SIZE, false, "memory in RAM; its part of shared pages", "pss_bytes",
               true},
    [C_USS] = {"USS", TABLE_SIZE, false, "memory in RAM that nobody else has", "uss_bytes", true},
    [C_SWAP] = {"SWAP", TABLE_SIZE, true, "memory that is swapped out", "swap_bytes"},
    [C_GROWTH] = {"GROWTH", TABLE_SIZE, false, "--by growth: how much RSS grew", "growth_bytes"},
    TABLE_COLUMN_END,
};

/* The columns of each view, in their order; what is cheap to know stands there without asking. */
static const struct view {
    size_t n;
    enum column columns[C_N];
    unsigned shown; /* 1 << column */
} views[] = {
    [PROCUSAGE_PROCESS] = {9,
                           {C_PID, C_USER, C_RSS, C_PSS, C_USS, C_SWAP, C_CGROUP, C_CONTAINER,
                            C_NAME},
                           1U << C_PID | 1U << C_USER | 1U << C_RSS | 1U << C_SWAP | 1U << C_NAME},
    [PROCUSAGE_USER] = {6,
                        {C_USER, C_COUNT, C_RSS, C_PSS, C_USS, C_SWAP},
                        1U << C_USER | 1U << C_COUNT | 1U << C_RSS | 1U << C_SWAP},
    [PROCUSAGE_CGROUP] = {6,
                          {C_COUNT, C_RSS, C_PSS, C_USS, C_SWAP, C_CGROUP},
                          1U << C_COUNT | 1U << C_RSS | 1U << C_CGROUP},
    [PROCUSAGE_CONTAINER] = {6,
                             {C_COUNT, C_RSS, C_PSS, C_USS, C_SWAP, C_CONTAINER},
                             1U << C_COUNT | 1U << C_RSS | 1U << C_CONTAINER},
    [PROCUSAGE_NAME] = {6,
                        {C_COUNT, C_RSS, C_PSS, C_USS, C_SWAP, C_NAME},
                        1U << C_COUNT | 1U << C_RSS | 1U << C_SWAP | 1U << C_NAME},
};

static const enum column column_of[] = {
    [CONSUMERS_BY_RSS] = C_RSS,   [CONSUMERS_BY_PSS] = C_PSS,       [CONSUMERS_BY_USS] = C_USS,
    [CONSUMERS_BY_SWAP] = C_SWAP, [CONSUMERS_BY_GROWTH] = C_GROWTH,
};

struct args {
    int sort; /* enum consumers_sort */
    int by;   /* enum procusage_by */
    int64_t top;
    uint64_t interval_ms;
    const char *criteria;
};

static const struct opt opts[] = {
    {0, "by", OPT_CHOICE, offsetof(struct args, sort), "WHAT", "the largest first (default rss)",
     .choices = consumers_sort_words},
    {0, "top", OPT_NUMBER, offsetof(struct args, top), "N",
     "list the N largest only (default 20); 0: all", .min = 0, .max = INT32_MAX},
    {0, "group-by", OPT_CHOICE, offsetof(struct args, by), "WHAT",
     "add up the processes that have this in common (default process)",
     .choices = consumers_by_words},
    {'i', "interval", OPT_DURATION, offsetof(struct args, interval_ms), "DURATION",
     "with --by growth: how long to wait for it (default 1s)"},
    {0, "criteria", OPT_STRING, offsetof(struct args, criteria), "WORDS",
     "only processes that procfind finds with these options and patterns"},
    OPT_END,
};

static const struct args defaults = {.sort = CONSUMERS_BY_RSS, .top = 20, .interval_ms = 1000};

/* ---- the table */

/* What one view of one run has. */
struct listing {
    struct table_column columns[C_N + 1];
    enum column what[C_N];
    size_t n;
    struct table *table;
    bool full_ids; /* for programs: ids of containers as they are */
};

static void choose_columns(struct listing *l, const struct args *args)
{
    const struct view *view = &views[args->by];

    for (size_t i = 0; i < view->n; i++) {
        enum column c = view->columns[i];
        bool first = c == column_of[args->sort];

        if (args->sort == CONSUMERS_BY_GROWTH && c == C_SWAP) {
            l->what[l->n] = C_GROWTH;
            l->columns[l->n] = columns[C_GROWTH];
            l->columns[l->n++].shown = true;
        }
        l->what[l->n] = c;
        l->columns[l->n] = columns[c];
        l->columns[l->n].shown = first || view->shown & 1U << c;
        l->columns[l->n++].dear = columns[c].dear && !first;
    }
}

static bool wants(const struct listing *l, enum column c)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->what[i] == c && table_wants(l->table, i))
            return true;
    return false;
}

static int set_bytes(const struct listing *l, size_t at, const struct consumer *row,
                     enum procusage_kind kind, struct err *e)
{
    uint64_t bytes = row->sum.bytes[kind];

    if (!(row->sum.known & PROCUSAGE_BIT(kind)))
        return table_set_unknown(l->table, at, e);
    table_set_number(l->table, at, bytes > INT64_MAX ? INT64_MAX : (int64_t)bytes);
    return 0;
}

static int set_cell(const struct listing *l, size_t at, const struct consumer *row, struct err *e)
{
    char id[CONTAINER_SHORT + 1];

    switch (l->what[at]) {
    case C_PID:
        table_set_number(l->table, at, row->sum.pid);
        return 0;
    case C_COUNT:
        table_set_number(l->table, at, row->sum.count);
        return 0;
    case C_GROWTH:
        table_set_number(l->table, at, row->sum.growth);
        return 0;
    case C_USER:
        return table_set_string(l->table, at, row->user, e);
    case C_CGROUP:
        return table_set_string(l->table, at, row->cgroup, e);
    case C_NAME:
        return table_set_string(l->table, at, row->name, e);
    case C_CONTAINER:
        if (!row->container || l->full_ids)
            return table_set_string(l->table, at, row->container, e);
        snprintf(id, sizeof(id), "%s", row->container);
        return table_set_string(l->table, at, id, e);
    case C_RSS:
        return set_bytes(l, at, row, PROCUSAGE_RSS, e);
    case C_PSS:
        return set_bytes(l, at, row, PROCUSAGE_PSS, e);
    case C_USS:
        return set_bytes(l, at, row, PROCUSAGE_USS, e);
    default:
        return set_bytes(l, at, row, PROCUSAGE_SWAP, e);
    }
}

static int print(const struct listing *l, const struct consumers *found, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < found->n && r == 0; i++) {
        r = table_row(l->table, e);
        for (size_t c = 0; c < l->n && r == 0; c++)
            if (table_wants(l->table, c))
                r = set_cell(l, c, &found->rows[i], e);
    }
    return r < 0 ? r : table_print(l->table, e);
}

/* ---- the numbers */

static struct consumers_query make_query(const struct cmd_context *ctx, const struct args *args,
                                         const struct listing *l)
{
    static const struct {
        enum column column;
        enum procusage_kind kind;
    } kinds[] = {{C_PSS, PROCUSAGE_PSS}, {C_USS, PROCUSAGE_USS}, {C_SWAP, PROCUSAGE_SWAP}};
    struct consumers_query q = {
        .root = &ctx->root,
        .by = (enum procusage_by)args->by,
        .sort = (enum consumers_sort)args->sort,
        .most = (size_t)args->top,
        .names = wants(l, C_NAME) || wants(l, C_USER),
        .places = wants(l, C_CGROUP) || wants(l, C_CONTAINER),
    };

    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
        if (wants(l, kinds[i].column))
            q.kinds |= PROCUSAGE_BIT(kinds[i].kind);
    return q;
}

static void pause_ms(uint64_t ms)
{
    struct timespec left = {.tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000};

    while (clock_nanosleep(CLOCK_BOOTTIME, 0, &left, &left) == EINTR)
        ;
}

static int look(const struct args *args, const struct consumers_query *q, struct consumers *out,
                struct err *e)
{
    _cleanup_(procusage_clear) struct procusage before = PROCUSAGE_INIT;
    _cleanup_(users_clear) struct users users = USERS_INIT;
    const struct procusage_query first = {
        .root = q->root, .match = q->match, .pick = q->pick, .by = q->by};
    bool grows = args->sort == CONSUMERS_BY_GROWTH;
    int r = 0;

    if (grows) {
        r = procusage_read(&first, &before, e);
        if (r < 0)
            return r;
        pause_ms(args->interval_ms);
    }
    return consumers_read(q, grows ? &before : NULL, &users, out, e);
}

static int judge(const struct cmd_context *ctx, const struct consumers *found)
{
    const char *remedy =
        geteuid() != 0 ? "run it as root" : "capabilities or a security module forbid it to root";

    if (found->unreadable)
        cmd_warn(ctx, "processes of which something could not be read: %zu; %s", found->unreadable,
                 remedy);
    if (found->hidden)
        cmd_warn(ctx, "/proc: does not show the processes of others (hidepid); %s", remedy);
    return found->unreadable || found->hidden ? CMD_PARTIAL : CMD_OK;
}

/* Return: 0; 1 if no process can meet them; or a negated errno. */
static int read_criteria(const struct cmd_context *ctx, const struct args *args, struct match *m,
                         struct consumers_query *q, struct err *e)
{
    struct finder f = FINDER_INIT;
    bool nothing = false;
    int r;

    if (!args->criteria)
        return 0;
    r = criteria_read("criteria", args->criteria, &ctx->root, m, &f, &nothing, e);
    q->match = m;
    q->pick = f.pick;
    finder_clear(&f);
    return r < 0 ? r : nothing;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct table_options *options = &ctx->common.table;
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(consumers_clear) struct consumers found = CONSUMERS_INIT;
    _cleanup_(match_clear) struct match match = MATCH_INIT;
    struct listing l = {.full_ids = options->json || options->raw};
    struct consumers_query q;
    int r;

    choose_columns(&l, args);
    r = table_new(table_names[args->by], l.columns, options, &l.table, &e);
    if (r == 0) {
        q = make_query(ctx, args, &l);
        r = read_criteria(ctx, args, &match, &q, &e);
    }
    if (r == 0)
        r = look(args, &q, &found, &e);
    if (r >= 0)
        r = print(&l, &found, &e);
    table_free(&l.table);
    return r < 0 ? cmd_fail(ctx, r, &e) : judge(ctx, &found);
}

const struct cmd memwatch_top = {
    .name = "top",
    .summary = "list who uses memory",
    .operands = "",
    .about =
        "Lists the processes that use most memory, or the users, control groups, containers or "
        "names whose processes do, the largest first. What could not be read is \"?\" and "
        "null. Exit status 4: something could not be read.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
