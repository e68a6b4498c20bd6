/* SPDX-License-Identifier: MIT */
#include "export_cgroups.h"

#include "cgscan.h"
#include "cgvalue.h"

enum value { CURRENT, MAX, HIGH, SWAP, SWAP_MAX, VALUES };

static const struct {
    const char *file;
    struct exposition_family family;
    bool limit; /* "max" is none */
} values[VALUES] = {
    [CURRENT] = {"memory.current",
                 {"cgroup_memory_current", EXPOSITION_GAUGE, "bytes",
                  "Memory charged to a control group, cached files too."}},
    [MAX] = {"memory.max",
             {"cgroup_memory_max", EXPOSITION_GAUGE, "bytes", "A control group's memory.max."},
             true},
    [HIGH] = {"memory.high",
              {"cgroup_memory_high", EXPOSITION_GAUGE, "bytes", "A control group's memory.high."},
              true},
    [SWAP] = {"memory.swap.current",
              {"cgroup_swap_current", EXPOSITION_GAUGE, "bytes",
               "Swap charged to a control group."}},
    [SWAP_MAX] = {"memory.swap.max",
                  {"cgroup_swap_max", EXPOSITION_GAUGE, "bytes",
                   "A control group's memory.swap.max."},
                  true},
};

static const char *const events[] = {"low", "high", "max", "oom", "oom_kill"};

static const struct exposition_family events_family = {
    "cgroup_memory_events", EXPOSITION_COUNTER, NULL,
    "How often a control group, with those in it, met a limit or was short of memory."};

struct group {
    char *name; /* "/a/b" */
    uint64_t values[VALUES], events[ARRAY_SIZE(events)];
    bool known[VALUES], event_known[ARRAY_SIZE(events)];
};

struct groups {
    struct group *list;
    size_t n;
    bool all;
};

static void groups_clear(struct groups *g)
{
    for (size_t i = 0; i < g->n; i++)
        free(g->list[i].name);
    free(g->list);
}

static void read_group(const struct cgscan_group *g, struct group *out)
{
    _cleanup_(free_ptr) char *text = NULL;

    for (size_t i = 0; i < VALUES; i++)
        out->known[i] = cgscan_value(g, values[i].file, &out->values[i]) == 0 &&
                        (!values[i].limit || out->values[i] != CGVALUE_MAX);
    if (cgscan_text(g, "memory.events", &text) < 0)
        return;
    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        out->event_known[i] = cgvalue_flat(text, events[i], &out->events[i]) == 0;
}

/* Those that somebody limits, or that something has happened to. */
static bool is_of_interest(const struct group *g)
{
    bool yes = false;

    for (size_t i = 0; i < VALUES; i++)
        yes = yes || (values[i].limit && g->known[i]);
    for (size_t i = 0; i < ARRAY_SIZE(events); i++)
        yes = yes || (g->event_known[i] && g->events[i] > 0);
    return yes;
}

static int visit(void *arg, const struct cgscan_group *g, struct err *e)
{
    struct groups *groups = arg;
    struct group one = {.name = NULL}, *list;

    read_group(g, &one);
    if (!groups->all && !is_of_interest(&one))
        return 0;
    list = reallocarray(groups->list, groups->n + 1, sizeof(*list));
    if (!list)
        return err_oom(e);
    groups->list = list;
    if (asprintf(&one.name, "/%s", g->path) < 0)
        return err_oom(e);
    list[groups->n++] = one;
    return 0;
}

static void write_events(const struct export_sources *s, const struct groups *groups)
{
    exposition_begin(s->x, &events_family);
    for (size_t i = 0; i < groups->n; i++) {
        for (size_t k = 0; k < ARRAY_SIZE(events); k++) {
            const struct exposition_label labels[] = {
                {"cgroup", groups->list[i].name}, {"event", events[k]}, {NULL, NULL}};

            if (groups->list[i].event_known[k])
                exposition_sample(s->x, labels, (double)groups->list[i].events[k]);
        }
    }
}

int export_cgroups_write(const struct export_sources *s, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree tree = CGTREE_INIT;
    _cleanup_(groups_clear) struct groups groups = {.all = s->all};
    int r = cgtree_look(s->root, &tree, e);

    if (r < 0 || tree.fd < 0 || tree.memory_v1)
        return r < 0 ? r : 0;
    r = cgscan_walk(&tree, "", visit, &groups, e);
    if (r < 0)
        return r;
    for (size_t v = 0; v < VALUES; v++) {
        exposition_begin(s->x, &values[v].family);
        for (size_t i = 0; i < groups.n; i++) {
            const struct exposition_label labels[] = {{"cgroup", groups.list[i].name},
                                                      {NULL, NULL}};

            if (groups.list[i].known[v])
                exposition_sample(s->x, labels, (double)groups.list[i].values[v]);
        }
    }
    write_events(s, &groups);
    return 0;
}
