/* SPDX-License-Identifier: MIT */
#include "consumers.h"

const char *const consumers_sort_words[] = {
    [CONSUMERS_BY_RSS] = "rss",   [CONSUMERS_BY_PSS] = "pss",       [CONSUMERS_BY_USS] = "uss",
    [CONSUMERS_BY_SWAP] = "swap", [CONSUMERS_BY_GROWTH] = "growth", NULL,
};

const char *const consumers_by_words[] = {
    [PROCUSAGE_PROCESS] = "process",     [PROCUSAGE_USER] = "user", [PROCUSAGE_CGROUP] = "cgroup",
    [PROCUSAGE_CONTAINER] = "container", [PROCUSAGE_NAME] = "name", NULL,
};

static void clear_row(struct consumer *c)
{
    free(c->name);
    free(c->user);
    free(c->cgroup);
    free(c->container);
}

void consumers_clear(struct consumers *c)
{
    for (size_t i = 0; i < c->n; i++)
        clear_row(&c->rows[i]);
    free(c->rows);
    procusage_clear(&c->all);
    *c = CONSUMERS_INIT;
}

enum procusage_kind consumers_kind(enum consumers_sort sort)
{
    static const enum procusage_kind kinds[] = {
        [CONSUMERS_BY_RSS] = PROCUSAGE_RSS,    [CONSUMERS_BY_PSS] = PROCUSAGE_PSS,
        [CONSUMERS_BY_USS] = PROCUSAGE_USS,    [CONSUMERS_BY_SWAP] = PROCUSAGE_SWAP,
        [CONSUMERS_BY_GROWTH] = PROCUSAGE_RSS,
    };

    return kinds[sort];
}

struct chooser {
    const struct consumers_query *q;
    struct users *users;
    struct consumers *out;
    struct procscan scan;
    struct process process;
    uint64_t since_ms; /* growth is told since then; 0: it is not */
    struct err *e;
};

/* ---- the second look, at those that were chosen */

static int copy(char **out, struct kv_span text, struct err *e)
{
    if (text.n == 0)
        return 0;
    *out = strndup(text.p, text.n);
    return *out ? 0 : err_oom(e);
}

static int copy_text(char **out, const char *text, struct err *e)
{
    return copy(out, (struct kv_span){text, strlen(text)}, e);
}

/* What the first look has found stays: the order goes by it. */
static void set_unknown(struct procusage_row *row, enum procusage_kind kind, uint64_t bytes)
{
    if (row->known & PROCUSAGE_BIT(kind))
        return;
    row->bytes[kind] = bytes;
    row->known |= PROCUSAGE_BIT(kind);
}

static int name_process(struct chooser *c, struct consumer *row)
{
    struct kv_span name;
    const char *user;
    int r;

    if (!row->name && process_name(&c->process, &name) == 0 && copy(&row->name, name, c->e) < 0)
        return -ENOMEM;
    r = users_name_of(c->users, c->q->root, row->sum.uid, &user, c->e);
    return r < 0 ? r : copy_text(&row->user, user, c->e);
}

static int place_process(struct chooser *c, struct consumer *row)
{
    struct container container;
    const char *text;
    int r;

    if (process_cgroup(&c->process, &text) < 0)
        return 0;
    r = copy(&row->cgroup, proc_cgroup_memory(text), c->e);
    if (r == 0 && container_parse(text, &container))
        r = copy_text(&row->container, container.id, c->e);
    return r;
}

static void measure_shares(struct chooser *c, struct consumer *row)
{
    unsigned dear = PROCUSAGE_BIT(PROCUSAGE_PSS) | PROCUSAGE_BIT(PROCUSAGE_USS);
    uint64_t pss, uss;
    const char *text;
    int r;

    /* who was asked before and did not tell has been counted */
    if (!(c->q->kinds & dear) || PROCUSAGE_BIT(consumers_kind(c->q->sort)) & dear)
        return;
    r = process_rollup(&c->process, &text);
    if (r == 0)
        r = proc_pss_parse(text, &pss);
    if (r == 0)
        r = proc_uss_parse(text, &uss);
    if (r == 0) {
        set_unknown(&row->sum, PROCUSAGE_PSS, pss);
        set_unknown(&row->sum, PROCUSAGE_USS, uss);
    } else if (r != -ENOENT && r != -ESRCH) {
        c->out->unreadable++;
    }
}

/* Return: 1; 0 if it is gone; or a negated errno. */
static int look_again(struct chooser *c, struct consumer *row)
{
    uint64_t ticks = (uint64_t)sysconf(_SC_CLK_TCK);
    const struct proc_status *status;
    const struct proc_stat *stat;
    int r = 0;

    process_begin(&c->process, c->scan.fd, c->q->root->live, row->sum.pid);
    if (process_stat(&c->process, &stat) < 0 || process_status(&c->process, &status) < 0)
        return 0;
    /* another one may have had its number when the growth began */
    if (c->since_ms && stat->start * 1000 / ticks > c->since_ms)
        row->sum.growth = (int64_t)row->sum.bytes[PROCUSAGE_RSS];
    row->sum.uid = status->euid;
    set_unknown(&row->sum, PROCUSAGE_SWAP, status->swap);
    measure_shares(c, row);
    if (c->q->names)
        r = name_process(c, row);
    if (r == 0 && c->q->places)
        r = place_process(c, row);
    return r < 0 ? r : 1;
}

/* ---- choice */

static char **name_in(const struct chooser *c, struct consumer *row)
{
    switch (c->q->by) {
    case PROCUSAGE_CGROUP:
        return &row->cgroup;
    case PROCUSAGE_CONTAINER:
        return &row->container;
    default:
        return &row->name;
    }
}

/* Does it come through the filter? */
static bool passes(const struct chooser *c, const struct procusage_row *row, const char *user)
{
    const char *name = c->q->by == PROCUSAGE_USER ? user : row->name;

    return !c->q->filter || (name && strcasestr(name, c->q->filter));
}

/* Return: 1, 0 if it is none of those that are wanted, or a negated errno. */
static int make_row(struct chooser *c, const struct procusage_row *sum, struct consumer *row)
{
    const char *user = NULL;
    int r = 0;

    row->sum = *sum;
    row->sum.name = NULL;
    if (c->q->by == PROCUSAGE_USER)
        r = users_name_of(c->users, c->q->root, sum->uid, &user, c->e);
    if (r < 0 || !passes(c, sum, user))
        return r;
    if (user)
        r = copy_text(&row->user, user, c->e);
    if (r == 0 && sum->name)
        r = copy_text(name_in(c, row), sum->name, c->e);
    if (r < 0)
        return r;
    return c->q->by == PROCUSAGE_PROCESS ? look_again(c, row) : 1;
}

static int choose(struct chooser *c)
{
    struct consumers *out = c->out;
    size_t n = out->all.n;
    int r = 0;

    if (c->q->most && c->q->most < n)
        n = c->q->most;
    out->rows = calloc(n + 1, sizeof(*out->rows));
    if (!out->rows)
        return err_oom(c->e);
    for (size_t i = 0; i < out->all.n && out->n < n && r >= 0; i++) {
        struct consumer row = {.name = NULL};

        r = make_row(c, &out->all.rows[i], &row);
        if (r == 1)
            out->rows[out->n++] = row;
        else
            clear_row(&row);
    }
    return r < 0 ? r : 0;
}

static int read_all(const struct consumers_query *q, struct procusage *out, struct err *e)
{
    enum procusage_kind kind = consumers_kind(q->sort);
    bool process = q->by == PROCUSAGE_PROCESS;
    const struct procusage_query query = {
        .root = q->root,
        .match = q->match,
        .pick = q->pick,
        .by = q->by,
        .kinds = PROCUSAGE_BIT(kind) | (process ? 0 : q->kinds),
        .held = kind,
        .names = process && q->filter,
        .most = q->filter ? 0 : q->most,
    };

    return procusage_read(&query, out, e);
}

int consumers_read(const struct consumers_query *q, struct procusage *before, struct users *users,
                   struct consumers *out, struct err *e)
{
    _cleanup_(consumers_clear) struct consumers found = CONSUMERS_INIT;
    struct chooser c = {.q = q,
                        .users = users,
                        .out = &found,
                        .scan = PROCSCAN_INIT,
                        .process = PROCESS_INIT,
                        .since_ms = before ? before->began_ms : 0,
                        .e = e};
    int r = read_all(q, &found.all, e);

    if (r < 0)
        return r;
    found.has_growth = before != NULL;
    found.unreadable = found.all.unreadable;
    found.hidden = found.all.hidden;
    if (before)
        procusage_grow(&found.all, before);
    if (q->sort == CONSUMERS_BY_GROWTH)
        procusage_sort_growth(&found.all);
    else
        procusage_sort(&found.all, consumers_kind(q->sort));
    r = procscan_begin(q->root, &c.scan, e);
    if (r == 0)
        r = choose(&c);
    procscan_clear(&c.scan);
    process_clear(&c.process);
    if (r < 0)
        return r;
    *out = found;
    found = CONSUMERS_INIT;
    return 0;
}
