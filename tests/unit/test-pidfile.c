/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "pidfile.h"

#include <poll.h>
#include <sys/file.h>
#include <sys/wait.h>
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

/* What lies on a server, and what that does to who opens a file there until the gate is open. */
static bool far;
static const char *gate;
int __real_root_open_named(const struct root *root, const char *path, int flags);
int __wrap_root_open_named(const struct root *root, const char *path, int flags);
int __real_quickstat_open_named(const struct root *root, const char *path);
int __wrap_quickstat_open_named(const struct root *root, const char *path);

int __wrap_root_open_named(const struct root *root, const char *path, int flags)
{
    const struct timespec moment = {.tv_nsec = 1000000};

    while (gate && access(gate, F_OK) < 0)
        nanosleep(&moment, NULL);
    return __real_root_open_named(root, path, flags);
}

int __wrap_quickstat_open_named(const struct root *root, const char *path)
{
    return far ? -EAGAIN : __real_quickstat_open_named(root, path);
}

static struct askers readers;

static int within(struct fake *f, const char *path, uint64_t ms, struct pidfile *out, struct err *e)
{
    return pidfile_read_within(&readers, &f->root, path, ms, out, e);
}

static void test_within(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pidfile file;

    fake_write(f, "run/a.pid", "4711");
    assert_int_equal(within(f, "/run/a.pid", 60000, &file, &e), 0);
    assert_int_equal(file.pid, 4711);
    assert_int_equal(within(f, "/run/none", 60000, &file, &e), 1);
    fake_write(f, "run/a.pid", "x");
    assert_int_equal(within(f, "/run/a.pid", 60000, &file, &e), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, "/run/a.pid: holds no process number in its first line");
    assert_int_equal(readers.n, 0);
}

static void test_within_by_a_child(void **state)
{
    far = true;
    test_within(state);
    far = false;
}

static void await(int fd)
{
    struct pollfd in = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&in, 1, -1), 1);
}

/* However often it is asked for: one child hangs there, nobody waits for it twice, what it brings
 * in the end is of another time, and it is buried. */
static void test_hangs(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pidfile file = {.pid = 0};

    fake_write(f, "run/a.pid", "4711");
    gate = strdup(fake_path(f, "gate"));
    far = true;
    for (uint64_t ms = 1; ms < 100000000; ms *= 100) {
        assert_int_equal(within(f, "/run/a.pid", ms, &file, &e), -ETIMEDOUT);
        assert_int_equal(e.kind, ERR_TIMEOUT);
        fake_assert_message(&e, "/run/a.pid: what it lies on does not answer");
        assert_int_equal(readers.n, 1);
    }
    assert_int_equal(within(f, "/run/b.pid", 1, &file, &e), -ETIMEDOUT);
    assert_int_equal(readers.n, 2);
    fake_write(f, "gate", "");
    await(readers.v[0].child.fd);
    await(readers.v[1].child.fd);
    fake_write(f, "run/a.pid", "4712");
    assert_int_equal(within(f, "/run/a.pid", 1000000, &file, &e), 0);
    assert_int_equal(file.pid, 4712);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    far = false;
    free((char *)(uintptr_t)gate);
    gate = NULL;
    askers_clear(&readers);
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
        cmocka_unit_test_setup_teardown(test_within_by_a_child, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_hangs, fake_setup, fake_teardown),
        cmocka_unit_test(test_older),
    };

    return cmocka_run_group_tests_name("pidfile", tests, NULL, NULL);
}
