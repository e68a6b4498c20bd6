/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "metric.h"

static void every_id_has_a_row_and_its_name_is_read_back(void **state _unused_)
{
    for (int i = 0; i < METRIC_IDS; i++) {
        const struct metric_info *info = &metric_infos()[i];
        char name[METRIC_NAME_MAX];
        struct metric m = METRIC_INIT;
        struct err e = ERR_INIT;

        assert_int_equal(info->id, i);
        assert_non_null(info->meaning);
        metric_full_name(info, name);
        assert_true(strlen(name) < METRIC_NAME_MAX - 1);
        if (info->param && !streq(info->param, "PATH")) { /* "N" and "PID" are no numbers */
            assert_int_equal(metric_parse(name, &m, &e), -EINVAL);
            err_clear(&e);
            continue;
        }
        assert_int_equal(metric_parse(name, &m, &e), 0);
        assert_ptr_equal(m.info, info);
        assert_string_equal(m.name, name);
        metric_clear(&m);
    }
}

static void expect(const char *name, enum metric_id id, const char *param)
{
    struct metric m = METRIC_INIT;
    struct err e = ERR_INIT;

    assert_int_equal(metric_parse(name, &m, &e), 0);
    assert_int_equal(m.info->id, id);
    if (param)
        assert_string_equal(m.param, param);
    else
        assert_null(m.param);
    metric_clear(&m);
}

static void parameters(void **state _unused_)
{
    expect("ram", METRIC_RAM, NULL);
    expect("psi.io.full.avg300", METRIC_PSI_LAST, NULL);
    expect("psi.memory.some.avg10", METRIC_PSI_FIRST, NULL);
    expect("kswapd.cpu", METRIC_KSWAPD_CPU, NULL);
    expect("kswapd.cpu:1", METRIC_KSWAPD_CPU_NODE, "1");
    expect("disk:/", METRIC_DISK_USED, "/");
    expect("disk:/srv/a.used", METRIC_DISK_USED, "/srv/a.used");
    expect("gpu:0", METRIC_GPU_PERCENT, "0");
    expect("gpu:0.used", METRIC_GPU_USED, "0");
    expect("cgroup:/a.slice/b.service.memory", METRIC_CGROUP_MEMORY, "/a.slice/b.service");
    expect("cgroup:/a.memory.swap_max", METRIC_CGROUP_SWAP_MAX, "/a.memory");
    expect("cgroup:/a:b.psi", METRIC_CGROUP_PSI, "/a:b");
    expect("proc:1.rss", METRIC_PROC_RSS, "1");
}

static void refused(void **state _unused_)
{
    static const char *const names[] = {
        "",
        "ra",
        "ram:",
        "ram:1",
        "disk:",
        "disk",
        "gpu:",
        "gpu:x",
        "gpu:-1",
        "gpu:1.",
        "proc:1",
        "proc:1.uss",
        "proc:.rss",
        "cgroup:/a",
        "cgroup:.memory",
        "psi",
        "psi.memory.some",
        "reclaim.",
        "kswapd.cpu:",
        "kswapd.cpu:0.x",
    };

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct metric m = METRIC_INIT;
        struct err e = ERR_INIT;

        assert_int_equal(metric_parse(names[i], &m, &e), -EINVAL);
        assert_int_equal(e.kind, ERR_USAGE);
        assert_null(m.name);
        err_clear(&e);
    }
}

static void the_closest_is_named(void **state _unused_)
{
    struct metric m = METRIC_INIT;
    struct err e = ERR_INIT;

    assert_int_equal(metric_parse("swap.usd", &m, &e), -EINVAL);
    assert_non_null(strstr(e.text, "did you mean swap.used"));
    err_clear(&e);
}

static void values_for_people(void **state _unused_)
{
    static const struct {
        enum metric_unit unit;
        double value;
        const char *text;
    } cases[] = {
        {METRIC_PERCENT, 45.25, "45.2%"},     {METRIC_BYTES, 1536, "1.5K"},
        {METRIC_BYTES_PER_SECOND, 0, "0B/s"}, {METRIC_PAGES_PER_SECOND, 1234.5, "1234"},
        {METRIC_RATIO, 1.005, "1.00"},        {METRIC_COUNT, 3, "3"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        char text[METRIC_TEXT_MAX];

        metric_format(cases[i].unit, cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_id_has_a_row_and_its_name_is_read_back),
        cmocka_unit_test(parameters),
        cmocka_unit_test(refused),
        cmocka_unit_test(the_closest_is_named),
        cmocka_unit_test(values_for_people),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
