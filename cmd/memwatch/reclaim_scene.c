/* SPDX-License-Identifier: MIT */
#include "reclaim_scene.h"

#include "cgroup.h"
#include <time.h>

void reclaim_scene_forget(struct reclaim_moment *m)
{
    free(TAKE_PTR(m->groups));
}

void reclaim_scene_clear(struct reclaim_scene *s)
{
    cghits_clear(&s->hits);
    cgtree_clear(&s->tree);
    for (size_t i = 0; i < s->n_groups; i++)
        free(s->groups[i]);
    free(s->groups);
    free(s->node);
    *s = RECLAIM_SCENE_INIT;
}

static int set_groups(struct reclaim_scene *s, const char *const *names, struct err *e)
{
    size_t n = 0;
    int r = 0;

    while (names && names[n])
        n++;
    if (n == 0)
        return 0;
    if (s->tree.fd < 0 || s->tree.memory_v1)
        return cgtree_refuse_v1(&s->tree, e);
    s->groups = calloc(n, sizeof(*s->groups));
    if (!s->groups)
        return err_oom(e);
    for (; s->n_groups < n && r == 0; s->n_groups += r == 0)
        r = cgtree_path(names[s->n_groups], &s->groups[s->n_groups], e);
    return r;
}

int reclaim_scene_set(struct reclaim_scene *s, const struct root *root, const char *const *groups,
                      struct err *e)
{
    int r;

    s->root = root;
    /* a system without /proc/self/mountinfo has no groups that we could find */
    if (cgtree_look(root, &s->tree, NULL) == 0)
        s->has_groups = s->tree.fd >= 0 && !s->tree.memory_v1;
    r = set_groups(s, groups, e);
    if (r == 0)
        r = kswapd_find(root, &s->kswapd, e);
    if (r < 0)
        return r;
    if (root_read(root, "/sys/devices/system/node/node0/vmstat", &s->node, NULL, NULL) < 0)
        s->node = NULL;
    return 0;
}

/* ---- one moment */

/* Only the root of the hierarchy counts for the machine; in a container the top is another group.
 */
static int take_root_group(const struct reclaim_scene *s, struct reclaim_counters *c, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    _cleanup_(free_ptr) char *text = NULL;
    size_t len;
    int r;

    if (!s->has_groups || !s->tree.at_root)
        return 0;
    fd = openat(s->tree.fd, "memory.stat", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    r = root_read_fd(fd, "memory.stat", &text, &len, e);
    return r < 0 ? r : reclaim_counters_parse(c, RECLAIM_ROOT, text, len, e);
}

static int take_counters(struct reclaim_scene *s, struct reclaim_counters *c, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    size_t len;
    int r = take_root_group(s, c, e);

    if (r == 0)
        r = root_read(s->root, "/proc/vmstat", &text, &len, e);
    if (r == 0)
        r = reclaim_counters_parse(c, RECLAIM_VMSTAT, text, len, e);
    if (r == 0 && s->node)
        reclaim_counters_node(c, s->node, strlen(s->node));
    return r;
}

/* The sum only grows while we look, whatever groups come and go. */
static int take_hits(struct reclaim_scene *s, struct reclaim_counters *c, struct err *e)
{
    int r = s->has_groups ? cghits_look(&s->hits, &s->tree, e) : 0;

    if (r == 0 && s->has_groups)
        reclaim_counters_hits(c, cghits_sum(&s->hits), s->tree.at_root && !s->hits.lost);
    return r;
}

static struct reclaim_scene_stall stall_of(const struct pressure *p)
{
    return (struct reclaim_scene_stall){p->some.present, p->full.present, p->some.total_us,
                                        p->full.total_us};
}

/* Without PSI nothing is known; what makes no sense is a failure. */
static int take_stall(const struct reclaim_scene *s, struct reclaim_scene_stall *out, struct err *e)
{
    struct pressure p;
    int r = pressure_read(s->root, "/proc/pressure/memory", &p, e);

    if (r == 0)
        *out = stall_of(&p);
    return r == -EOPNOTSUPP ? 0 : r;
}

static int take_group(const struct reclaim_scene *s, const char *path,
                      struct reclaim_scene_group *g, struct err *e)
{
    _cleanup_(close_fd) int dir = cgtree_group(&s->tree, path, NULL);
    _cleanup_(free_ptr) char *events = NULL, *pressure = NULL;
    struct pressure p;
    int r;

    if (dir < 0 || cgroup_read(dir, "memory.events", &events) < 0)
        return 0;
    r = cghits_parse(events, &g->count);
    if (r < 0)
        return err_set(e, r, "/%s: memory.events makes no sense", path);
    g->there = true;
    if (cgroup_read(dir, "memory.pressure", &pressure) < 0)
        return 0;
    r = pressure_parse(pressure, &p, e);
    if (r == 0)
        g->stall = stall_of(&p);
    return r;
}

static void take_ticks(const struct reclaim_scene *s, struct reclaim_moment *m)
{
    for (size_t i = 0; i < s->kswapd.n; i++)
        m->has_ticks[i] = kswapd_ticks(s->root, &s->kswapd.nodes[i], &m->ticks[i]);
}

static uint64_t now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

int reclaim_scene_take(struct reclaim_scene *s, struct reclaim_moment *out, struct err *e)
{
    _cleanup_(reclaim_scene_forget) struct reclaim_moment m = {.ns = now_ns()};
    int r;

    m.groups = calloc(s->n_groups + 1, sizeof(*m.groups));
    if (!m.groups)
        return err_oom(e);
    r = take_counters(s, &m.counters, e);
    if (r == 0)
        r = take_hits(s, &m.counters, e);
    if (r == 0)
        r = take_stall(s, &m.stall, e);
    for (size_t i = 0; i < s->n_groups && r == 0; i++)
        r = take_group(s, s->groups[i], &m.groups[i], e);
    if (r < 0)
        return r;
    take_ticks(s, &m);
    *out = m;
    m.groups = NULL;
    return 0;
}

void reclaim_scene_restart(struct reclaim_scene *s, struct reclaim_moment *m)
{
    cghits_restart(&s->hits);
    if (s->has_groups)
        reclaim_counters_hits(&m->counters, 0, s->tree.at_root);
}

/* ---- between two */

bool reclaim_scene_kswapd_cpu(const struct reclaim_moment *before,
                              const struct reclaim_moment *after, size_t i, double *out)
{
    uint64_t ns = after->ns - before->ns, ticks = after->ticks[i] - before->ticks[i];

    if (!before->has_ticks[i] || !after->has_ticks[i] || after->ticks[i] < before->ticks[i] ||
        ns == 0)
        return false;
    *out = 100 * (double)ticks / (double)sysconf(_SC_CLK_TCK) / ((double)ns / 1e9);
    return true;
}

/* A group that was made meanwhile has stalled for nothing before. */
static bool share(bool known, uint64_t was, uint64_t is, uint64_t ns, double *out)
{
    if (!known || is < was || ns == 0)
        return false;
    *out = 100 * (double)(is - was) * 1000 / (double)ns;
    *out = *out > 100 ? 100 : *out;
    return true;
}

bool reclaim_scene_some(const struct reclaim_scene_stall *before,
                        const struct reclaim_scene_stall *after, uint64_t ns, double *out)
{
    return share(after->some, before->some_us, after->some_us, ns, out);
}

bool reclaim_scene_full(const struct reclaim_scene_stall *before,
                        const struct reclaim_scene_stall *after, uint64_t ns, double *out)
{
    return share(after->full, before->full_us, after->full_us, ns, out);
}
