/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "guard.h"

#include <linux/fs.h>
#include <sys/ioctl.h>

static int flags;          /* of the file */
static int known;          /* what the file system lets be set */
static int forbids;        /* with one of these, writing is EPERM */
static int write_error;    /* else this, if not 0 */
static bool has_no_flags;  /* not even reading them */
static unsigned writes;

int __wrap_ioctl(int fd, unsigned long request, int *arg);
int __wrap_ioctl(int fd _unused_, unsigned long request, int *arg)
{
    errno = has_no_flags ? ENOTTY : EOPNOTSUPP;
    if (has_no_flags || (request == FS_IOC_SETFLAGS && *arg & ~known))
        return -1;
    if (request == FS_IOC_SETFLAGS)
        flags = *arg;
    else
        *arg = flags;
    return 0;
}

ssize_t __wrap_pwrite64(int fd, const void *data, size_t n, off_t at);
ssize_t __wrap_pwrite64(int fd _unused_, const void *data, size_t n, off_t at)
{
    writes++;
    assert_int_equal(at, 0);
    assert_memory_equal(data, "content", n);
    errno = flags & forbids ? EPERM : write_error;
    return errno ? -1 : (ssize_t)n;
}

static int setup(void **state)
{
    int r = fake_setup(state);

    flags = FS_NODUMP_FL;
    known = FS_NODUMP_FL | FS_IMMUTABLE_FL | FS_APPEND_FL;
    forbids = write_error = 0;
    has_no_flags = false;
    writes = 0;
    fake_write(*state, "s", "content");
    return r;
}

static int put(void **state, unsigned *was, struct err *e)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = root_openat(&f->root, "s", O_RDWR, 0);

    return guard_put(fd, "/s", was, e);
}

static void test_immutable(void **state)
{
    unsigned was = 99;

    assert_int_equal(put(state, &was, NULL), 0);
    assert_int_equal(flags, FS_NODUMP_FL | FS_IMMUTABLE_FL);
    assert_int_equal(was, GUARD_NONE);
    assert_int_equal(put(state, &was, NULL), 0);
    assert_int_equal(was, GUARD_IMMUTABLE);
    assert_int_equal(writes, 2);
}

/* ext4: an immutable file cannot even be written to through a descriptor that was there before. */
static void test_append_only_where_immutable_forbids(void **state)
{
    unsigned was;

    forbids = FS_IMMUTABLE_FL;
    assert_int_equal(put(state, &was, NULL), 0);
    assert_int_equal(flags, FS_NODUMP_FL | FS_APPEND_FL);
    flags = FS_IMMUTABLE_FL;
    assert_int_equal(put(state, &was, NULL), 0);
    assert_int_equal(flags, FS_APPEND_FL);
    assert_int_equal(was, GUARD_IMMUTABLE);
}

static void test_nothing_would_do(void **state)
{
    unsigned was;

    forbids = FS_IMMUTABLE_FL | FS_APPEND_FL;
    assert_int_equal(put(state, &was, NULL), 1);
    assert_int_equal(flags, FS_NODUMP_FL);
    forbids = 0;
    known = FS_NODUMP_FL;
    assert_int_equal(put(state, &was, NULL), 1);
    assert_int_equal(flags, FS_NODUMP_FL);
    has_no_flags = true;
    assert_int_equal(put(state, &was, NULL), 1);
    assert_int_equal(was, GUARD_NONE);
}

static void test_write_fails(void **state)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    unsigned was;

    write_error = EIO;
    flags = FS_APPEND_FL;
    assert_int_equal(put(state, &was, &e), -EIO);
    fake_assert_message(&e, "/s: cannot write to it");
    assert_int_equal(flags, FS_APPEND_FL);
}

static void test_set(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(guard_set(0, GUARD_APPEND_ONLY, "/s", NULL), 0);
    assert_int_equal(guard_get(0), GUARD_APPEND_ONLY);
    assert_int_equal(guard_set(0, GUARD_NONE, "/s", NULL), 0);
    assert_int_equal(flags, FS_NODUMP_FL);
    known = FS_NODUMP_FL;
    assert_int_equal(guard_set(0, GUARD_IMMUTABLE, "/s", &e), -EOPNOTSUPP);
    fake_assert_message(&e, "/s: cannot change its immutable attribute");
    has_no_flags = true;
    assert_int_equal(guard_set(0, GUARD_NONE, "/s", NULL), 0);
}

static void test_open(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = root_openat(&f->root, "s", O_RDONLY, 0), out = -1;

    flags = FS_IMMUTABLE_FL;
    out = guard_open(fd, "/s", NULL);
    assert_true(out >= 0);
    assert_int_equal(flags, FS_IMMUTABLE_FL);
    assert_int_equal(fcntl(out, F_GETFL) & O_ACCMODE, O_RDWR);
}

static void test_plan(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    struct guard_step step;
    const int fd = 0;

    assert_int_equal(guard_plan_off(&step, &fd, "/s", &plan, NULL), 1);
    flags |= FS_APPEND_FL;
    assert_int_equal(guard_plan_off(&step, &fd, "/s", &plan, NULL), 0);
    assert_string_equal(plan.steps[0].action, "unprotect");
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_int_equal(flags, FS_NODUMP_FL);
    plan_undo(&plan, NULL);
    assert_int_equal(flags, FS_NODUMP_FL | FS_APPEND_FL);
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_immutable),
        TEST(test_append_only_where_immutable_forbids),
        TEST(test_nothing_would_do),
        TEST(test_write_fails),
        TEST(test_set),
        TEST(test_open),
        TEST(test_plan),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
