/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "exposition.h"

static const struct exposition_family size = {"swap_area_size", EXPOSITION_GAUGE, "bytes",
                                              "a \"size\"\\\n"};
static const struct exposition_family scanned = {"scanned", EXPOSITION_COUNTER, "bytes", "pages"};
static const struct exposition_family oom = {"oom", EXPOSITION_COUNTER, NULL, "kills"};
static const struct exposition_family none = {"none", EXPOSITION_GAUGE, NULL, "no sample"};

static char *written(enum exposition_format format)
{
    const struct exposition_label labels[] = {
        {"path", "/a \"b\"\\\n\xff\xc3\xa4"}, {"type", "file"}, {NULL, NULL}};
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct exposition x = EXPOSITION_INIT(out, format);

    assert_non_null(out);
    exposition_begin(&x, &size);
    exposition_sample(&x, labels, 4503599627370497.);
    exposition_sample(&x, NULL, 0.125);
    exposition_begin(&x, &none);
    exposition_begin(&x, &scanned);
    exposition_sample(&x, labels + 1, 18446744073709551615.);
    exposition_begin(&x, &oom);
    exposition_sample(&x, NULL, 3);
    exposition_end(&x);
    assert_int_equal(fclose(out), 0);
    return text;
}

static void test_prometheus(void **state _unused_)
{
    _cleanup_(free_ptr) char *text = written(EXPOSITION_PROMETHEUS);

    assert_string_equal(
        text,
        "# HELP headroom_swap_area_size_bytes a \"size\"\\\\\\n\n"
        "# TYPE headroom_swap_area_size_bytes gauge\n"
        "headroom_swap_area_size_bytes{path=\"/a \\\"b\\\"\\\\\\n\xef\xbf\xbd\xc3\xa4\",type=\"file"
        "\"} 4503599627370497\n"
        "headroom_swap_area_size_bytes 0.125\n"
        "# HELP headroom_scanned_bytes_total pages\n"
        "# TYPE headroom_scanned_bytes_total counter\n"
        "headroom_scanned_bytes_total{type=\"file\"} 1.84467441e+19\n"
        "# HELP headroom_oom_total kills\n"
        "# TYPE headroom_oom_total counter\n"
        "headroom_oom_total 3\n");
}

static void test_openmetrics(void **state _unused_)
{
    _cleanup_(free_ptr) char *text = written(EXPOSITION_OPENMETRICS);

    assert_string_equal(
        text,
        "# HELP headroom_swap_area_size_bytes a \\\"size\\\"\\\\\\n\n"
        "# TYPE headroom_swap_area_size_bytes gauge\n"
        "# UNIT headroom_swap_area_size_bytes bytes\n"
        "headroom_swap_area_size_bytes{path=\"/a \\\"b\\\"\\\\\\n\xef\xbf\xbd\xc3\xa4\",type=\"file"
        "\"} 4503599627370497\n"
        "headroom_swap_area_size_bytes 0.125\n"
        "# HELP headroom_scanned_bytes pages\n"
        "# TYPE headroom_scanned_bytes counter\n"
        "# UNIT headroom_scanned_bytes bytes\n"
        "headroom_scanned_bytes_total{type=\"file\"} 1.84467441e+19\n"
        "# HELP headroom_oom kills\n"
        "# TYPE headroom_oom counter\n"
        "headroom_oom_total 3\n"
        "# EOF\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prometheus),
        cmocka_unit_test(test_openmetrics),
    };

    return cmocka_run_group_tests_name("exposition", tests, NULL, NULL);
}
