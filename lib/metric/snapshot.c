/* SPDX-License-Identifier: MIT */
#include "snapshot.h"

#include <limits.h>
#include <poll.h>
#include <time.h>

#include "bounded.h"
#include "monotonic.h"

/* What the children write: one for each metric, each by one write(2). */
struct record {
    size_t at;
    struct snapshot_value value;
};
_Static_assert(sizeof(struct record) <= PIPE_BUF, "a record is written whole");

/* Metrics that one child measures: those whose .group is this one's number. */
struct work {
    const struct root *root;
    const struct metric *metrics;
    const size_t *groups; /* of each metric */
    size_t n, group;
    uint64_t interval_ms;
};

bool snapshot_needs_two(const struct metric *metrics, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (metrics[i].info->change)
            return true;
    return false;
}

/* What the kernel answers from its own memory goes together into group 0, GPUs behind one driver
 * into 1; a mount or a process may hang by itself. */
static size_t group_of(const struct metric *m, size_t *next)
{
    switch (m->info->family) {
    case METRIC_GPU:
        return 1;
    case METRIC_DISK:
    case METRIC_PROC:
        return (*next)++;
    default:
        return 0;
    }
}

static void pause_for(uint64_t ms)
{
    struct timespec left = {(time_t)(ms / 1000), (long)(ms % 1000) * 1000000};

    while (nanosleep(&left, &left) < 0 && errno == EINTR)
        ;
}

static void write_record(int out, size_t at, enum sampler_state state, double value,
                         const char *why)
{
    struct record r = {.at = at, .value = {.state = state, .value = value}};

    snprintf(r.value.why, sizeof(r.value.why), "%s", why);
    while (write(out, &r, sizeof(r)) < 0 && errno == EINTR)
        ;
}

/* Its metrics, which its sampler wants side by side, and where they stand among all. */
static size_t pick(const struct work *w, struct metric *metrics, size_t *at)
{
    size_t n = 0;

    for (size_t i = 0; i < w->n; i++) {
        if (w->groups[i] != w->group)
            continue;
        metrics[n] = w->metrics[i];
        at[n++] = i;
    }
    return n;
}

static void measure(const struct work *w, const struct metric *metrics, const size_t *at, size_t n,
                    int out)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct sampler *s = NULL;

    if (sampler_new(w->root, metrics, n, &s, &e) < 0) {
        for (size_t i = 0; i < n; i++)
            write_record(out, at[i], SAMPLER_BROKEN, 0, e.text ? e.text : "out of memory");
        return;
    }
    sampler_take(s);
    if (snapshot_needs_two(metrics, n)) {
        pause_for(w->interval_ms);
        sampler_take(s);
    }
    for (size_t i = 0; i < n; i++) {
        double value = 0;
        enum sampler_state state = sampler_value(s, i, &value);

        write_record(out, at[i], state, value, sampler_why(s, i));
    }
    sampler_free(&s);
}

static void run(void *arg, int out)
{
    const struct work *w = arg;
    _cleanup_(free_ptr) struct metric *metrics = calloc(w->n, sizeof(*metrics));
    _cleanup_(free_ptr) size_t *at = calloc(w->n, sizeof(*at));

    if (metrics && at)
        measure(w, metrics, at, pick(w, metrics, at), out);
}

/* What the child has written so far. Return: false at its end. */
static bool take_records(struct bounded *b, struct snapshot_value *out, size_t n)
{
    struct record r;
    ssize_t got = read(b->fd, &r, sizeof(r));

    if (got < 0)
        return errno == EINTR || errno == EAGAIN;
    if (got == (ssize_t)sizeof(r) && r.at < n)
        out[r.at] = r.value;
    return got > 0;
}

static size_t running(const struct bounded *children, size_t n)
{
    size_t running = 0;

    for (size_t i = 0; i < n; i++)
        running += children[i].fd >= 0;
    return running;
}

static void collect(struct bounded *children, struct pollfd *fds, size_t n_children,
                    uint64_t timeout_ms, struct snapshot_value *out, size_t n)
{
    uint64_t start = monotonic_ms(), passed = 0;

    while (running(children, n_children) > 0 && passed < timeout_ms) {
        uint64_t left = timeout_ms - passed;

        for (size_t i = 0; i < n_children; i++)
            fds[i] = (struct pollfd){.fd = children[i].fd, .events = POLLIN};
        if (poll(fds, n_children, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
            return;
        for (size_t i = 0; i < n_children; i++)
            if (fds[i].revents && !take_records(&children[i], out, n))
                bounded_end(&children[i]);
        passed = monotonic_ms() - start;
    }
}

/* Those that no child told of. */
static void explain(const struct metric *metric, const struct bounded *child, uint64_t timeout_ms,
                    struct snapshot_value *out)
{
    if (out->state != SAMPLER_BROKEN || *out->why)
        return;
    if (child->fd < 0)
        snprintf(out->why, sizeof(out->why), "%s: its reader ended without an answer",
                 metric->name);
    else
        snprintf(out->why, sizeof(out->why), "%s: no answer within %.4g s", metric->name,
                 (double)timeout_ms / 1000);
}

static int start_all(struct work *w, size_t n_groups, struct bounded *children, struct err *e)
{
    int r = 0;

    for (w->group = 0; w->group < n_groups && r == 0; w->group++) {
        bool wanted = false;

        for (size_t i = 0; i < w->n; i++)
            wanted = wanted || w->groups[i] == w->group;
        if (wanted)
            r = bounded_start(&children[w->group], run, w, e);
    }
    return r;
}

int snapshot_take(const struct root *root, const struct metric *metrics, size_t n,
                  const struct snapshot_times *times, struct snapshot_value *out, struct err *e)
{
    _cleanup_(free_ptr) size_t *groups = calloc(n + 1, sizeof(*groups));
    _cleanup_(free_ptr) struct bounded *children = calloc(n + 2, sizeof(*children));
    _cleanup_(free_ptr) struct pollfd *fds = calloc(n + 2, sizeof(*fds));
    struct work w = {root, metrics, groups, n, 0, times->interval_ms};
    size_t n_groups = 2;
    int r;

    if (!groups || !children || !fds)
        return err_oom(e);
    for (size_t i = 0; i < n; i++) {
        groups[i] = group_of(&metrics[i], &n_groups);
        out[i] = (struct snapshot_value){.state = SAMPLER_BROKEN};
    }
    for (size_t i = 0; i < n_groups; i++)
        children[i] = BOUNDED_INIT;
    r = start_all(&w, n_groups, children, e);
    if (r == 0)
        collect(children, fds, n_groups, times->timeout_ms, out, n);
    for (size_t i = 0; i < n && r == 0; i++)
        explain(&metrics[i], &children[groups[i]], times->timeout_ms, &out[i]);
    for (size_t i = 0; i < n_groups; i++)
        bounded_end(&children[i]);
    return r;
}
