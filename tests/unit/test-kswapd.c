/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "fakeproc.h"
#include "kswapd.h"

static void test_name(void **state _unused_)
{
    static const char *const bad[] = {"kswapd",   "kswapd ",  "kswapd-1",
                                      "kswapd1x", "xkswapd0", "kswapd99999999999999999999",
                                      "KSWAPD0",  ""};
    unsigned node = 7;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        assert_false(kswapd_parse_name(bad[i], &node));
    assert_int_equal(node, 7);
    assert_true(kswapd_parse_name("kswapd0", &node));
    assert_int_equal(node, 0);
    assert_true(kswapd_parse_name("kswapd127", &node));
    assert_int_equal(node, 127);
}

static void write_stat(struct fake *f, int pid, const char *name, unsigned flags, const char *times,
                       int start)
{
    char path[64], text[256];

    snprintf(path, sizeof(path), "proc/%d/stat", pid);
    snprintf(text, sizeof(text), "%d (%s) S 2 0 0 0 -1 %u 0 0 0 0 %s 0 0 20 0 1 0 %d 0 0\n", pid,
             name, flags, times, start);
    fake_write(f, path, text);
}

/* In the order of the nodes; a program of that name is none, and neither is what cannot be read. */
static void test_find(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct kswapd k = {.n = 9};
    uint64_t ticks = 1;

    assert_int_equal(kswapd_find(&f->root, &k, &e), -EOPNOTSUPP);
    assert_int_equal(k.n, 9);
    write_stat(f, 90, "kswapd1", ABI_PF_KTHREAD, "3 40", 5);
    write_stat(f, 91, "kswapd0", ABI_PF_KTHREAD, "0 1000", 6);
    write_stat(f, 92, "kswapd2", 0, "1 1", 7);
    write_stat(f, 93, "kswapd3", ABI_PF_KTHREAD, "x 1", 7);
    write_stat(f, 94, "kworker/0:1", ABI_PF_KTHREAD, "1 1", 7);
    fake_write(f, "proc/95/comm", "kswapd4\n");
    assert_int_equal(kswapd_find(&f->root, &k, &e), 0);
    assert_int_equal(k.n, 2);
    assert_int_equal(k.nodes[0].node, 0);
    assert_int_equal(k.nodes[0].pid, 91);
    assert_int_equal(k.nodes[1].node, 1);
    assert_true(kswapd_ticks(&f->root, &k.nodes[1], &ticks));
    assert_int_equal(ticks, 43);
    /* another one of that number */
    write_stat(f, 90, "kswapd1", ABI_PF_KTHREAD, "3 41", 6);
    assert_false(kswapd_ticks(&f->root, &k.nodes[1], &ticks));
    fake_write(f, "proc/91/stat", "91 (kswapd0) S 2");
    assert_false(kswapd_ticks(&f->root, &k.nodes[0], &ticks));
    assert_int_equal(ticks, 43);
}

static void test_many(void **state)
{
    struct fake *f = *state;
    struct kswapd k;
    char name[16];

    for (int i = 0; i < KSWAPD_MAX + 3; i++) {
        snprintf(name, sizeof(name), "kswapd%d", i);
        write_stat(f, 100 + i, name, ABI_PF_KTHREAD, "1 1", 5);
    }
    assert_int_equal(kswapd_find(&f->root, &k, NULL), 0);
    assert_int_equal(k.n, KSWAPD_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name),
        cmocka_unit_test_setup_teardown(test_find, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_many, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("kswapd", tests, NULL, NULL);
}
