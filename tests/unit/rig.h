/* SPDX-License-Identifier: MIT */
/* rig - a sampler over a fake root, at times that the test says */
#ifndef HEADROOM_TEST_RIG_H
#define HEADROOM_TEST_RIG_H

#include "fake.h"

#include <math.h>
#include <time.h>

#include "sampler.h"

enum { MOST = 16 };

/* A sampler of some metrics over a fake root, at times that the test says. */
struct rig {
    struct metric metrics[MOST];
    size_t n;
    struct sampler *s;
};

/* ---- time stands still, but for what a test adds */

int __real_clock_gettime(clockid_t id, struct timespec *t);
int __wrap_clock_gettime(clockid_t id, struct timespec *t);
static time_t seconds = 100;

int __wrap_clock_gettime(clockid_t id, struct timespec *t)
{
    if (id != CLOCK_BOOTTIME)
        return __real_clock_gettime(id, t);
    *t = (struct timespec){.tv_sec = seconds};
    return 0;
}

static void rig_begin(struct rig *r, const struct root *root, const char *names)
{
    char name[128];
    int n;

    *r = (struct rig){.n = 0};
    for (; sscanf(names, " %127s%n", name, &n) == 1; names += n)
        assert_int_equal(metric_parse(name, &r->metrics[r->n++], NULL), 0);
    assert_int_equal(sampler_new(root, r->metrics, r->n, &r->s, NULL), 0);
}

static void rig_end(struct rig *r)
{
    sampler_free(&r->s);
    assert_null(r->s);
    for (size_t i = 0; i < r->n; i++)
        metric_clear(&r->metrics[i]);
}

static void assert_number(const struct rig *r, size_t i, double want)
{
    double got = -1;
    enum sampler_state state = sampler_value(r->s, i, &got);

    if (state != SAMPLER_NUMBER || fabs(got - want) > 1e-6 * (1 + fabs(want)))
        fail_msg("%s: state %d, %f, not %f: %s", r->metrics[i].name, (int)state, got, want,
                 sampler_why(r->s, i));
    assert_string_equal(sampler_why(r->s, i), "");
}

static void assert_state(const struct rig *r, size_t i, enum sampler_state want, const char *why)
{
    double got = -1;
    enum sampler_state state = sampler_value(r->s, i, &got);

    if (state != want || got != -1 || !strstr(sampler_why(r->s, i), why))
        fail_msg("%s: state %d, %f: \"%s\"", r->metrics[i].name, (int)state, got,
                 sampler_why(r->s, i));
}

#endif
