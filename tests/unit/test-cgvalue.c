/* SPDX-License-Identifier: MIT */
#include "cgvalue.h"
#include "fake.h"

static struct kv_span span(const char *text)
{
    return (struct kv_span){text, strlen(text)};
}

static void assert_parses(const char *text, int wanted, uint64_t value)
{
    uint64_t out = 7;

    assert_int_equal(cgvalue_parse(span(text), &out), wanted);
    assert_int_equal(out, wanted == 0 ? value : 7);
}

static void test_parse(void **state _unused_)
{
    assert_parses("max\n", 0, CGVALUE_MAX);
    assert_parses("max", 0, CGVALUE_MAX);
    assert_parses("0\n", 0, 0);
    assert_parses("18446744073709551614\n", 0, UINT64_MAX - 1);
    assert_parses("18446744073709551616\n", -EOVERFLOW, 0);
    assert_parses("", -EBADMSG, 0);
    assert_parses("\n", -EBADMSG, 0);
    assert_parses("maximum", -EBADMSG, 0);
    assert_parses("12 13\n", -EBADMSG, 0);
    assert_parses("-1", -EBADMSG, 0);
}

static void test_format(void **state _unused_)
{
    char buf[CGVALUE_TEXT];

    assert_string_equal(cgvalue_format(CGVALUE_MAX, buf), "max");
    assert_string_equal(cgvalue_format(UINT64_MAX - 1, buf), "18446744073709551614");
    assert_string_equal(cgvalue_format(0, buf), "0");
}

static void test_keyed(void **state _unused_)
{
    static const char events[] = "low 0\nhigh 1\nmax 22\noom 3\noom_kill 4\n";
    static const char io[] = "8:0 rbps=1048576 wbps=max riops=max wiops=10\n259:1 wbps=5 rbps=6\n";
    static const char pressure[] =
        "some avg10=1.50 avg60=0.00 total=12345\nfull avg10=0.00 total=9\n";
    uint64_t value = 7;

    assert_int_equal(cgvalue_flat(events, "oom", &value), 0);
    assert_int_equal(value, 3);
    assert_int_equal(cgvalue_flat(events, "oom_group_kill", &value), -ENODATA);
    assert_int_equal(cgvalue_nested(io, "8:0", "wiops", &value), 0);
    assert_int_equal(value, 10);
    assert_int_equal(cgvalue_nested(io, "8:0", "wbps", &value), 0);
    assert_true(value == CGVALUE_MAX);
    assert_int_equal(cgvalue_nested(io, "259:1", "rbps", &value), 0);
    assert_int_equal(value, 6);
    assert_int_equal(cgvalue_nested(io, "259:1", "riops", &value), -ENODATA);
    assert_int_equal(cgvalue_nested(io, "8:1", "rbps", &value), -ENODATA);
    assert_int_equal(cgvalue_nested(pressure, "some", "total", &value), 0);
    assert_int_equal(value, 12345);
    assert_int_equal(cgvalue_nested(pressure, "some", "avg10", &value), 0);
    assert_int_equal(value, 1);
    assert_int_equal(cgvalue_nested("a x=\n", "a", "x", &value), -EBADMSG);
    assert_int_equal(cgvalue_nested("a x=.5\n", "a", "x", &value), -EBADMSG);
}

static void test_files(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) char *text = NULL, *now = NULL;
    _cleanup_(close_fd) int dir = -1;
    uint64_t value;

    fake_write(f, "g/memory.max", "4096\n");
    fake_write(f, "g/empty", "");
    dir = root_openat(&f->root, "g", O_RDONLY | O_DIRECTORY, 0);
    assert_int_equal(cgvalue_read(dir, "memory.max", &value), 0);
    assert_int_equal(value, 4096);
    assert_int_equal(cgvalue_read(dir, "empty", &value), -EBADMSG);
    assert_int_equal(cgvalue_read(dir, "memory.high", &value), -ENOENT);
    assert_int_equal(cgroup_read(dir, "memory.max", &text), 0);
    assert_string_equal(text, "4096\n");
    assert_int_equal(cgroup_read(dir, "memory.high", &now), -ENOENT);
    assert_int_equal(cgvalue_write(dir, "memory.max", "max"), 0);
    now = fake_read(f, "g/memory.max");
    assert_string_equal(now, "max");
    assert_int_equal(cgvalue_write(dir, "memory.high", "max"), -ENOENT);
    assert_false(fake_exists(f, "g/memory.high"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_keyed),
        cmocka_unit_test_setup_teardown(test_files, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgvalue", tests, NULL, NULL);
}
