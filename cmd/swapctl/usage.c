/* SPDX-License-Identifier: MIT */
#include "meminfo.h"
#include "size.h"
#include "swapctl.h"
#include "swapusage.h"
#include "users.h"

enum by { PROCESS, CGROUP, USER };

static const char *const by_words[] = {"process", "cgroup", "user", NULL};

enum column { C_PID, C_NAME, C_CGROUP, C_USER, C_COUNT, C_SWAP, C_TREE, C_N };

static const struct table_column columns[] = {
    [C_PID] = {"PID", TABLE_NUMBER, true, "of a process: its number"},
    [C_NAME] = {"NAME", TABLE_STRING, true, "of a process: its name"},
    [C_CGROUP] = {"CGROUP", TABLE_STRING, true, "--by cgroup: its path"},
    [C_USER] = {"USER", TABLE_STRING, true, "user, or the number of one without a name"},
    [C_COUNT] = {"COUNT", TABLE_NUMBER, true, "--by user: processes with something swapped out"},
    [C_SWAP] = {"SWAP", TABLE_SIZE, true, "swap that it holds", "swap_bytes"},
    [C_TREE] = {"TREE", TABLE_SIZE, false, "--by cgroup: with the groups in it", "tree_bytes"},
    TABLE_COLUMN_END,
};

/* The columns of each view, in their order. */
static const struct view {
    size_t n;
    enum column columns[C_N];
} views[] = {
    [PROCESS] = {4, {C_PID, C_NAME, C_USER, C_SWAP}},
    [CGROUP] = {3, {C_CGROUP, C_SWAP, C_TREE}},
    [USER] = {3, {C_USER, C_COUNT, C_SWAP}},
};

struct args {
    int by;
    int64_t top; /* 0: all */
};

static const struct opt opts[] = {
    {0, "by", OPT_CHOICE, offsetof(struct args, by), "WHAT", "whose swap to list (default process)",
     .choices = by_words},
    {0, "top", OPT_NUMBER, offsetof(struct args, top), "N", "list the N largest only", .min = 1,
     .max = INT32_MAX},
    OPT_END,
};

static const struct args defaults = {.by = PROCESS};

static int set_cell(const struct cmd_context *ctx, struct table *t, size_t at, enum column column,
                    const struct swapusage_row *row, struct users *names, struct err *e)
{
    const char *user;
    int r;

    switch (column) {
    case C_PID:
        table_set_number(t, at, row->pid);
        return 0;
    case C_COUNT:
        table_set_number(t, at, (int64_t)row->count);
        return 0;
    case C_SWAP:
        table_set_number(t, at, (int64_t)row->swap);
        return 0;
    case C_TREE:
        table_set_number(t, at, (int64_t)row->tree);
        return 0;
    case C_USER:
        r = users_name_of(names, &ctx->root, row->uid, &user, e);
        return r < 0 ? r : table_set_string(t, at, user, e);
    default:
        return table_set_string(t, at, row->name, e);
    }
}

static int add_rows(const struct cmd_context *ctx, struct table *t, const struct args *args,
                    const struct swapusage *u, struct err *e)
{
    _cleanup_(users_clear) struct users names = USERS_INIT;
    const struct view *view = &views[args->by];
    size_t n = args->top && (uint64_t)args->top < u->n ? (size_t)args->top : u->n;
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i++) {
        r = table_row(t, e);
        for (size_t c = 0; c < view->n && r == 0; c++)
            if (table_wants(t, c))
                r = set_cell(ctx, t, c, view->columns[c], &u->rows[i], &names, e);
    }
    return r;
}

static int look(const struct cmd_context *ctx, const struct args *args, struct swapusage *u,
                struct err *e)
{
    int r = args->by == CGROUP ? swapusage_cgroups(&ctx->root, u, e)
            : args->by == USER ? swapusage_users(&ctx->root, u, e)
                               : swapusage_processes(&ctx->root, u, e);

    if (r == 0)
        swapusage_sort(u);
    return r;
}

/* For people: how the sum of the rows compares with what the kernel says is in use. */
static void explain(const struct args *args, const struct swapusage *u, const struct meminfo *m)
{
    uint64_t used = m->swap_total - m->swap_free;
    char in_use[SIZE_TEXT_MAX], sum[SIZE_TEXT_MAX], rest[SIZE_TEXT_MAX], cached[SIZE_TEXT_MAX];

    if (u->n == 0 && used == 0)
        return;
    printf("\n%s in use, %s accounted for", size_format(used, in_use),
           size_format(u->accounted, sum));
    size_format(m->swap_cached, cached);
    if (u->accounted > used)
        printf("; processes share pages: %s count more than once\n",
               size_format(u->accounted - used, rest));
    else if (u->accounted == used)
        putchar('\n');
    else if (args->by == CGROUP)
        printf("; %s belong to no group that counts, or are in the swap cache (%s)\n",
               size_format(used - u->accounted, rest), cached);
    else
        printf("; %s are shared memory, tmpfs, or in the swap cache (%s)\n",
               size_format(used - u->accounted, rest), cached);
}

static int print(const struct cmd_context *ctx, const struct args *args, struct table *t,
                 const struct swapusage *u, struct err *e)
{
    const struct table_options *o = &ctx->common.table;
    struct meminfo m;
    int r;

    r = meminfo_read(&ctx->root, &m, e);
    if (r == 0)
        r = add_rows(ctx, t, args, u, e);
    if (r < 0)
        return r;
    if (m.swap_free > m.swap_total)
        m.swap_free = m.swap_total; /* the kernel counts them one after the other */
    table_add_total(t, "accounted_bytes", (int64_t)u->accounted);
    table_add_total(t, "used_bytes", (int64_t)(m.swap_total - m.swap_free));
    r = table_print(t, e);
    if (r == 0 && !o->json && !o->raw && !o->noheadings)
        explain(args, u, &m);
    return r;
}

static int judge(const struct cmd_context *ctx, const struct swapusage *u)
{
    if (u->unreadable)
        cmd_warn(ctx, "processes that could not be read and are missing here: %zu; run it as root",
                 u->unreadable);
    if (u->hidden)
        cmd_warn(ctx, "/proc: does not show the processes of others (hidepid); run it as root");
    return u->unreadable || u->hidden ? CMD_PARTIAL : CMD_OK;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    const struct view *view = &views[args->by];
    struct table_column mine[C_N + 1] = {0};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(swapusage_clear) struct swapusage u = SWAPUSAGE_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    int r;

    for (size_t c = 0; c < view->n; c++)
        mine[c] = columns[view->columns[c]];
    r = table_new("usage", mine, &ctx->common.table, &t, &e);
    if (r == 0)
        r = look(ctx, args, &u, &e);
    if (r == 0)
        r = print(ctx, args, t, &u, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return judge(ctx, &u);
}

const struct cmd swapctl_usage = {
    .name = "usage",
    .summary = "list who holds swap",
    .operands = "",
    .about = "Lists the processes that hold swap, or the control groups or users, the largest "
             "first. Exit status 4: some processes could not be read.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
