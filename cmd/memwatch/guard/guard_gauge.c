/* SPDX-License-Identifier: MIT */
#include "guard_gauge.h"

#include "bounded.h"
#include "deed_child.h"
#include "meminfo.h"
#include "monotonic.h"
#include "oomadj.h"
#include "sampler.h"
#include <sys/wait.h>
#include <time.h>

enum { DYING_MS = 100 };

/* A child that measures one metric. */
struct slow {
    struct bounded child;
    uint64_t until; /* when it is late */
    pid_t left;     /* one before it, which hangs; 0: none */
};

struct guard_gauge {
    const struct root *root;
    struct metric *metrics;           /* those of one way side by side */
    struct guard_gauge_value *values; /* of each */
    size_t n, n_of[GUARD_GAUGE_WAYS];
    struct sampler *samplers[GUARD_GAUGE_SLOW]; /* levels and rates; NULL: there are none */
    struct slow *slow;                          /* of each slow one */
    struct bounded_left *left;                  /* borrowed */
    struct pace_machine machine;
};

/* What a child writes, at once. */
struct record {
    enum sampler_state state;
    double value;
    char why[GUARD_GAUGE_WHY];
};

static enum guard_gauge_way way_of(const struct metric *m)
{
    if (m->info->family == METRIC_DISK || m->info->family == METRIC_GPU ||
        m->info->id == METRIC_PROC_PSS)
        return GUARD_GAUGE_SLOW;
    return m->info->change ? GUARD_GAUGE_RATE : GUARD_GAUGE_LEVEL;
}

/* Where those of one way begin. */
static size_t first_of(const struct guard_gauge *g, enum guard_gauge_way way)
{
    size_t first = 0;

    for (size_t i = 0; i < (size_t)way; i++)
        first += g->n_of[i];
    return first;
}

static int add_all(struct guard_gauge *g, const struct metric *const *metrics, size_t n,
                   enum guard_gauge_way way, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        int r;

        if (way_of(metrics[i]) != way || guard_gauge_find(g, metrics[i]->name))
            continue;
        r = metric_parse(metrics[i]->name, &g->metrics[g->n], e);
        if (r < 0)
            return r;
        g->values[g->n] = (struct guard_gauge_value){
            .metric = &g->metrics[g->n], .way = way, .state = SAMPLER_EARLY};
        g->n_of[way]++;
        g->n++;
    }
    return 0;
}

int guard_gauge_new(const struct root *root, const struct metric *const *metrics, size_t n,
                    struct bounded_left *left, struct guard_gauge **out, struct err *e)
{
    _cleanup_(guard_gauge_free) struct guard_gauge *g = calloc(1, sizeof(*g));
    int r = 0;

    if (!g)
        return err_oom(e);
    g->root = root;
    g->left = left;
    g->metrics = calloc(n, sizeof(*g->metrics));
    g->values = calloc(n, sizeof(*g->values));
    g->slow = calloc(n, sizeof(*g->slow));
    if (!g->metrics || !g->values || !g->slow)
        return err_oom(e);
    for (size_t i = 0; i < n; i++)
        g->slow[i].child = BOUNDED_INIT;
    for (int way = 0; way < GUARD_GAUGE_WAYS && r == 0; way++)
        r = add_all(g, metrics, n, (enum guard_gauge_way)way, e);
    for (int way = 0; way < GUARD_GAUGE_SLOW && r == 0; way++)
        if (g->n_of[way] > 0)
            r = sampler_new(root, g->metrics + first_of(g, (enum guard_gauge_way)way), g->n_of[way],
                            &g->samplers[way], e);
    guard_gauge_measure_machine(g);
    if (r == 0)
        *out = TAKE_PTR(g);
    return r;
}

static void end_child(struct slow *s)
{
    s->left = s->child.pid;
    bounded_end(&s->child);
}

/* Return: true if the last one is still there, killed but not dead. */
static bool is_left(struct slow *s)
{
    if (s->left > 0 && waitpid(s->left, NULL, WNOHANG) != 0)
        s->left = 0;
    return s->left > 0;
}

/* Nobody asks for them later: they have a moment to die. One that hangs in the kernel has not. */
static void end_children(struct guard_gauge *g)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    uint64_t until = monotonic_ms() + DYING_MS;

    for (size_t i = 0; i < g->n_of[GUARD_GAUGE_SLOW]; i++)
        if (g->slow[i].child.fd >= 0)
            end_child(&g->slow[i]);
    for (size_t i = 0; i < g->n_of[GUARD_GAUGE_SLOW]; i++) {
        while (is_left(&g->slow[i]) && monotonic_ms() < until)
            nanosleep(&moment, NULL);
        if (g->slow[i].left > 0)
            bounded_left_add(g->left, g->slow[i].left);
    }
}

void guard_gauge_free(struct guard_gauge **g)
{
    if (!*g)
        return;
    if ((*g)->slow)
        end_children(*g);
    for (size_t i = 0; i < ARRAY_SIZE((*g)->samplers); i++)
        sampler_free(&(*g)->samplers[i]);
    for (size_t i = 0; i < (*g)->n; i++)
        metric_clear(&(*g)->metrics[i]);
    free((*g)->metrics);
    free((*g)->values);
    free((*g)->slow);
    free(TAKE_PTR(*g));
}

const struct guard_gauge_value *guard_gauge_find(const struct guard_gauge *g, const char *name)
{
    for (size_t i = 0; i < g->n; i++)
        if (streq(g->metrics[i].name, name))
            return &g->values[i];
    return NULL;
}

const struct guard_gauge_value *guard_gauge_all(const struct guard_gauge *g, size_t *n)
{
    *n = g->n;
    return g->values;
}

bool guard_gauge_has(const struct guard_gauge *g, enum guard_gauge_way way)
{
    return g->n_of[way] > 0;
}

const struct pace_machine *guard_gauge_machine(const struct guard_gauge *g)
{
    return &g->machine;
}

void guard_gauge_measure_machine(struct guard_gauge *g)
{
    struct meminfo now;

    if (meminfo_read(g->root, &now, NULL) == 0)
        g->machine = (struct pace_machine){(double)now.total, (double)now.swap_total};
}

/* ---- what answers at once */

static void note(struct guard_gauge_value *v, enum sampler_state state, double value,
                 const char *why)
{
    v->state = state;
    v->value = value;
    if (state == SAMPLER_NUMBER)
        v->why[0] = '\0';
    else
        snprintf(v->why, sizeof(v->why), "%s", why);
}

static void take(struct guard_gauge *g, enum guard_gauge_way way)
{
    struct sampler *s = g->samplers[way];
    size_t first = first_of(g, way);

    if (!s)
        return;
    sampler_take(s);
    for (size_t i = 0; i < g->n_of[way]; i++) {
        double value = 0;
        enum sampler_state state = sampler_value(s, i, &value);

        note(&g->values[first + i], state, value, state == SAMPLER_NUMBER ? "" : sampler_why(s, i));
    }
}

/* ---- what may hang */

struct work {
    const struct root *root;
    const struct metric *metric;
};

/* In the child. */
static void measure(void *arg, int out)
{
    const struct work *w = arg;
    struct record record = {.state = SAMPLER_BROKEN};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct sampler *s = NULL;

    /* one that hangs is none of those that the kernel is to spare */
    if (w->root->live)
        deed_child_reset_rank((struct deed_child_rank){OOMADJ_USUAL, 0});
    if (sampler_new(w->root, w->metric, 1, &s, &e) < 0) {
        snprintf(record.why, sizeof(record.why), "%s", e.text ? e.text : "out of memory");
    } else {
        sampler_take(s);
        record.state = sampler_value(s, 0, &record.value);
        snprintf(record.why, sizeof(record.why), "%s", sampler_why(s, 0));
    }
    (void)!write(out, &record, sizeof(record));
    sampler_free(&s);
}

static void begin(struct guard_gauge *g, size_t i, uint64_t now)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    size_t at = first_of(g, GUARD_GAUGE_SLOW) + i;
    struct work w = {g->root, &g->metrics[at]};
    struct slow *s = &g->slow[i];

    if (s->child.fd >= 0 || is_left(s))
        return;
    s->until = now + GUARD_GAUGE_SLOW_LIMIT_MS;
    if (bounded_start(&s->child, measure, &w, &e) < 0)
        note(&g->values[at], SAMPLER_BROKEN, 0, e.text ? e.text : "out of memory");
}

void guard_gauge_take(struct guard_gauge *g, enum guard_gauge_way way, uint64_t now)
{
    if (way != GUARD_GAUGE_SLOW) {
        take(g, way);
        return;
    }
    for (size_t i = 0; i < g->n_of[way]; i++)
        begin(g, i, now);
}

size_t guard_gauge_fds(const struct guard_gauge *g)
{
    return g->n_of[GUARD_GAUGE_SLOW];
}

size_t guard_gauge_poll(const struct guard_gauge *g, struct pollfd *fds, uint64_t *until)
{
    size_t n = 0;

    *until = ALARM_NEVER;
    for (size_t i = 0; i < g->n_of[GUARD_GAUGE_SLOW]; i++) {
        const struct slow *s = &g->slow[i];

        if (s->child.fd < 0)
            continue;
        fds[n++] = (struct pollfd){.fd = s->child.fd, .events = POLLIN};
        if (s->until < *until)
            *until = s->until;
    }
    return n;
}

static bool go_on(struct slow *s, struct guard_gauge_value *v, uint64_t now)
{
    struct pollfd in = {.fd = s->child.fd, .events = POLLIN};
    struct record record;

    if (s->child.fd < 0)
        return false;
    if (poll(&in, 1, 0) == 1) {
        if (read(s->child.fd, &record, sizeof(record)) == (ssize_t)sizeof(record))
            note(v, record.state, record.value, record.why);
        else
            note(v, SAMPLER_BROKEN, 0, "its reader ended without an answer");
    } else if (now >= s->until) {
        note(v, SAMPLER_BROKEN, 0, "no answer for too long; it hangs");
    } else {
        return false;
    }
    end_child(s);
    return true;
}

bool guard_gauge_continue(struct guard_gauge *g, uint64_t now)
{
    struct guard_gauge_value *values = g->values + first_of(g, GUARD_GAUGE_SLOW);
    bool any = false;

    for (size_t i = 0; i < g->n_of[GUARD_GAUGE_SLOW]; i++)
        any = go_on(&g->slow[i], &values[i], now) || any;
    return any;
}

/* ---- truth */

enum alarm_truth guard_gauge_truth(const struct guard_gauge_value *v, const struct condition *c)
{
    if (v->state == SAMPLER_NUMBER)
        return condition_holds(c, v->value) ? ALARM_TRUE : ALARM_FALSE;
    return v->state == SAMPLER_ABSENT ? ALARM_FALSE : ALARM_UNKNOWN;
}

enum alarm_truth guard_gauge_truth_of_end(const struct guard_gauge_value *v,
                                          const struct condition *c)
{
    return v->state == SAMPLER_ABSENT ? ALARM_UNKNOWN : guard_gauge_truth(v, c);
}
