/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "bounded.h"

static int answer(void *arg)
{
    return *(int *)arg;
}

static int hang(void *arg _unused_)
{
    while (pause() < 0)
        ;
    return 0;
}

static int die(void *arg _unused_)
{
    raise(SIGKILL);
    return 0;
}

static bool yes(void *arg _unused_)
{
    return true;
}

static void test_answer(void **state _unused_)
{
    int ok = 0, failed = -ENOSPC;

    assert_int_equal(bounded_call(answer, &ok, 60000, NULL, NULL, NULL), 0);
    assert_int_equal(bounded_call(answer, &failed, 60000, NULL, NULL, NULL), -ENOSPC);
}

static void test_no_answer(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(bounded_call(hang, NULL, 20, NULL, NULL, NULL), -ETIMEDOUT);
    assert_int_equal(bounded_call(hang, NULL, 60000, yes, NULL, NULL), -EINTR);
    assert_int_equal(bounded_call(die, NULL, 60000, NULL, NULL, &e), -ECHILD);
    fake_assert_message(&e, "ended without an answer");
}

/* Says whether the descriptor that it was told of is open in it. */
static void look(void *arg, int out)
{
    char open = fcntl(*(int *)arg, F_GETFD) >= 0 ? 'y' : 'n';

    if (write(out, &open, 1) != 1)
        abort();
}

static char open_in_child(int fd)
{
    struct bounded b = BOUNDED_INIT;
    char c = '?';

    assert_int_equal(bounded_start(&b, look, &fd, NULL), 0);
    assert_int_equal(read(b.fd, &c, 1), 1);
    bounded_end(&b);
    return c;
}

/* A pipe that somebody reads to its end must end although the child hangs. */
static void test_descriptors(void **state _unused_)
{
    int inherited[2], ours[2];

    assert_int_equal(pipe(inherited), 0);
    assert_int_equal(pipe2(ours, O_CLOEXEC), 0);
    assert_int_equal(open_in_child(inherited[1]), 'n');
    assert_int_equal(open_in_child(ours[1]), 'y');
    for (int i = 0; i < 2; i++) {
        close(inherited[i]);
        close(ours[i]);
    }
}

/* What hangs in the kernel does not die of SIGKILL. */
static bool hangs;
pid_t __real_waitpid(pid_t pid, int *status, int flags);
pid_t __wrap_waitpid(pid_t pid, int *status, int flags);

pid_t __wrap_waitpid(pid_t pid, int *status, int flags)
{
    return hangs ? 0 : __real_waitpid(pid, status, flags);
}

static void hang_about(void *arg, int out _unused_)
{
    hang(arg);
}

static bool has_children(void)
{
    siginfo_t info;

    return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void test_left(void **state _unused_)
{
    _cleanup_(bounded_left_clear) struct bounded_left left = BOUNDED_LEFT_INIT;
    struct bounded b = BOUNDED_INIT;

    assert_false(has_children());
    assert_int_equal(bounded_start(&b, hang_about, NULL, NULL), 0);
    bounded_bury(&b, &left);
    assert_int_equal(left.n, 0);
    assert_false(has_children());
    for (int i = 0; i < 3; i++) {
        hangs = true;
        assert_int_equal(bounded_start(&b, hang_about, NULL, NULL), 0);
        bounded_bury(&b, &left);
    }
    assert_int_equal(left.n, 3);
    bounded_left_reap(&left);
    assert_int_equal(left.n, 3);
    hangs = false;
    while (left.n > 0)
        bounded_left_reap(&left);
    assert_false(has_children());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_left),
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_descriptors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
