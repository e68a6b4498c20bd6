/* SPDX-License-Identifier: MIT */
#include "procusage.h"

#include "monotonic.h"

void procusage_clear(struct procusage *u)
{
    procusage_cut(u, 0);
    free(u->rows);
    *u = PROCUSAGE_INIT;
}

void procusage_cut(struct procusage *u, size_t n)
{
    while (u->n > n)
        free(u->rows[--u->n].name);
}

/* ---- one process */

struct reader {
    const struct procusage_query *q;
    struct procusage *u;
    struct procscan scan;
    struct process process;
    uint64_t page;
    size_t *slots; /* owned; of groups: a hash table of indexes into the rows, plus one */
    size_t n_slots;
    struct err *e;
};

static bool wants(const struct procusage_query *q, enum procusage_kind kind)
{
    return q->kinds & PROCUSAGE_BIT(kind);
}

static bool is_dear(enum procusage_kind kind)
{
    return kind == PROCUSAGE_PSS || kind == PROCUSAGE_USS;
}

static void set(struct procusage_row *row, enum procusage_kind kind, uint64_t bytes)
{
    row->bytes[kind] = bytes;
    row->known |= PROCUSAGE_BIT(kind);
}

static int read_status(struct reader *r, struct procusage_row *row)
{
    const struct proc_status *s;
    int n = process_status(&r->process, &s);

    if (n < 0)
        return n;
    row->uid = s->euid;
    set(row, PROCUSAGE_RSS, s->rss);
    set(row, PROCUSAGE_SWAP, s->swap);
    return 0;
}

/* Half as dear as status; but one whose first thread has ended shows nothing there, as kernel
 * threads do. */
static int read_statm(struct reader *r, struct procusage_row *row)
{
    const char *text;
    uint64_t rss;
    ssize_t n = procscan_read(&r->scan, r->process.pid, "statm", &text);

    if (n < 0)
        return (int)n;
    n = proc_statm_parse(text, r->page, &rss);
    if (n < 0)
        return (int)n;
    if (rss == 0)
        return read_status(r, row);
    set(row, PROCUSAGE_RSS, rss);
    return 0;
}

static bool needs_status(const struct procusage_query *q)
{
    return wants(q, PROCUSAGE_SWAP) || q->by == PROCUSAGE_USER || q->by == PROCUSAGE_NAME ||
           q->names;
}

/* Return: 0; -EACCES if it is there and does not tell. */
static int read_rollup(struct reader *r, struct procusage_row *row)
{
    const char *text;
    uint64_t bytes;
    int n = process_rollup(&r->process, &text);

    if (n == -ENODATA) { /* no memory at all */
        set(row, PROCUSAGE_PSS, 0);
        set(row, PROCUSAGE_USS, 0);
        return 0;
    }
    if (n < 0)
        return n;
    n = proc_pss_parse(text, &bytes);
    if (n == 0)
        set(row, PROCUSAGE_PSS, bytes);
    if (n == 0)
        n = proc_uss_parse(text, &bytes);
    if (n == 0)
        set(row, PROCUSAGE_USS, bytes);
    return n;
}

static bool is_gone(int r)
{
    return r == -ENOENT || r == -ESRCH;
}

static int name_of(struct reader *r, char **out)
{
    const struct proc_status *s;
    struct kv_span name;
    int n = process_status(&r->process, &s);

    if (n == 0)
        name = (struct kv_span){s->name, strlen(s->name)};
    if (n == 0 && name.n == PROC_COMM_MAX)
        n = process_name(&r->process, &name);
    if (n < 0)
        return n;
    *out = strndup(name.p, name.n);
    return *out ? 0 : -ENOMEM;
}

static int container_of(struct reader *r, char **out)
{
    struct container c;
    const char *text;
    int n = process_cgroup(&r->process, &text);

    if (n < 0)
        return n;
    *out = strdup(container_parse(text, &c) ? c.id : "");
    return *out ? 0 : -ENOMEM;
}

static int cgroup_of(struct reader *r, char **out)
{
    struct kv_span path;
    const char *text;
    int n = process_cgroup(&r->process, &text);

    if (n < 0)
        return n;
    path = proc_cgroup_memory(text);
    *out = strndup(path.p, path.n);
    return *out ? 0 : -ENOMEM;
}

/* Whatever its row is known by. */
static int read_key(struct reader *r, struct procusage_row *row)
{
    switch (r->q->by) {
    case PROCUSAGE_PROCESS:
        row->pid = r->process.pid;
        return r->q->names ? name_of(r, &row->name) : 0;
    case PROCUSAGE_USER:
        return 0; /* its status was read */
    case PROCUSAGE_CGROUP:
        return cgroup_of(r, &row->name);
    case PROCUSAGE_CONTAINER:
        return container_of(r, &row->name);
    default:
        return name_of(r, &row->name);
    }
}

/* ---- rows */

static int compare_keys(const void *a, const void *b)
{
    const struct procusage_row *x = a, *y = b;

    if (x->pid != y->pid)
        return x->pid < y->pid ? -1 : 1;
    if (x->name && y->name)
        return strcmp(x->name, y->name);
    return (x->uid > y->uid) - (x->uid < y->uid);
}

/* Takes the name over, also when it fails. */
static int append(struct procusage *u, struct procusage_row *row)
{
    if (u->n == u->size) {
        size_t size = u->size ? 2 * u->size : 64;
        struct procusage_row *rows = reallocarray(u->rows, size, sizeof(*rows));

        if (!rows) {
            free(TAKE_PTR(row->name));
            return -ENOMEM;
        }
        u->rows = rows;
        u->size = size;
    }
    u->rows[u->n++] = *row;
    row->name = NULL;
    return 0;
}

static size_t hash(const struct procusage_row *row)
{
    uint64_t h = 14695981039346656037U ^ row->uid;

    for (const char *p = row->name; p && *p; p++)
        h = (h ^ (unsigned char)*p) * 1099511628211U;
    return (size_t)(h ^ h >> 32);
}

/* The slot of the row that is known by the same, or the empty one that it belongs into. */
static size_t *find_slot(struct reader *r, const struct procusage_row *row)
{
    size_t at = hash(row) & (r->n_slots - 1);

    while (r->slots[at] && compare_keys(&r->u->rows[r->slots[at] - 1], row) != 0)
        at = (at + 1) & (r->n_slots - 1);
    return &r->slots[at];
}

/* At least half of the slots are empty. */
static int make_slots(struct reader *r)
{
    if (r->n_slots > 2 * r->u->n)
        return 0;
    free(r->slots);
    r->n_slots = r->n_slots ? 2 * r->n_slots : 256;
    r->slots = calloc(r->n_slots, sizeof(*r->slots));
    if (!r->slots)
        return -ENOMEM;
    for (size_t i = 0; i < r->u->n; i++)
        *find_slot(r, &r->u->rows[i]) = i + 1;
    return 0;
}

static void add_up(struct procusage_row *sum, const struct procusage_row *row)
{
    for (int i = 0; i < PROCUSAGE_KINDS; i++)
        if (__builtin_add_overflow(sum->bytes[i], row->bytes[i], &sum->bytes[i]))
            sum->bytes[i] = UINT64_MAX;
    sum->known &= row->known;
    sum->count++;
}

/* Takes the name over. Return: 0 or -ENOMEM. */
static int add(struct reader *r, struct procusage_row *row)
{
    size_t *slot;
    int n;

    row->count = 1;
    if (r->q->by == PROCUSAGE_PROCESS)
        return append(r->u, row);
    if (r->q->by != PROCUSAGE_USER)
        row->uid = 0;
    n = make_slots(r);
    if (n < 0) {
        free(TAKE_PTR(row->name));
        return n;
    }
    slot = find_slot(r, row);
    if (*slot == 0) {
        *slot = r->u->n + 1;
        return append(r->u, row);
    }
    add_up(&r->u->rows[*slot - 1], row);
    free(TAKE_PTR(row->name));
    return 0;
}

/* ---- all processes */

static bool can_spare(const struct procusage_query *q)
{
    return q->most && q->by == PROCUSAGE_PROCESS && is_dear(q->held);
}

static bool holds_none(const struct procusage_query *q, const struct procusage_row *row)
{
    enum procusage_kind kind = is_dear(q->held) ? PROCUSAGE_RSS : q->held;

    return row->known & PROCUSAGE_BIT(kind) && row->bytes[kind] == 0;
}

/* Return: 0, or what the reading of its files has given. */
static int look(struct reader *r, struct procusage_row *row, bool *partly)
{
    const struct procusage_query *q = r->q;
    int n = needs_status(q) ? read_status(r, row) : read_statm(r, row);

    if (n < 0 || holds_none(q, row))
        return n;
    n = read_key(r, row);
    if (n == 0 && q->kinds & (PROCUSAGE_BIT(PROCUSAGE_PSS) | PROCUSAGE_BIT(PROCUSAGE_USS)) &&
        !can_spare(q)) {
        n = read_rollup(r, row);
        *partly = n < 0 && !is_gone(n);
        return *partly ? 0 : n;
    }
    return n;
}

static int look_and_add(struct reader *r, pid_t pid)
{
    struct procusage_row row = {.name = NULL};
    bool partly = false;
    int n;

    process_begin(&r->process, r->scan.fd, r->q->root->live, pid);
    n = look(r, &row, &partly);
    if (n == 0 && !holds_none(r->q, &row))
        n = add(r, &row);
    free(row.name);
    r->u->unreadable += partly || (n < 0 && n != -ENOMEM && !is_gone(n));
    return n == -ENOMEM ? err_oom(r->e) : 0;
}

static int read_all(struct reader *r)
{
    pid_t pid;
    int n;

    while ((n = procscan_next(&r->scan, &pid, r->e)) == 1) {
        n = look_and_add(r, pid);
        if (n < 0)
            return n;
    }
    r->u->hidden = !r->scan.saw_first;
    return n;
}

static int read_matching(struct reader *r)
{
    _cleanup_(finder_clear) struct finder f = FINDER_INIT;
    _cleanup_(finder_result_clear) struct finder_result result = FINDER_RESULT_INIT;
    int n = finder_open(&f, r->q->root, r->q->match, r->e);

    /* they all hold memory: this program too, and who has started it */
    f.include_self = f.include_wrappers = true;
    f.pick = r->q->pick;
    if (n == 0)
        n = finder_run(&f, &result, r->e);
    for (size_t i = 0; i < result.n && n == 0; i++)
        n = look_and_add(r, result.found[i].pid);
    r->u->unreadable += result.unreadable;
    r->u->hidden = result.hidden;
    return n;
}

/* ---- the dear ones, of those only that may be among the first */

/* Since Linux 6.2 each processor counts for itself at first, and RSS is too small by as much: three
 * counters, of so many pages at most on each. */
static uint64_t rss_error(uint64_t page)
{
    long cpus = sysconf(_SC_NPROCESSORS_CONF);
    uint64_t n = cpus > 0 ? (uint64_t)cpus : 1, batch = n > 16 ? 2 * n : 32;

    return 3 * n * batch * page;
}

/* Keep the largest ones, the smallest of them first. */
static void keep(uint64_t *best, size_t *n, size_t most, uint64_t bytes)
{
    size_t i = 0;

    if (*n < most) {
        for (i = *n; i > 0 && best[i - 1] > bytes; i--)
            best[i] = best[i - 1];
        best[i] = bytes;
        ++*n;
    } else if (bytes > best[0]) {
        for (; i + 1 < most && best[i + 1] < bytes; i++)
            best[i] = best[i + 1];
        best[i] = bytes;
    }
}

static int read_first(struct reader *r)
{
    struct procusage *u = r->u;
    size_t n = 0, most = r->q->most < u->n ? r->q->most : u->n, kept = 0, i;
    _cleanup_(free_ptr) uint64_t *best = calloc(most + 1, sizeof(*best));
    uint64_t error = rss_error(r->page);

    if (!best)
        return err_oom(r->e);
    procusage_sort(u, PROCUSAGE_RSS);
    for (i = 0; i < u->n; i++) {
        struct procusage_row *row = &u->rows[i];
        int result;

        if (n == most && row->bytes[PROCUSAGE_RSS] + error < best[0])
            break; /* and so are those behind it */
        process_begin(&r->process, r->scan.fd, r->q->root->live, row->pid);
        result = read_rollup(r, row);
        if (is_gone(result)) {
            free(TAKE_PTR(row->name));
            continue;
        }
        u->unreadable += result < 0;
        if (result == 0)
            keep(best, &n, most, row->bytes[r->q->held]);
        u->rows[kept++] = *row;
    }
    while (i < u->n)
        u->rows[kept++] = u->rows[i++];
    u->n = kept;
    return 0;
}

int procusage_read(const struct procusage_query *q, struct procusage *out, struct err *e)
{
    _cleanup_(procusage_clear) struct procusage u = PROCUSAGE_INIT;
    struct reader r = {.q = q,
                       .u = &u,
                       .scan = PROCSCAN_INIT,
                       .process = PROCESS_INIT,
                       .page = (uint64_t)sysconf(_SC_PAGESIZE),
                       .e = e};
    int n;

    u.began_ms = monotonic_boot_ms();
    n = procscan_begin(q->root, &r.scan, e);
    if (n == 0)
        n = q->match ? read_matching(&r) : read_all(&r);
    if (n == 0 && can_spare(q))
        n = read_first(&r);
    procscan_clear(&r.scan);
    process_clear(&r.process);
    free(r.slots);
    if (n < 0)
        return n;
    *out = u;
    u = PROCUSAGE_INIT;
    return 0;
}

/* ---- order */

void procusage_grow(struct procusage *now, struct procusage *before)
{
    if (now->n > 0)
        qsort(now->rows, now->n, sizeof(*now->rows), compare_keys);
    if (before->n > 0)
        qsort(before->rows, before->n, sizeof(*before->rows), compare_keys);
    for (size_t i = 0, j = 0; i < now->n; i++) {
        struct procusage_row *row = &now->rows[i];
        uint64_t was = 0;

        while (j < before->n && compare_keys(&before->rows[j], row) < 0)
            j++;
        if (j < before->n && compare_keys(&before->rows[j], row) == 0)
            was = before->rows[j].bytes[PROCUSAGE_RSS];
        row->growth = (int64_t)(row->bytes[PROCUSAGE_RSS] - was);
    }
}

static int by_kind(const void *a, const void *b, void *arg)
{
    const struct procusage_row *x = a, *y = b;
    enum procusage_kind kind = *(enum procusage_kind *)arg;
    bool known = x->known & PROCUSAGE_BIT(kind);

    if (known != !!(y->known & PROCUSAGE_BIT(kind)))
        return known ? -1 : 1;
    if (known && x->bytes[kind] != y->bytes[kind])
        return x->bytes[kind] > y->bytes[kind] ? -1 : 1;
    return compare_keys(a, b);
}

void procusage_sort(struct procusage *u, enum procusage_kind kind)
{
    if (u->n > 0)
        qsort_r(u->rows, u->n, sizeof(*u->rows), by_kind, &kind);
}

static int by_growth(const void *a, const void *b)
{
    const struct procusage_row *x = a, *y = b;

    if (x->growth != y->growth)
        return x->growth > y->growth ? -1 : 1;
    return compare_keys(a, b);
}

void procusage_sort_growth(struct procusage *u)
{
    if (u->n > 0)
        qsort(u->rows, u->n, sizeof(*u->rows), by_growth);
}
