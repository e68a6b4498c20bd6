/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "meminfo.h"

#define KB UINT64_C(1024)

static struct meminfo parse(const char *text)
{
    struct meminfo m;

    assert_int_equal(meminfo_parse(text, &m, NULL), 0);
    return m;
}

static void test_every_field(void **state _unused_)
{
    _cleanup_(free_ptr) char *text = fake_data("proc/4.18/meminfo");
    struct meminfo m = parse(text);

    assert_int_equal(m.total, 3825600 * KB);
    assert_int_equal(m.free, 241184 * KB);
    assert_int_equal(m.available, 2398432 * KB);
    assert_false(m.available_estimated);
    assert_int_equal(m.buffers, 3196 * KB);
    assert_int_equal(m.cached, 2214720 * KB);
    assert_int_equal(m.sreclaimable, 177712 * KB);
    assert_int_equal(m.swap_total, 2097148 * KB);
    assert_int_equal(m.swap_free, 2076668 * KB);
    assert_int_equal(m.swap_cached, 1044 * KB);
    assert_int_equal(m.committed_as, 2583556 * KB);
    assert_int_equal(m.commit_limit, 4009948 * KB);
}

static void test_old_kernel(void **state _unused_)
{
    _cleanup_(free_ptr) char *text = fake_data("proc/2.6.32/meminfo");
    struct meminfo m = parse(text);

    assert_true(m.available_estimated);
    assert_int_equal(m.available, (104308 + 62840 + 398216 + 82964) * KB);
    assert_int_equal(m.swap_total, 2064376 * KB);
}

static void test_new_kernel(void **state _unused_)
{
    _cleanup_(free_ptr) char *text = fake_data("proc/6.18/meminfo");
    struct meminfo m = parse(text);

    assert_int_equal(m.total, 24684092 * KB);
    assert_false(m.available_estimated);
    assert_in_range(m.available, 1, m.total);
    assert_int_equal(m.swap_total, 0);
}

static void test_available(void **state _unused_)
{
    struct meminfo m;

    m = parse(
        "MemTotal: 100 kB\nMemFree: 10 kB\nMemAvailable: 0 kB\nCached: 5 kB\nSwapTotal: 0 kB\n");
    assert_true(m.available_estimated);
    assert_int_equal(m.available, 15 * KB);
    m = parse("MemTotal: 100 kB\nMemFree: 60 kB\nCached: 90 kB\nSwapTotal: 0 kB\n");
    assert_true(m.available_estimated);
    assert_int_equal(m.available, 100 * KB);
    m = parse("MemTotal: 100 kB\nMemFree: 60 kB\nMemAvailable: 101 kB\nSwapTotal: 0 kB\n");
    assert_false(m.available_estimated);
    assert_int_equal(m.available, 60 * KB);
    m = parse("MemTotal: 100 kB\nMemFree: 160 kB\nMemAvailable: 101 kB\nSwapTotal: 0 kB\n");
    assert_int_equal(m.available, 100 * KB);
    m = parse("MemTotal: 100 kB\nMemFree: 60 kB\nMemAvailable: 100 kB\nSwapTotal: 0 kB\n");
    assert_int_equal(m.available, 100 * KB);
    /* sums that would not fit 64 bits */
    m = parse("MemTotal: 100 kB\nMemFree: 18014398509481983 kB\nBuffers: 18014398509481983 kB\n"
              "Cached: 18014398509481983 kB\nSwapTotal: 0 kB\n");
    assert_int_equal(m.available, 100 * KB);
}

/* Keys are whole words: SwapCached is not Cached, and the first of two counts. */
static void test_keys(void **state _unused_)
{
    struct meminfo m =
        parse("XMemTotal: 1 kB\nMemTotal: 100 kB\nMemTotals: 2 kB\nMemTotal: 3 kB\n"
              "SwapCached: 7 kB\nMemFree: 10 kB\nMemAvailable:20 kB\nSwapTotal:\t5 kB\n"
              "Strange: not a number\nno separator\n");

    assert_int_equal(m.total, 100 * KB);
    assert_int_equal(m.cached, 0);
    assert_int_equal(m.swap_cached, 7 * KB);
    assert_int_equal(m.available, 20 * KB);
    assert_int_equal(m.swap_total, 5 * KB);
}

static void assert_bad(const char *text, int r, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct meminfo m = {.total = 7};

    assert_int_equal(meminfo_parse(text, &m, &e), r);
    fake_assert_message(&e, message);
    assert_int_equal(m.total, 7);
    assert_int_equal(m.free, 0);
}

static void test_bad(void **state _unused_)
{
    assert_bad("", -ENODATA, "MemTotal");
    assert_bad("MemTotal", -ENODATA, "MemTotal");
    assert_bad("MemFree: 1 kB\nSwapTotal: 1 kB\n", -ENODATA, "MemTotal");
    assert_bad("MemTotal: 1 kB\nSwapTotal: 1 kB\n", -ENODATA, "MemFree");
    assert_bad("MemTotal: 1 kB\nMemFree: 1 kB\n", -ENODATA, "SwapTotal");
    assert_bad("MemTotal: many kB\n", -EBADMSG, "MemTotal is not a size: \"many kB\"");
    assert_bad("MemTotal: -1 kB\n", -EBADMSG, "MemTotal");
    assert_bad("MemTotal: 1 MB\n", -EBADMSG, "MemTotal");
    assert_bad("MemTotal:\n", -EBADMSG, "MemTotal");
    assert_bad("MemTotal: 18014398509481984 kB\n", -EOVERFLOW, "MemTotal");
    assert_bad("MemTotal: 1 kB\nCached: 99999999999999999999 kB\n", -EOVERFLOW, "Cached");
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) char *text = fake_data("proc/4.18/meminfo");
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct meminfo m = {.total = 7};

    assert_int_equal(meminfo_read(&f->root, &m, &e), -ENOENT);
    fake_assert_message(&e, "/proc/meminfo: cannot open");
    assert_int_equal(m.total, 7);
    fake_write(f, "proc/meminfo", "broken");
    assert_int_equal(meminfo_read(&f->root, &m, &e), -ENODATA);
    fake_write(f, "proc/meminfo", text);
    assert_int_equal(meminfo_read(&f->root, &m, &e), 0);
    assert_int_equal(m.total, 3825600 * KB);
}

static void test_live(void **state _unused_)
{
    struct root live = ROOT_INIT;
    struct meminfo m;

    assert_int_equal(root_open(&live, NULL, NULL), 0);
    assert_int_equal(meminfo_read(&live, &m, NULL), 0);
    assert_in_range(m.available, 1, m.total);
    root_close(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_field),
        cmocka_unit_test(test_old_kernel),
        cmocka_unit_test(test_new_kernel),
        cmocka_unit_test(test_available),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_live),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("meminfo", tests, NULL, NULL);
}
