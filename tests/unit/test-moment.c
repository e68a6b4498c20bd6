/* SPDX-License-Identifier: MIT */
#include <time.h>

#include "fake.h"
#include "moment.h"

/* 2026-11-22T21:40:00Z */
#define NOW 1795383600000ULL

static void local_time(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static void is(const char *text, uint64_t wanted)
{
    struct err e = ERR_INIT;
    uint64_t got = 0;

    assert_int_equal(moment_parse(text, NOW, &got, &e), 0);
    assert_int_equal(got, wanted);
}

static void times_as_people_write_them(void **state _unused_)
{
    local_time("UTC");
    is("now", NOW);
    is("@1795383600", NOW);
    is("2026-11-22T21:40:00Z", NOW);
    is("2026-11-22 21:40", NOW);
    is("2026-11-22T22:40+01:00", NOW);
    is("2026-11-22T16:10:00.5-05:30", NOW + 500);
    is("2026-11-22", NOW - (21 * 60 + 40) * 60000ULL);
    is("21:39", NOW - 60000);
    is("21:39:59.25", NOW - 750);
    is("-90s", NOW - 90000);
    is("-1h30m", NOW - 5400000);
    is("-999999d", 0);
    is("2028-02-29", 1835395200000ULL);
    local_time("CET-1");
    is("2026-11-22T22:40", NOW);
    is("2026-11-22T21:40Z", NOW);
    is("22:40", NOW);
}

static void what_is_no_time(void **state _unused_)
{
    static const char *const bad[] = {
        "",
        "tomorrow",
        "2026",
        "2026-13-01",
        "2026-02-29",
        "2026-11-2",
        "24:00",
        "12:60",
        "12:30:60",
        "2026-11-22T",
        "@",
        "@-1",
        "@1e5",
        "-",
        "-5x",
        "1h",
        "2026-11-22x",
        "1969-12-31",
        "2026-11-22T21:40+",
        "21:40Z",
        "21:40:",
        "21:40:05.",
        "2026-11-22T21:40+0100",
        "99999-01-01",
    };

    local_time("UTC");
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct err e = ERR_INIT;
        uint64_t got;

        assert_int_equal(moment_parse(bad[i], NOW, &got, &e), -EINVAL);
        assert_int_equal(e.kind, ERR_USAGE);
        err_clear(&e);
    }
}

static void times_as_they_are_written(void **state _unused_)
{
    char text[MOMENT_TEXT_MAX];

    local_time("CET-1");
    assert_string_equal(moment_utc(NOW + 7, text), "2026-11-22T21:40:00.007Z");
    assert_string_equal(moment_utc(253402300799999ULL, text), "9999-12-31T23:59:59.999Z");
    assert_string_equal(moment_local(NOW, text), "2026-11-22 22:40:00");
    assert_string_equal(moment_zone(NOW, text), "+01:00");
    local_time("<-0330>3:30");
    assert_string_equal(moment_zone(NOW, text), "-03:30");
    local_time("UTC");
    assert_string_equal(moment_zone(NOW, text), "UTC");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_as_people_write_them),
        cmocka_unit_test(what_is_no_time),
        cmocka_unit_test(times_as_they_are_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
