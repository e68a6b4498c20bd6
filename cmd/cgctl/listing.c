/* SPDX-License-Identifier: MIT */
#include "listing.h"

#include "cgowner.h"
#include "cgscan.h"
#include "cgvalue.h"

enum column {
    GROUP,
    MEMORY,
    MEMORY_MAX,
    MEMORY_PERCENT,
    SWAP,
    SWAP_MAX,
    PSI,
    CPU,
    PIDS,
    OOM_KILLS,
    MEMORY_HIGH,
    MEMORY_LOW,
    MEMORY_MIN,
    ZSWAP_MAX,
    CPU_MAX,
    CPU_WEIGHT,
    IO_MAX,
    PIDS_MAX,
    CPUSET,
    OWNER
};

const struct table_column listing_columns[] = {
    [GROUP] = {"GROUP", TABLE_STRING, true, "path from the top"},
    [MEMORY] = {"MEMORY", TABLE_SIZE, true, "memory in use"},
    [MEMORY_MAX] = {"MEMORY-MAX", TABLE_SIZE, true, "limit of it, or max"},
    [MEMORY_PERCENT] = {"MEMORY-PERCENT", TABLE_RATIO, false, "use in per cent of the limit"},
    [SWAP] = {"SWAP", TABLE_SIZE, true, "swap in use"},
    [SWAP_MAX] = {"SWAP-MAX", TABLE_SIZE, true, "limit of it, or max"},
    [PSI] = {"PSI", TABLE_RATIO, true,
             "per cent of the last 10 s in which something waited for memory"},
    [CPU] = {"CPU", TABLE_RATIO, false, "seconds on processors since it was made"},
    [PIDS] = {"PIDS", TABLE_NUMBER, true, "processes and threads"},
    [OOM_KILLS] = {"OOM-KILLS", TABLE_NUMBER, true, "processes killed for memory"},
    [MEMORY_HIGH] = {"MEMORY-HIGH", TABLE_SIZE, false, "above it, slowed down"},
    [MEMORY_LOW] = {"MEMORY-LOW", TABLE_SIZE, false, "below it, reclaimed last"},
    [MEMORY_MIN] = {"MEMORY-MIN", TABLE_SIZE, false, "below it, never reclaimed"},
    [ZSWAP_MAX] = {"ZSWAP-MAX", TABLE_SIZE, false, "limit of what it has in zswap"},
    [CPU_MAX] = {"CPU-MAX", TABLE_STRING, false,
                 "microseconds on processors, in a period of so many"},
    [CPU_WEIGHT] = {"CPU-WEIGHT", TABLE_NUMBER, false, "share of the processors"},
    [IO_MAX] = {"IO-MAX", TABLE_STRING, false, "limits of its devices"},
    [PIDS_MAX] = {"PIDS-MAX", TABLE_NUMBER, false, "limit of processes and threads"},
    [CPUSET] = {"CPUSET", TABLE_STRING, false, "processors that it may use"},
    [OWNER] = {"OWNER", TABLE_STRING, false, "the unit or container that it belongs to"},
    TABLE_COLUMN_END,
};

/* Columns that are a file with a single value. */
static const struct {
    enum column column;
    const char *file;
} singles[] = {
    {MEMORY, "memory.current"},    {MEMORY_MAX, "memory.max"}, {SWAP, "memory.swap.current"},
    {SWAP_MAX, "memory.swap.max"}, {PIDS, "pids.current"},     {MEMORY_HIGH, "memory.high"},
    {MEMORY_LOW, "memory.low"},    {MEMORY_MIN, "memory.min"}, {ZSWAP_MAX, "memory.zswap.max"},
    {CPU_WEIGHT, "cpu.weight"},    {PIDS_MAX, "pids.max"},
};

/* Columns that are a file's text. */
static const struct {
    enum column column;
    const char *file;
} texts[] = {{CPU_MAX, "cpu.max"}, {IO_MAX, "io.max"}, {CPUSET, "cpuset.cpus"}};

const char *const listing_sort_words[] = {"path", "memory", "swap", "cpu", "psi", NULL};

/* What a row shows, and how it is sorted. */
struct listing_row {
    char *path;
    unsigned depth;
    uint64_t key;
    uint64_t values[ARRAY_SIZE(singles)];
    bool has[ARRAY_SIZE(singles)];
    char *texts[ARRAY_SIZE(texts)];
    uint64_t psi, oom_kills; /* hundredths of a per cent */
    uint64_t cpu_us, cpu;    /* hundredths of a second, or of a per cent of a processor */
    bool has_psi, has_cpu, has_oom_kills;
};

_Static_assert(ARRAY_SIZE(listing_columns) - 1 <= LISTING_COLUMNS_MAX, "a flag for each column");

void listing_clear(struct listing *l)
{
    for (size_t i = 0; i < l->n; i++) {
        free(l->rows[i].path);
        for (size_t k = 0; k < ARRAY_SIZE(texts); k++)
            free(l->rows[i].texts[k]);
    }
    free(l->rows);
    table_free(&l->table);
    *l = (struct listing){.rows = NULL};
}

static int add_row(struct listing *l, const struct cgscan_group *g, struct listing_row **out)
{
    struct listing_row *rows = l->rows;

    /* room for 16, 32, 64...: it is used up when the number is such a one */
    if (l->n == 0 || (l->n >= 16 && (l->n & (l->n - 1)) == 0))
        rows = reallocarray(rows, l->n ? 2 * l->n : 16, sizeof(*rows));
    if (!rows)
        return -ENOMEM;
    l->rows = rows;
    *out = &rows[l->n];
    **out = (struct listing_row){.depth = g->depth};
    if (asprintf(&(*out)->path, "/%s", g->path) < 0)
        return -ENOMEM;
    l->n++;
    return 0;
}

/* "some avg10=1.23 ...": 123. */
static bool read_psi(const struct cgscan_group *g, uint64_t *out)
{
    _cleanup_(free_ptr) char *text = NULL;
    const char *p;
    char *end;
    uint64_t whole;

    if (cgscan_text(g, "memory.pressure", &text) < 0 ||
        cgvalue_nested(text, "some", "avg10", &whole) < 0)
        return false;
    p = strstr(text, "avg10=");
    p = p ? strchr(p, '.') : NULL;
    *out = whole * 100 + (p ? strtoul(p + 1, &end, 10) : 0);
    return true;
}

static bool read_flat(const struct cgscan_group *g, const char *file, const char *key,
                      uint64_t *out)
{
    _cleanup_(free_ptr) char *text = NULL;

    return cgscan_text(g, file, &text) == 0 && cgvalue_flat(text, key, out) == 0;
}

static void read_others(const struct listing *l, const struct cgscan_group *g,
                        struct listing_row *row)
{
    if (l->wanted[PSI])
        row->has_psi = read_psi(g, &row->psi);
    if (l->wanted[CPU])
        row->has_cpu = read_flat(g, "cpu.stat", "usage_usec", &row->cpu_us);
    row->cpu = row->cpu_us / 10000;
    if (l->wanted[OOM_KILLS])
        row->has_oom_kills = read_flat(g, "memory.events", "oom_kill", &row->oom_kills);
    for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
        if (l->wanted[texts[i].column] && cgscan_text(g, texts[i].file, &row->texts[i]) < 0)
            row->texts[i] = NULL;
}

static uint64_t sort_key(const struct listing *l, const struct listing_row *row)
{
    switch ((enum listing_sort)l->sort) {
    case LISTING_BY_MEMORY:
        return row->has[0] ? row->values[0] : 0;
    case LISTING_BY_SWAP:
        return row->has[2] ? row->values[2] : 0;
    case LISTING_BY_CPU:
        return row->cpu;
    case LISTING_BY_PSI:
        return row->psi;
    case LISTING_BY_PATH:
        break;
    }
    return 0;
}

static int visit(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct listing *l = arg;
    struct listing_row *row;

    if (add_row(l, g, &row) < 0)
        return err_oom(e);
    for (size_t i = 0; i < ARRAY_SIZE(singles); i++)
        if (l->wanted[singles[i].column])
            row->has[i] = cgscan_value(g, singles[i].file, &row->values[i]) == 0;
    read_others(l, g, row);
    row->key = sort_key(l, row);
    return 0;
}

/* ---- printing */

static int set_path(const struct listing *l, const struct listing_row *row, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    const char *slash = strrchr(row->path, '/');

    if (!l->tree || row->depth == 0)
        return table_set_string(l->table, GROUP, row->path, e);
    if (asprintf(&text, "%*s%s", (int)row->depth * 2, "", slash + 1) < 0)
        return err_oom(e);
    return table_set_string(l->table, GROUP, text, e);
}

static int set_texts(const struct listing *l, struct listing_row *row, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < ARRAY_SIZE(texts) && r == 0; i++) {
        char *text = row->texts[i];
        size_t n = text ? strlen(text) : 0;

        if (n == 0)
            continue;
        text[n - 1] = text[n - 1] == '\n' ? '\0' : text[n - 1];
        for (char *p = text; (p = strchr(p, '\n')); p++)
            *p = ';';
        r = table_set_string(l->table, texts[i].column, text, e);
    }
    return r;
}

static int set_owner(const struct listing *l, const struct listing_row *row, struct err *e)
{
    _cleanup_(free_ptr) char *owner = NULL;

    if (!l->wanted[OWNER])
        return 0;
    if (cgowner_of(row->path + 1, &owner) < 0)
        return err_oom(e);
    return table_set_string(l->table, OWNER, owner, e);
}

static int print_row(const struct listing *l, struct listing_row *row, struct err *e)
{
    struct table *t = l->table;
    int r = table_row(t, e);

    if (r == 0)
        r = set_path(l, row, e);
    for (size_t i = 0; i < ARRAY_SIZE(singles) && r == 0; i++)
        if (row->has[i])
            r = table_set_limit(t, singles[i].column, row->values[i], e);
    if (r < 0)
        return r;
    if (row->has[0] && row->has[1] && row->values[1] != CGVALUE_MAX && row->values[1] > 0)
        table_set_number(t, MEMORY_PERCENT,
                         (int64_t)((double)row->values[0] * 10000 / (double)row->values[1]));
    if (row->has_psi)
        table_set_number(t, PSI, (int64_t)row->psi);
    if (row->has_cpu)
        table_set_number(t, CPU, (int64_t)row->cpu);
    if (row->has_oom_kills)
        table_set_number(t, OOM_KILLS, (int64_t)row->oom_kills);
    r = set_owner(l, row, e);
    return r < 0 ? r : set_texts(l, row, e);
}

static int largest_first(const void *a, const void *b)
{
    const struct listing_row *x = a, *y = b;

    if (x->key != y->key)
        return x->key > y->key ? -1 : 1;
    return strcmp(x->path, y->path);
}

/* What must be read: the columns that are printed, and what those and the order are made of. */
static void choose(struct listing *l)
{
    static const enum column keys[] = {GROUP, MEMORY, SWAP, CPU, PSI};

    for (size_t i = 0; listing_columns[i].name; i++)
        l->wanted[i] = table_wants(l->table, i);
    l->wanted[keys[l->sort]] = true;
    if (l->wanted[MEMORY_PERCENT])
        l->wanted[MEMORY] = l->wanted[MEMORY_MAX] = true;
}

int listing_read(struct listing *l, const struct cgtree *tree, const char *path, struct err *e)
{
    choose(l);
    return cgscan_walk(tree, path, visit, l, e);
}

bool listing_wants_memory(const struct listing *l)
{
    for (size_t i = 0; i < ARRAY_SIZE(singles); i++)
        if (l->wanted[singles[i].column] && str_after(singles[i].file, "memory."))
            return true;
    return l->wanted[OOM_KILLS];
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct listing_row *)a)->path, ((const struct listing_row *)b)->path);
}

void listing_rates(struct listing *l, struct listing *before, uint64_t us)
{
    if (before->n > 1)
        qsort(before->rows, before->n, sizeof(*before->rows), by_path);
    for (size_t i = 0; i < l->n; i++) {
        struct listing_row *row = &l->rows[i];
        const struct listing_row *old =
            before->n ? bsearch(row, before->rows, before->n, sizeof(*row), by_path) : NULL;

        row->has_cpu = row->has_cpu && old && old->has_cpu && old->cpu_us <= row->cpu_us && us > 0;
        row->cpu = row->has_cpu ? (row->cpu_us - old->cpu_us) * 10000 / us : 0;
        row->key = sort_key(l, row);
    }
}

int listing_print(struct listing *l, size_t most, struct err *e)
{
    int r = 0;

    if (l->sort != LISTING_BY_PATH && l->n > 1)
        qsort(l->rows, l->n, sizeof(*l->rows), largest_first);
    for (size_t i = 0; i < l->n && i < most && r == 0; i++)
        r = print_row(l, &l->rows[i], e);
    return r < 0 ? r : table_print(l->table, e);
}
