/* SPDX-License-Identifier: MIT */
#include "status_read.h"

#include "cgscan.h"
#include "snapshot.h"

void status_read_clear(struct status_read *s)
{
    swaps_clear(&s->swaps);
    zram_list_clear(&s->zram);
    zswap_clear(&s->zswap);
    ownlimit_clear(&s->limit);
    users_clear(&s->users);
    consumers_clear(&s->top);
    for (size_t i = 0; i < s->n_groups; i++)
        free(s->groups[i].path);
}

const char *status_read_psi_word(enum status_read_psi which)
{
    static const char *const words[] = {"memory", "cpu", "io"};

    return words[which];
}

static int read_swaps(const struct root *root, struct status_read *s, struct err *e)
{
    int r = swaps_read(root, &s->swaps, e);

    return r == -EOPNOTSUPP ? 0 : r;
}

static int read_zram(const struct root *root, struct status_read *s, struct err *e)
{
    return zram_list_read(root, &s->zram, e);
}

static int read_zswap(const struct root *root, struct status_read *s, struct err *e)
{
    int r = zswap_read(root, &s->zswap, e);

    s->has_zswap = r == 0;
    return r == -EOPNOTSUPP ? 0 : r;
}

static int read_psi(const struct root *root, struct status_read *s, struct err *e)
{
    int r = 0;

    for (int i = 0; i < STATUS_READ_PSI && r == 0; i++) {
        char path[64];

        snprintf(path, sizeof(path), "/proc/pressure/%s",
                 status_read_psi_word((enum status_read_psi)i));
        r = pressure_read(root, path, &s->psi[i], e);
        s->has_psi[i] = r == 0;
        r = r == -EOPNOTSUPP || r == -ENOENT ? 0 : r;
    }
    return r;
}

static int read_limit(const struct root *root, struct status_read *s, struct err *e)
{
    int r = ownlimit_read(root, &s->limit, e);

    return r < 0 ? r : 0;
}

static int read_top(const struct root *root, struct status_read *s, struct err *e)
{
    const struct consumers_query q = {
        .root = root,
        .by = PROCUSAGE_PROCESS,
        .sort = CONSUMERS_BY_RSS,
        .most = STATUS_READ_TOP,
        .kinds = PROCUSAGE_BIT(PROCUSAGE_SWAP),
        .names = true,
    };

    return consumers_read(&q, NULL, &s->users, &s->top, e);
}

/* ---- groups: a group's number has those in it, so only the innermost are compared */

struct walk {
    struct status_read *s;
    char *path; /* owned: the group that came last, which may have others in it */
    unsigned depth;
    uint64_t bytes;
    bool counts;
};

/* Takes over the path. */
static void insert(struct status_read *s, char *path, uint64_t bytes)
{
    size_t at = s->n_groups;

    while (at > 0 && s->groups[at - 1].bytes < bytes)
        at--;
    if (at == STATUS_READ_TOP) {
        free(path);
        return;
    }
    if (s->n_groups == STATUS_READ_TOP)
        free(s->groups[--s->n_groups].path);
    memmove(&s->groups[at + 1], &s->groups[at], (s->n_groups - at) * sizeof(s->groups[0]));
    s->groups[at] = (struct status_read_group){path, bytes};
    s->n_groups++;
}

static void end_last(struct walk *w, unsigned next_depth)
{
    if (w->counts && next_depth <= w->depth && w->bytes > 0)
        insert(w->s, TAKE_PTR(w->path), w->bytes);
    free(TAKE_PTR(w->path));
    w->counts = false;
}

static int visit(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct walk *w = arg;

    end_last(w, g->depth);
    w->depth = g->depth;
    w->counts = g->depth > 0 && cgscan_value(g, "memory.current", &w->bytes) == 0;
    return asprintf(&w->path, "/%s", g->path) < 0 ? (w->path = NULL, err_oom(e)) : 0;
}

static int read_groups(const struct root *root, struct status_read *s, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree tree = CGTREE_INIT;
    struct walk w = {.s = s};
    int r = cgtree_look(root, &tree, e);

    if (r < 0 || tree.fd < 0 || tree.memory_v1)
        return r;
    r = cgscan_walk(&tree, "", visit, &w, e);
    end_last(&w, 0);
    return r;
}

/* ---- GPUs */

static int read_gpus(const struct root *root, struct status_read *s, struct err *e)
{
    static const struct snapshot_times times = {.interval_ms = 1000, .timeout_ms = 5000};
    struct metric metrics[2 * STATUS_READ_GPUS];
    struct snapshot_value values[2 * STATUS_READ_GPUS];
    size_t n = 0;
    int r = 0;

    for (; n < ARRAY_SIZE(metrics) && r == 0; n += r == 0) {
        char name[24];

        snprintf(name, sizeof(name), n % 2 ? "gpu:%zu.used" : "gpu:%zu", n / 2);
        r = metric_parse(name, &metrics[n], e);
    }
    if (r == 0)
        r = snapshot_take(root, metrics, n, &times, values, e);
    for (size_t i = 0; i < STATUS_READ_GPUS && r == 0; i++) {
        s->gpus[i].known =
            values[2 * i].state == SAMPLER_NUMBER && values[2 * i + 1].state == SAMPLER_NUMBER;
        s->gpus[i].percent = values[2 * i].value;
        s->gpus[i].used = values[2 * i + 1].value;
    }
    while (n > 0)
        metric_clear(&metrics[--n]);
    return r;
}

/* ---- all */

static double percent(uint64_t part, uint64_t whole)
{
    return whole > 0 ? 100 * (double)part / (double)whole : -1;
}

static void judge(struct status_read *s)
{
    const struct meminfo *m = &s->meminfo;
    const struct pressure *p = &s->psi[STATUS_READ_MEMORY];
    bool psi = s->has_psi[STATUS_READ_MEMORY];
    const struct judgement_facts facts = {
        .available = percent(m->available, m->total),
        .swap = percent(m->swap_total - m->swap_free, m->swap_total),
        .wait_some = psi && p->some.present ? p->some.avg10 : -1,
        .wait_full = psi && p->full.present ? p->full.avg10 : -1,
        .limit = s->limit.group ? percent(s->limit.used, s->limit.limit) : -1,
    };

    s->judgement = judgement_of(&facts, s->reason);
}

int status_read_all(const struct root *root, struct status_read *out,
                    void (*broken)(void *arg, const struct err *e), void *arg, struct err *e)
{
    static int (*const parts[])(const struct root *, struct status_read *, struct err *) = {
        read_swaps, read_zram, read_zswap, read_psi, read_limit, read_top, read_groups, read_gpus,
    };
    int r = meminfo_read(root, &out->meminfo, e);

    if (r < 0)
        return r;
    for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
        _cleanup_(err_clear) struct err why = ERR_INIT;

        if (parts[i](root, out, &why) >= 0)
            continue;
        broken(arg, &why);
        out->broken++;
    }
    judge(out);
    return 0;
}
