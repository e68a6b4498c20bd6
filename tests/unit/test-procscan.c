/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "procscan.h"

/* Sum and number of the processes that a walk hands out. */
static int walk(struct fake *f, long *sum, bool *saw_first)
{
    _cleanup_(procscan_clear) struct procscan w = PROCSCAN_INIT;
    pid_t pid;
    int n = 0, r;

    assert_int_equal(procscan_begin(&f->root, &w, NULL), 0);
    for (*sum = 0; (r = procscan_next(&w, &pid, NULL)) == 1; n++)
        *sum += pid;
    assert_int_equal(r, 0);
    *saw_first = w.saw_first;
    return n;
}

static void test_walk(void **state)
{
    static const char *const names[] = {"7",   "123456", "0",    "07",
                                        "12x", "-5",     "self", "99999999999"};
    struct fake *f = *state;
    bool saw_first;
    long sum;

    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        char path[64];

        snprintf(path, sizeof(path), "proc/%s/status", names[i]);
        fake_write(f, path, "x");
    }
    assert_int_equal(walk(f, &sum, &saw_first), 2);
    assert_int_equal(sum, 123463);
    assert_false(saw_first);
    fake_write(f, "proc/1/status", "x");
    assert_int_equal(walk(f, &sum, &saw_first), 3);
    assert_true(saw_first);
}

/* More than fits one call. */
static void test_walk_many(void **state)
{
    struct fake *f = *state;
    bool saw_first;
    long sum;

    assert_int_equal(root_mkdirs(&f->root, "proc", NULL), 0);
    for (int i = 1; i <= 4000; i++) {
        char path[32];

        snprintf(path, sizeof(path), "proc/%d", i);
        assert_int_equal(mkdir(fake_path(f, path), 0755), 0);
    }
    assert_int_equal(walk(f, &sum, &saw_first), 4000);
    assert_int_equal(sum, 4000L * 4001 / 2);
}

static void test_read(void **state)
{
    _cleanup_(procscan_clear) struct procscan w = PROCSCAN_INIT;
    _cleanup_(free_ptr) char *large = malloc(64 << 10);
    struct fake *f = *state;
    const char *text;

    memset(large, 'x', 64 << 10);
    fake_write(f, "proc/5/status", "Name:\tcat\n");
    fake_write_bytes(f, "proc/6/status", large, (64 << 10) - 1);
    fake_write_bytes(f, "proc/7/status", large, 64 << 10);
    assert_int_equal(procscan_begin(&f->root, &w, NULL), 0);
    assert_int_equal(procscan_read(&w, 5, "status", &text), 10);
    assert_string_equal(text, "Name:\tcat\n");
    assert_int_equal(procscan_read(&w, 6, "status", &text), (64 << 10) - 1);
    assert_int_equal(strlen(text), (64 << 10) - 1);
    assert_int_equal(procscan_read(&w, 7, "status", &text), 64 << 10);
    assert_int_equal(strlen(text), 64 << 10);
    assert_int_equal(procscan_read(&w, 5, "status", &text), 10);
    assert_string_equal(text, "Name:\tcat\n");
    assert_int_equal(procscan_read(&w, 8, "status", &text), -ENOENT);
    assert_int_equal(procscan_read(&w, 5, "stat", &text), -ENOENT);
}

static void test_no_proc(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct procscan w;

    assert_int_equal(procscan_begin(&f->root, &w, &e), -EOPNOTSUPP);
    fake_assert_message(&e, "/proc: is not there");
}

static void test_ourselves(void **state _unused_)
{
    _cleanup_(procscan_clear) struct procscan w = PROCSCAN_INIT;
    struct root root = ROOT_INIT;
    const char *text;
    pid_t pid;
    bool seen = false;

    assert_int_equal(root_open(&root, NULL, NULL), 0);
    assert_int_equal(procscan_begin(&root, &w, NULL), 0);
    while (procscan_next(&w, &pid, NULL) == 1)
        seen |= pid == getpid();
    assert_true(seen);
    assert_int_equal(procscan_rewind(&w, NULL), 0);
    for (seen = false; procscan_next(&w, &pid, NULL) == 1;)
        seen |= pid == getpid();
    assert_true(seen);
    assert_true(procscan_read(&w, getpid(), "status", &text) > 0);
    assert_non_null(str_after(text, "Name:\ttest-procscan\n"));
    root_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_walk, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_walk_many, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_no_proc, fake_setup, fake_teardown),
        cmocka_unit_test(test_ourselves),
    };

    return cmocka_run_group_tests_name("procscan", tests, NULL, NULL);
}
