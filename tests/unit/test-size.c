/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>

#include "size.h"

#define KIB UINT64_C(1024)
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define TIB (KIB * GIB)
#define PIB (KIB * TIB)
#define EIB (KIB * PIB)

static const struct {
    const char *text;
    uint64_t bytes;
} sizes[] = {
    {"0", 0},
    {"4096", 4096},
    {"007", 7},
    {"18446744073709551615", UINT64_MAX},
    {"0000000000000000000000000000001", 1},
    {"3B", 3},
    {"3b", 3},
    {"2K", 2 * KIB},
    {"2k", 2 * KIB},
    {"2KiB", 2 * KIB},
    {"2kib", 2 * KIB},
    {"2KIB", 2 * KIB},
    {"2KB", 2000},
    {"2kb", 2000},
    {"512M", 512 * MIB},
    {"2MB", 2000000},
    {"2G", 2 * GIB},
    {"2g", 2 * GIB},
    {"2GiB", 2 * GIB},
    {"2GB", 2000000000},
    {"3T", 3 * TIB},
    {"3TB", 3000000000000},
    {"3P", 3 * PIB},
    {"3PB", 3000000000000000},
    {"15E", 15 * EIB},
    {"18EB", UINT64_C(18000000000000000000)},
    {"1.5G", 3 * GIB / 2},
    {"1.5GB", 1500000000},
    {"0.5K", 512},
    {"1.0K", 1024},
    {"0.001K", 1}, /* 1.024 rounded down */
    {"0.0009K", 0},
    {"1.9B", 1},
    {"15.9999999999999999999999999999E", UINT64_MAX},
    /* 1/1024 has ten decimals: one less at the end is one byte less */
    {"0.0009765625K", 1},
    {"0.00097656249999999999999999999999999999K", 0},
};

static void test_size(void **state _unused_)
{
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        uint64_t n = 12345;

        if (size_parse(sizes[i].text, &n, NULL) != 0 || n != sizes[i].bytes)
            fail_msg("%s gave %llu", sizes[i].text, (unsigned long long)n);
    }
}

static const char *const no_sizes[] = {
    "",     " ",   " 1",   "1 ",   "-1",   "+1",    "1 G",  "G",    ".5G",  "1.G",
    "1.5",  "1.",  "1..5", "1,5G", "2Gi",  "2GBs",  "2GG",  "2X",   "2BB",  "2BiB",
    "0x10", "1e3", "1e3G", "inf",  "nan",  "auto",  "50%",  "2\n",  "2G\n", "1.5.5G",
    "2iB",  "2GI", "--1",  "2@",   "\xff", "2\xc7", "2Kb ", "2KİB", "٣",    "1_000",
};

static void test_no_size(void **state _unused_)
{
    for (size_t i = 0; i < ARRAY_SIZE(no_sizes); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        uint64_t n = 12345;

        if (size_parse(no_sizes[i], &n, &e) != -EINVAL || n != 12345)
            fail_msg("\"%s\" was taken for a size", no_sizes[i]);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, no_sizes[i]);
        fake_assert_message(&e, "not a size; write it like");
    }
}

static void test_size_too_large(void **state _unused_)
{
    static const char *const large[] = {
        "18446744073709551616",
        "99999999999999999999999999",
        "16E",
        "16.5E",
        "18.5EB",
        "16777216T",
        "18446744073709551615K",
        "18446744073709551615.5K",
    };

    for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        uint64_t n = 12345;

        if (size_parse(large[i], &n, &e) != -ERANGE || n != 12345)
            fail_msg("%s fitted", large[i]);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, "too large");
    }
}

static void test_percent(void **state _unused_)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0%", 0},       {"50%", 50},         {"100%", 100}, {"100.000%", 100},
                {"12.5%", 12.5}, {"00012.50%", 12.5}, {"0.1%", 0.1}, {"99.99%", 99.99}};
    static const char *const bad[] = {"",    "%",   "50",   "-1%",  "+1%",  "50 %", "50%%",
                                      "5.%", ".5%", "1e1%", "nan%", "5,5%", "50%x", " 5%"};
    static const char *const large[] = {"101%", "100.1%", "100.00000001%",
                                        "99999999999999999999999%"};
    double n = -7;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        if (size_parse_percent(good[i].text, &n, NULL) != 0 || fabs(n - good[i].value) > 1e-12)
            fail_msg("%s gave %g", good[i].text, n);
    }
    n = -7;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        if (size_parse_percent(bad[i], &n, &e) != -EINVAL)
            fail_msg("\"%s\" was taken for a percentage", bad[i]);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, "not a percentage");
    }
    for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        if (size_parse_percent(large[i], &n, &e) != -ERANGE)
            fail_msg("%s was within range", large[i]);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, "out of range");
    }
    assert_true(n < 0);
}

static void test_decimal(void **state _unused_)
{
    static const struct {
        const char *text;
        double value;
    } good[] = {{"0", 0},
                {"12", 12},
                {"0.5", 0.5},
                {"007.250", 7.25},
                {"999999999999999", 999999999999999}};
    static const char *const bad[] = {"",    "-1",  "+1",  " 1",  "1 ",  "1.", ".5",
                                      "1e3", "nan", "inf", "0x1", "1,5", "1%"};
    static const char *const large[] = {"1000000000000000", "99999999999999999999.5"};
    double n = -7;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        if (size_parse_decimal(good[i].text, &n, NULL) != 0 || fabs(n - good[i].value) > 1e-12)
            fail_msg("%s gave %g", good[i].text, n);
    }
    n = -7;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (size_parse_decimal(bad[i], &n, NULL) != -EINVAL)
            fail_msg("\"%s\" was taken for a number", bad[i]);
    for (size_t i = 0; i < ARRAY_SIZE(large); i++)
        if (size_parse_decimal(large[i], &n, NULL) != -ERANGE)
            fail_msg("%s was within range", large[i]);
    assert_true(n < 0);
}

static void assert_number(const char *text, int64_t min, int64_t max, int r, int64_t want)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int64_t n = want ? 0 : 1;

    if (size_parse_number(text, min, max, &n, &e) != r || (r == 0) != (n == want))
        fail_msg("\"%s\" gave %lld", text, (long long)n);
    if (r < 0) {
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, r == -EINVAL ? "not a number" : "out of range");
    }
}

static void test_number(void **state _unused_)
{
    assert_number("0", 0, 32767, 0, 0);
    assert_number("32767", 0, 32767, 0, 32767);
    assert_number("32768", 0, 32767, -ERANGE, 0);
    assert_number("-1", 0, 32767, -EINVAL, 0);
    assert_number("-1", -1, 32767, 0, -1);
    assert_number("-2", -1, 32767, -ERANGE, 0);
    assert_number("-0", -1, 1, 0, 0);
    assert_number("3", 5, 9, -ERANGE, 0);
    assert_number("9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX);
    assert_number("9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE, 0);
    assert_number("-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN);
    assert_number("-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE, 0);
    assert_number("18446744073709551617", 0, 10, -ERANGE, 0);
    assert_number("", -1, 1, -EINVAL, 0);
    assert_number("-", -1, 1, -EINVAL, 0);
    assert_number("--1", -1, 1, -EINVAL, 0);
    assert_number("+1", -1, 1, -EINVAL, 0);
    assert_number(" 1", -1, 1, -EINVAL, 0);
    assert_number("1 ", -1, 1, -EINVAL, 0);
    assert_number("1.0", -1, 1, -EINVAL, 0);
    assert_number("0x1", -1, 1, -EINVAL, 0);
    assert_number("1\n", -1, 1, -EINVAL, 0);
}

static void test_duration(void **state _unused_)
{
    static const struct {
        const char *text;
        uint64_t ms;
    } good[] = {{"0", 0},
                {"90", 90000},
                {"90s", 90000},
                {"1.5", 1500},
                {"500ms", 500},
                {"1.5s", 1500},
                {"5m", 300000},
                {"1h30m", 5400000},
                {"3d", 259200000},
                {"1d1h1m1s1ms", 90061001},
                {"1m500ms", 60500},
                {"0.9ms", 0},
                {"0.0001s", 0},
                {"0.5h0.5m", 1830000},
                {"18446744073709551615ms", UINT64_MAX}};
    static const char *const bad[] = {
        "",    "s",   "-1",  "+1",    " 1",   "1 ",    "1 s", "1x",  "1ss", "1sm",   "1s1m", "1m1m",
        "1m5", "1.s", ".5s", "1ms1s", "1min", "1h 3m", "1S",  "1e3", "inf", "1h-3m", "1mss", "5m."};
    static const char *const large[] = {"18446744073709551616ms", "18446744073709552s",
                                        "999999999999d", "18446744073709551s616ms",
                                        "99999999999999999999999"};
    uint64_t n;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++)
        if (size_parse_duration(good[i].text, &n, NULL) != 0 || n != good[i].ms)
            fail_msg("%s gave %llu", good[i].text, (unsigned long long)n);
    n = 12345;
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        if (size_parse_duration(bad[i], &n, &e) != -EINVAL)
            fail_msg("\"%s\" was taken for a duration", bad[i]);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, "not a duration");
    }
    for (size_t i = 0; i < ARRAY_SIZE(large); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        if (size_parse_duration(large[i], &n, &e) != -ERANGE)
            fail_msg("%s fitted", large[i]);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, "too long");
    }
    assert_int_equal(n, 12345);
}

/* The texts are what util-linux prints (fincore, lsblk). */
static void test_format(void **state _unused_)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0B"},
        {1, "1B"},
        {512, "512B"},
        {1023, "1023B"},
        {1024, "1K"},
        {1075, "1K"},
        {1076, "1.1K"},
        {1536, "1.5K"},
        {40960, "40K"},
        {1047552, "1023K"},
        {1048575, "1024K"},
        {MIB, "1M"},
        {1073741823, "1024M"},
        {1610612736, "1.5G"},
        {2 * GIB, "2G"},
        {2 * GIB - 4096, "2G"},
        {10 * GIB, "10G"},
        {TIB - 1, "1024G"},
        {TIB, "1T"},
        {3 * PIB / 2, "1.5P"},
        {EIB - 1, "1024P"},
        {EIB, "1E"},
        {UINT64_MAX, "16E"},
    };
    char buf[SIZE_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_ptr_equal(size_format(cases[i].bytes, buf), buf);
        assert_string_equal(buf, cases[i].text);
    }
}

/* Make a locale of our own, because machines have few; false where localedef(1) or its sources are
 * missing. */
static bool use_locale(struct fake *f, const char *name, const char *charmap)
{
    _cleanup_(free_ptr) char *command = NULL;

    assert_true(asprintf(&command, "localedef -c --no-archive -i %s -f %s %s/%s >/dev/null 2>&1",
                         name, charmap, f->dir, name) > 0);
    if (system(command) == -1)
        return false;
    assert_int_equal(setenv("LOCPATH", f->dir, 1), 0);
    return setlocale(LC_ALL, name) != NULL;
}

static void assert_same_in_locale(void)
{
    uint64_t n;
    double percent;
    char buf[SIZE_TEXT_MAX];

    test_size(NULL);
    test_no_size(NULL);
    assert_int_equal(size_parse_percent("12.5%", &percent, NULL), 0);
    assert_int_equal(size_parse_percent("12,5%", &percent, NULL), -EINVAL);
    assert_int_equal(size_parse_duration("1.5s", &n, NULL), 0);
    assert_string_equal(size_format(3 * GIB / 2, buf), "1.5G");
}

static void test_locale(void **state)
{
    bool german = use_locale(*state, "de_DE", "UTF-8"), turkish;

    if (german) {
        assert_string_equal(localeconv()->decimal_point, ",");
        assert_same_in_locale();
    }
    /* where the lower case of "I" is not "i" */
    turkish = use_locale(*state, "tr_TR", "ISO-8859-9");
    if (turkish) {
        assert_int_not_equal(tolower('I'), 'i');
        assert_same_in_locale();
    }
    setlocale(LC_ALL, "C");
    if (!german || !turkish)
        skip();
}

static void test_format_duration(void **state _unused_)
{
    static const struct {
        uint64_t seconds;
        const char *text;
    } cases[] = {
        {0, "0s"},
        {59, "59s"},
        {60, "1m"},
        {61, "1m1s"},
        {3600, "1h"},
        {3659, "1h"},
        {5400, "1h30m"},
        {86399, "23h59m"},
        {86400, "1d"},
        {90000, "1d1h"},
        {86400 + 60, "1d"},
        {86400 * 400, "400d"},
        {UINT64_MAX, "213503982334601d7h"},
    };
    char buf[SIZE_TEXT_MAX];

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(size_format_duration(cases[i].seconds, buf), cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_no_size),
        cmocka_unit_test(test_size_too_large),
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_decimal),
        cmocka_unit_test(test_number),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_format_duration),
        cmocka_unit_test_setup_teardown(test_locale, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("size", tests, NULL, NULL);
}
