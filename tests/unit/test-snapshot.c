/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <signal.h>

#include "snapshot.h"

/* What the reader of a disk does in its child. */
static enum { ANSWER, HANG, DIE } disk;

static const struct metric *sampled;

int __real_sampler_new(const struct root *root, const struct metric *metrics, size_t n,
                       struct sampler **out, struct err *e);
int __wrap_sampler_new(const struct root *root, const struct metric *metrics, size_t n,
                       struct sampler **out, struct err *e);
void __real_sampler_take(struct sampler *s);
void __wrap_sampler_take(struct sampler *s);

int __wrap_sampler_new(const struct root *root, const struct metric *metrics, size_t n,
                       struct sampler **out, struct err *e)
{
    sampled = metrics;
    return __real_sampler_new(root, metrics, n, out, e);
}

void __wrap_sampler_take(struct sampler *s)
{
    if (sampled->info->family == METRIC_DISK && disk == HANG)
        while (pause() < 0)
            ;
    if (sampled->info->family == METRIC_DISK && disk == DIE)
        raise(SIGKILL);
    __real_sampler_take(s);
}

static const char *const names[] = {"ram", "disk:/", "swap", "oom"};

struct fixture {
    struct metric metrics[ARRAY_SIZE(names)];
    struct snapshot_value values[ARRAY_SIZE(names)];
};

static void fixture_clear(struct fixture *x)
{
    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        metric_clear(&x->metrics[i]);
    disk = ANSWER;
}

static void take(struct fake *f, struct fixture *x, size_t n, uint64_t timeout_ms)
{
    const struct snapshot_times times = {.interval_ms = 1, .timeout_ms = timeout_ms};

    fake_write(f, "proc/meminfo",
               "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 250 kB\n"
               "SwapTotal: 0 kB\nSwapFree: 0 kB\n");
    fake_write(f, "proc/vmstat", "oom_kill 3\n");
    for (size_t i = 0; i < n; i++)
        assert_int_equal(metric_parse(names[i], &x->metrics[i], NULL), 0);
    assert_int_equal(snapshot_take(&f->root, x->metrics, n, &times, x->values, NULL), 0);
}

static void test_values(void **state)
{
    _cleanup_(fixture_clear) struct fixture x = {.metrics = {METRIC_INIT}};

    take(*state, &x, 4, 60000);
    assert_int_equal(x.values[0].state, SAMPLER_NUMBER);
    assert_true(x.values[0].value == 75);
    assert_string_equal(x.values[0].why, "");
    assert_int_equal(x.values[1].state, SAMPLER_NUMBER);
    assert_int_equal(x.values[2].state, SAMPLER_ABSENT);
    assert_string_equal(x.values[2].why, "swap: there is no swap");
    /* told between two samples */
    assert_int_equal(x.values[3].state, SAMPLER_NUMBER);
    assert_true(x.values[3].value == 0);
}

static void test_needs_two(void **state _unused_)
{
    _cleanup_(fixture_clear) struct fixture x = {.metrics = {METRIC_INIT}};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        assert_int_equal(metric_parse(names[i], &x.metrics[i], NULL), 0);
    assert_false(snapshot_needs_two(x.metrics, 3));
    assert_true(snapshot_needs_two(x.metrics, 4));
}

static void test_one_that_hangs(void **state)
{
    _cleanup_(fixture_clear) struct fixture x = {.metrics = {METRIC_INIT}};

    disk = HANG;
    take(*state, &x, 3, 1500);
    assert_int_equal(x.values[0].state, SAMPLER_NUMBER);
    assert_int_equal(x.values[1].state, SAMPLER_BROKEN);
    assert_string_equal(x.values[1].why, "disk:/: no answer within 1.5 s");
    assert_int_equal(x.values[2].state, SAMPLER_ABSENT);
}

static void test_one_that_dies(void **state)
{
    _cleanup_(fixture_clear) struct fixture x = {.metrics = {METRIC_INIT}};

    disk = DIE;
    take(*state, &x, 3, 60000);
    assert_int_equal(x.values[0].state, SAMPLER_NUMBER);
    assert_int_equal(x.values[1].state, SAMPLER_BROKEN);
    assert_string_equal(x.values[1].why, "disk:/: its reader ended without an answer");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_values),
        TEST(test_needs_two),
        TEST(test_one_that_hangs),
        TEST(test_one_that_dies),
    };

    return cmocka_run_group_tests_name("snapshot", tests, NULL, NULL);
}
