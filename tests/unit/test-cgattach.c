/* SPDX-License-Identifier: MIT */
#include "cgattach.h"
#include "fake.h"

static int write_error;

int __wrap_cgvalue_write(int dir, const char *file, const char *text);

int __wrap_cgvalue_write(int dir _unused_, const char *file, const char *text)
{
    assert_string_equal(file, "cgroup.procs");
    assert_string_equal(text, "42");
    return write_error;
}

static void add_process(struct fake *f, int pid, int parent)
{
    char path[48], text[256];

    snprintf(path, sizeof(path), "proc/%d/stat", pid);
    snprintf(
        text, sizeof(text),
        "%d (x) S %d 1 1 0 -1 4194304 0 0 0 0 0 0 0 0 20 0 1 0 100 0 0 0 0 0 0 0 0 0 0 0 0 0 0 "
        "0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
        pid, parent);
    fake_write(f, path, text);
}

static void test_children(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) pid_t *list = NULL;
    size_t n = 0;

    add_process(f, 1, 0);
    add_process(f, 10, 1);
    add_process(f, 11, 10);
    add_process(f, 12, 11);
    add_process(f, 20, 1);
    assert_int_equal(cgattach_children(&f->root, 10, &list, &n, NULL), 0);
    assert_int_equal(n, 2);
    assert_int_equal(list[0] + list[1], 23);
}

static void test_memory(void **state)
{
    struct fake *f = *state;
    uint64_t bytes = 7;

    fake_write(f, "proc/1/status", "Name:\tx\nVmRSS:\t    1000 kB\nVmSwap:\t      24 kB\n");
    fake_write(f, "proc/2/status", "Name:\tkthreadd\n");
    assert_int_equal(cgattach_memory(&f->root, 1, &bytes), 0);
    assert_int_equal(bytes, 1024 * 1024);
    assert_int_equal(cgattach_memory(&f->root, 2, &bytes), -ENODATA);
    assert_int_equal(cgattach_memory(&f->root, 3, &bytes), -ESRCH);
}

static void test_ended(void **state)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct fake *f = *state;

    fake_write(f, "proc/1/status", "Name:\tx\nState:\tS (sleeping)\nThreads:\t1\n");
    fake_write(f, "proc/2/status", "Name:\tx\nState:\tZ (zombie)\nThreads:\t1\n");
    fake_write(f, "proc/3/status", "Name:\tx\nState:\tZ (zombie)\nThreads:\t2\n");
    assert_int_equal(cgattach_check(&f->root, 1, NULL), 0);
    assert_int_equal(cgattach_check(&f->root, 2, &e), -ESRCH);
    assert_string_equal(e.text, "2: has ended already, and waits for its parent to notice");
    assert_int_equal(cgattach_check(&f->root, 3, NULL), 0);
    assert_int_equal(cgattach_check(&f->root, 4, NULL), 0);
}

static void assert_explained(int r, enum err_kind kind, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    write_error = r;
    assert_true(cgattach_move(5, "a/b", 42, &e) < 0);
    assert_int_equal(e.kind, kind);
    fake_assert_message(&e, message);
}

static void test_move(void **state _unused_)
{
    write_error = 0;
    assert_int_equal(cgattach_move(5, "a/b", 42, NULL), 0);
    assert_explained(-ESRCH, ERR_FAILED, "42: there is no such process");
    assert_explained(-EINVAL, ERR_FAILED, "kernel threads stay");
    assert_explained(-EBUSY, ERR_REFUSED, "/a/b hands controllers to groups in it");
    assert_explained(-EOPNOTSUPP, ERR_UNSUPPORTED, "threaded or invalid");
    assert_explained(-EACCES, ERR_FAILED, "and the group above both must be yours");
    assert_explained(-ENOENT, ERR_FAILED, "nsdelegate");
    assert_explained(-ENODEV, ERR_FAILED, "the group is gone");
    assert_explained(-EIO, ERR_FAILED, "cannot be moved to /a/b: ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_children, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_ended, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_memory, fake_setup, fake_teardown),
        cmocka_unit_test(test_move),
    };

    return cmocka_run_group_tests_name("cgattach", tests, NULL, NULL);
}
