/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "pidfile.h"

#include <sys/file.h>
#include <time.h>

static void test_read(void **state)
{
    struct fake *f = *state;
    struct pidfile file;

    fake_write(f, "run/a.pid", " 4711 \nmore\n");
    assert_int_equal(pidfile_read(&f->root, "/run/a.pid", &file, NULL), 0);
    assert_int_equal(file.pid, 4711);
    assert_false(file.locked);
    assert_int_equal(pidfile_read(&f->root, "/run/none", &file, NULL), 1);
}

/* By a child, or here: it is the same. */
static void test_within(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pidfile file;

    fake_write(f, "run/a.pid", "4711");
    assert_int_equal(pidfile_read_within(&f->root, "/run/a.pid", 60000, &file, &e), 0);
    assert_int_equal(file.pid, 4711);
    assert_int_equal(pidfile_read_within(&f->root, "/run/none", 60000, &file, &e), 1);
    fake_write(f, "run/a.pid", "x");
    assert_int_equal(pidfile_read_within(&f->root, "/run/a.pid", 60000, &file, &e), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, "/run/a.pid: holds no process number in its first line");
}

static struct pidfile written(time_t ago, bool in_memory)
{
    struct pidfile file = {.pid = getpid(), .outlives_no_start = in_memory};

    clock_gettime(CLOCK_REALTIME, &file.mtime);
    file.mtime.tv_sec -= ago;
    return file;
}

static void test_older(void **state _unused_)
{
    struct root live = ROOT_INIT;
    struct pidfile file = written(0, false);
    struct timespec up;

    assert_int_equal(root_open(&live, NULL, NULL), 0);
    clock_gettime(CLOCK_BOOTTIME, &up);
    assert_false(pidfile_is_older(&file, &live));
    /* from before the machine was started */
    file = written(up.tv_sec + 100000, false);
    assert_true(pidfile_is_older(&file, &live));
    /* in memory there is no such thing: its time was wrong */
    file = written(up.tv_sec + 100000, true);
    assert_false(pidfile_is_older(&file, &live));
    /* of nobody */
    file = written(up.tv_sec + 100000, false);
    file.pid = INT32_MAX;
    assert_false(pidfile_is_older(&file, &live));
    root_close(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_within, fake_setup, fake_teardown),
        cmocka_unit_test(test_older),
    };

    return cmocka_run_group_tests_name("pidfile", tests, NULL, NULL);
}
