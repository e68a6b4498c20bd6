/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "fake.h"
#include "series.h"

static void peaks_between_buckets_are_kept(void **state _unused_)
{
    struct series s;

    assert_int_equal(series_init(&s, 1, 10, 1000, 100999, 3000), 0);
    for (uint64_t i = 0; i < 100; i++) {
        double value = i == 57 ? 99 : i == 58 ? 1 : 50;

        series_add(&s, 1000 + i * 1000, &value);
    }
    for (size_t i = 0; i < 10; i++) {
        const struct series_bucket *b = series_at(&s, 0, i);

        assert_int_equal(b->n, 10);
        assert_true(b->max == (i == 5 ? 99 : 50));
        assert_true(b->min == (i == 5 ? 1 : 50));
        assert_true(b->sum == 500);
        assert_int_equal(b->gap, i == 0);
    }
    assert_true(s.totals[0].max == 99 && s.totals[0].min == 1 && s.totals[0].last == 50);
    assert_int_equal(s.totals[0].n, 100);
    series_clear(&s);
}

static void gaps_are_where_nothing_was_measured(void **state _unused_)
{
    struct series s;

    assert_int_equal(series_init(&s, 2, 100, 0, 99999, 3000), 0);
    for (uint64_t i = 0; i < 100; i++) {
        const double values[] = {1, i == 50 ? NAN : 2};

        if (i < 20 || i >= 40) /* nobody sampled */
            series_add(&s, i * 1000, values);
    }
    assert_int_equal(series_at(&s, 0, 30)->n, 0);
    for (size_t i = 1; i < 100; i++) {
        if (series_at(&s, 0, i)->n)
            assert_int_equal(series_at(&s, 0, i)->gap, i == 40);
        if (series_at(&s, 1, i)->n)
            assert_int_equal(series_at(&s, 1, i)->gap, i == 40 || i == 51);
    }
    assert_int_equal(series_at(&s, 1, 50)->n, 0);
    series_clear(&s);
}

static void what_is_outside_is_left_out(void **state _unused_)
{
    struct series s;
    double one = 1;

    assert_int_equal(series_init(&s, 1, 3, 1000, 1000, 3000), 0);
    series_add(&s, 999, &one);
    series_add(&s, 1000, &one);
    series_add(&s, 1001, &one);
    assert_int_equal(s.totals[0].n, 1);
    assert_int_equal(series_at(&s, 0, 0)->n, 1);
    series_clear(&s);
    /* an end before the beginning is no time at all, and all of time is one */
    assert_int_equal(series_init(&s, 1, 3, 5, 1, 3000), 0);
    assert_int_equal(s.to_ms, 5);
    series_clear(&s);
    assert_int_equal(series_init(&s, 1, 3, 0, UINT64_MAX - 1, 3000), 0);
    series_add(&s, UINT64_MAX - 1, &one);
    assert_int_equal(series_at(&s, 0, 2)->n, 1);
    series_clear(&s);
}

static void the_window_moves(void **state _unused_)
{
    struct series s;
    double value = 7;

    assert_int_equal(series_init(&s, 1, 5, 1000, 5999, 3000), 0);
    series_add(&s, 5500, &value);
    series_shift(&s, 2);
    assert_int_equal(s.from_ms, 3000);
    assert_int_equal(s.to_ms, 7999);
    assert_int_equal(series_at(&s, 0, 2)->n, 1);
    assert_int_equal(series_at(&s, 0, 4)->n, 0);
    value = 8;
    series_add(&s, 7000, &value);
    assert_true(series_at(&s, 0, 4)->max == 8);
    series_shift(&s, 1000);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(series_at(&s, 0, i)->n, 0);
    assert_int_equal(s.totals[0].n, 2);
    series_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(peaks_between_buckets_are_kept),
        cmocka_unit_test(gaps_are_where_nothing_was_measured),
        cmocka_unit_test(what_is_outside_is_left_out),
        cmocka_unit_test(the_window_moves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
