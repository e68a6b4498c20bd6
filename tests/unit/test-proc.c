/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "proc.h"

static struct proc_status parse(const char *text)
{
    struct proc_status s;

    assert_int_equal(proc_status_parse(text, &s), 0);
    return s;
}

static void test_status(void **state _unused_)
{
    struct proc_status s = parse("Name:\tcat\nUmask:\t0022\nUid:\t1000\t0\t7\t8\nGid:\t5\t5\t5\t5\n"
                                 "VmSwapPss:\t  9 kB\nVmSwap:\t     128 kB\nThreads:\t1\n");

    assert_string_equal(s.name, "cat");
    assert_int_equal(s.uid, 0);
    assert_true(s.has_swap);
    assert_int_equal(s.swap, 128 * 1024);
}

static void test_kernel_thread(void **state _unused_)
{
    struct proc_status s = parse("Name:\tkworker/R-rcu_gp\nUid:\t0\t0\t0\t0\nKthread:\t1\n");

    assert_string_equal(s.name, "kworker/R-rcu_gp");
    assert_false(s.has_swap);
    assert_int_equal(s.swap, 0);
}

static void test_names(void **state _unused_)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"Name:\t\nUid:\t0\t0\t0\t0\n", ""},
        {"Name:\t a b \nUid:\t0\t0\t0\t0\n", " a b "},
        {"Name:\t)\\n(\\\\n\xff\nUid:\t0\t0\t0\t0\n", ")\n(\\n\xff"},
        {"Name:\tend\\\nUid:\t0\t0\t0\t0\n", "end\\"},
        {"Name:\tUid:\t5\nUid:\t0\t0\t0\t0\n", "Uid:\t5"},
        {"Name:\t0123456789012345678901234567890123456789012345678901234567890123456789\n"
         "Uid:\t0\t0\t0\t0",
         "012345678901234567890123456789012345678901234567890123456789012"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(parse(cases[i].text).name, cases[i].name);
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
    } bad[] = {
        {"", -ENODATA},
        {"Name:\tcat\n", -ENODATA},
        {"Uid:\t0\t0\t0\t0\n", -ENODATA},
        {"Name:\tcat\nxUid:\t0\t0\t0\t0\n", -ENODATA},
        {"Name:\tcat\nUid:\t0\n", -EBADMSG},
        {"Name:\tcat\nUid:\t-1\t0\t0\t0\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t4294967296\t0\t0\n", -EOVERFLOW},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nVmSwap:\t kB\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nVmSwap:\t1 MB\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nVmSwap:\t18014398509481984 kB\n", -EOVERFLOW},
    };
    struct proc_status s = {.uid = 77};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (proc_status_parse(bad[i].text, &s) != bad[i].r)
            fail_msg("case %zu: %s", i, bad[i].text);
    assert_int_equal(s.uid, 77);
}

/* Sum and number of the processes that a walk hands out. */
static int walk(struct fake *f, long *sum, bool *saw_first)
{
    _cleanup_(proc_walk_clear) struct proc_walk w = PROC_WALK_INIT;
    pid_t pid;
    int n = 0, r;

    assert_int_equal(proc_walk_begin(&f->root, &w, NULL), 0);
    for (*sum = 0; (r = proc_walk_next(&w, &pid, NULL)) == 1; n++)
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
    _cleanup_(proc_walk_clear) struct proc_walk w = PROC_WALK_INIT;
    _cleanup_(free_ptr) char *large = malloc(64 << 10);
    struct fake *f = *state;
    const char *text;

    memset(large, 'x', 64 << 10);
    fake_write(f, "proc/5/status", "Name:\tcat\n");
    fake_write_bytes(f, "proc/6/status", large, (64 << 10) - 1);
    fake_write_bytes(f, "proc/7/status", large, 64 << 10);
    assert_int_equal(proc_walk_begin(&f->root, &w, NULL), 0);
    assert_int_equal(proc_walk_read(&w, 5, "status", &text), 10);
    assert_string_equal(text, "Name:\tcat\n");
    assert_int_equal(proc_walk_read(&w, 6, "status", &text), (64 << 10) - 1);
    assert_int_equal(strlen(text), (64 << 10) - 1);
    assert_int_equal(proc_walk_read(&w, 7, "status", &text), -EFBIG);
    assert_int_equal(proc_walk_read(&w, 8, "status", &text), -ENOENT);
    assert_int_equal(proc_walk_read(&w, 5, "stat", &text), -ENOENT);
}

static void test_no_proc(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct proc_walk w;

    assert_int_equal(proc_walk_begin(&f->root, &w, &e), -EOPNOTSUPP);
    fake_assert_message(&e, "/proc: is not there");
}

static void test_ourselves(void **state _unused_)
{
    _cleanup_(proc_walk_clear) struct proc_walk w = PROC_WALK_INIT;
    struct root root = ROOT_INIT;
    const char *text;
    pid_t pid;
    bool seen = false;

    assert_int_equal(root_open(&root, NULL, NULL), 0);
    assert_int_equal(proc_walk_begin(&root, &w, NULL), 0);
    while (proc_walk_next(&w, &pid, NULL) == 1)
        seen |= pid == getpid();
    assert_true(seen);
    assert_true(proc_walk_read(&w, getpid(), "status", &text) > 0);
    assert_string_equal(parse(text).name, "test-proc");
    assert_int_equal(parse(text).uid, geteuid());
    root_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),
        cmocka_unit_test(test_kernel_thread),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_bad),
        cmocka_unit_test_setup_teardown(test_walk, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_walk_many, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_no_proc, fake_setup, fake_teardown),
        cmocka_unit_test(test_ourselves),
    };

    return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
