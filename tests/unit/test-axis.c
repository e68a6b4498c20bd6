/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "axis.h"
#include "fake.h"

static void scale(enum metric_unit unit, double max, double top, double step)
{
    struct axis_values a = axis_values(unit, max, 4);

    assert_true(a.step == step);
    assert_true(a.top == top);
    assert_true(a.marks * a.step == a.top);
}

static void scales_are_round_and_hold_what_is_there(void **state _unused_)
{
    const double kib = 1024, mib = 1024 * kib, gib = 1024 * mib, eib = gib * gib;

    scale(METRIC_PERCENT, 42, 60, 20);
    scale(METRIC_PERCENT, 63, 100, 25);
    scale(METRIC_PERCENT, 100, 100, 25);
    scale(METRIC_PERCENT, 240, 300, 100);
    scale(METRIC_PERCENT, 0, 1, 0.25);
    scale(METRIC_BYTES, 15.5 * gib, 16 * gib, 4 * gib);
    scale(METRIC_BYTES, 17 * gib, 24 * gib, 8 * gib);
    scale(METRIC_BYTES, 0, 4 * kib, 1 * kib);
    scale(METRIC_BYTES, eib, eib, eib / 4);
    scale(METRIC_COUNT, 0, 1, 1);
    scale(METRIC_COUNT, 3, 3, 1);
    scale(METRIC_PAGES_PER_SECOND, 23456, 30000, 10000);
    scale(METRIC_RATIO, 0.76, 0.8, 0.2);
    assert_true(axis_values(METRIC_COUNT, 1e300, 4).top >= 1e300);
}

static void text(enum metric_unit unit, double value, double step, const char *wanted)
{
    char got[METRIC_TEXT_MAX];

    axis_text(unit, value, step, got);
    assert_string_equal(got, wanted);
}

static void marks_are_as_short_as_the_step_allows(void **state _unused_)
{
    text(METRIC_PERCENT, 0, 25, "0%");
    text(METRIC_PERCENT, 75, 25, "75%");
    text(METRIC_PERCENT, 0.25, 0.25, "0.25%");
    text(METRIC_PERCENT, 1, 0.5, "1.0%");
    text(METRIC_BYTES, 0, 512, "0");
    text(METRIC_BYTES, 512, 512, "512");
    text(METRIC_BYTES, 1536.0 * 1024 * 1024, 512.0 * 1024 * 1024, "1.5G");
    text(METRIC_BYTES, 1152921504606846976.0, 1152921504606846976.0 / 4, "1E");
    text(METRIC_BYTES_PER_SECOND, 2097152, 1048576, "2M/s");
    text(METRIC_PAGES_PER_SECOND, 30000, 10000, "30k");
    text(METRIC_RATIO, 0.6, 0.2, "0.6");
    text(METRIC_COUNT, 3, 1, "3");
}

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
static const uint64_t day_ms = 24ULL * HOUR;

/* 2026-11-22 21:40:00 UTC */
static const uint64_t evening = 1795383600000ULL;

static size_t times(const char *zone, uint64_t from, uint64_t span, unsigned want,
                    struct axis_time out[static AXIS_TIMES_MAX])
{
    size_t n;

    setenv("TZ", zone, 1);
    tzset();
    n = axis_times(from, from + span, want, out);
    assert_true(n <= want + 1);
    for (size_t i = 0; i < n; i++) {
        assert_true(out[i].ms >= from && out[i].ms <= from + span);
        assert_true(i == 0 || out[i].ms > out[i - 1].ms);
    }
    return n;
}

static void times_are_round_by_the_local_clock(void **state _unused_)
{
    struct axis_time t[AXIS_TIMES_MAX];

    assert_int_equal(times("UTC", evening, HOUR, 8, t), 7);
    assert_string_equal(t[0].text, "21:40");
    assert_string_equal(t[0].day, "22 Nov 2026");
    assert_string_equal(t[1].text, "21:50");
    assert_string_equal(t[1].day, "");
    times("<+0545>-5:45", evening, day_ms, 8, t);
    assert_string_equal(t[0].text, "06:00");
    assert_int_equal(t[0].ms % HOUR, 15 * MINUTE);
    times("UTC", evening, 10 * SECOND, 8, t);
    assert_string_equal(t[1].text, "21:40:02");
    times("UTC", evening, day_ms, 8, t);
    assert_string_equal(t[1].text, "06:00");
    assert_string_equal(t[1].day, "");
    assert_string_equal(t[0].day, "23 Nov 2026");
    times("UTC", evening, 30 * day_ms, 8, t);
    assert_string_equal(t[0].day, "2026");
    times("UTC", evening, 3000 * day_ms, 8, t);
    assert_string_equal(t[0].text, "2028");
}

static void no_span_is_too_short_or_too_long(void **state _unused_)
{
    struct axis_time t[AXIS_TIMES_MAX];

    for (uint64_t span = 0; span < 250000000000000ULL; span = span * 3 + 1) {
        times("Europe/Berlin", evening, span, 1, t);
        times("Europe/Berlin", evening, span, 9, t);
        times("UTC", 0, span, 60, t);
    }
}

static void a_clock_that_is_put_back_does_not_confuse(void **state _unused_)
{
    struct axis_time t[AXIS_TIMES_MAX];

    /* 2026-10-25 and 2026-03-29 */
    assert_true(times("CET-1CEST,M3.5.0,M10.5.0/3", 1792872000000ULL, day_ms, 12, t) >= 8);
    assert_true(times("CET-1CEST,M3.5.0,M10.5.0/3", 1774738800000ULL, day_ms, 12, t) >= 8);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scales_are_round_and_hold_what_is_there),
        cmocka_unit_test(marks_are_as_short_as_the_step_allows),
        cmocka_unit_test(times_are_round_by_the_local_clock),
        cmocka_unit_test(no_span_is_too_short_or_too_long),
        cmocka_unit_test(a_clock_that_is_put_back_does_not_confuse),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
