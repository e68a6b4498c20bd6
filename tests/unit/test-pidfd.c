/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "pidfd.h"
#include "procevents.h"
#include "procscan.h"

#include <signal.h>
#include <sys/wait.h>

static int open_proc(void)
{
    int fd = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    assert_true(fd >= 0);
    return fd;
}

static uint64_t start_of(int proc, pid_t pid)
{
    struct procscan_text text = {.p = NULL};
    struct proc_stat stat;
    char path[32];

    snprintf(path, sizeof(path), "%d/stat", (int)pid);
    assert_int_equal(procscan_read_text(proc, path, &text), 0);
    assert_int_equal(proc_stat_parse(text.p, &stat), 0);
    procscan_text_clear(&text);
    return stat.start;
}

/* A child that sleeps until it is told to stop. */
static pid_t make_child(void)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        for (;;)
            pause();
    }
    return pid;
}

static void test_signal(void **state _unused_)
{
    _cleanup_(close_fd) int proc = open_proc(), fd = -1;
    pid_t pid = make_child();
    int status;

    if (pidfd_open_same(proc, pid, start_of(proc, pid), &fd, NULL) == -EOPNOTSUPP) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        skip();
    }
    assert_true(fd >= 0);
    assert_int_equal(pidfd_signal(fd, 0), 0);
    assert_int_equal(pidfd_signal(fd, SIGUSR1), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WTERMSIG(status), SIGUSR1);
    assert_int_equal(pidfd_signal(fd, SIGKILL), -ESRCH);
}

static void exit_with_value(int number _unused_, siginfo_t *info, void *context _unused_)
{
    _exit(info->si_code == SI_QUEUE ? info->si_value.sival_int : 255);
}

static void test_signal_value(void **state _unused_)
{
    const struct sigaction action = {.sa_sigaction = exit_with_value, .sa_flags = SA_SIGINFO};
    _cleanup_(close_fd) int proc = open_proc(), fd = -1;
    struct sigaction before;
    int status;
    pid_t pid;

    assert_int_equal(sigaction(SIGUSR1, &action, &before), 0);
    pid = make_child();
    assert_int_equal(sigaction(SIGUSR1, &before, NULL), 0);
    if (pidfd_open_same(proc, pid, start_of(proc, pid), &fd, NULL) == -EOPNOTSUPP) {
        kill(pid, SIGKILL);
        waitpid(pid, NULL, 0);
        skip();
    }
    assert_int_equal(pidfd_signal_value(fd, SIGUSR1, 42), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(WEXITSTATUS(status), 42);
    assert_int_equal(pidfd_signal_value(fd, SIGUSR1, 42), -ESRCH);
}

/* Only of one that is being killed, so that nobody loses what he works with. */
static void test_release_memory(void **state _unused_)
{
    _cleanup_(close_fd) int proc = open_proc(), fd = -1;
    pid_t pid = make_child();
    int opened = pidfd_open_same(proc, pid, start_of(proc, pid), &fd, NULL);
    int refused = opened == 0 ? pidfd_release_memory(fd) : 0;

    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (opened == -EOPNOTSUPP || refused == -ENOSYS)
        skip();
    assert_int_equal(refused, -EINVAL);
    assert_int_equal(pidfd_release_memory(fd), -ESRCH);
}

/* The number is that of the one that was seen, but the start time is not: it was given anew. */
static void test_reused(void **state _unused_)
{
    _cleanup_(close_fd) int proc = open_proc();
    _cleanup_(err_clear) struct err e = ERR_INIT;
    pid_t pid = make_child();
    int fd = -1;

    assert_int_equal(pidfd_open_same(proc, pid, start_of(proc, pid) - 1, &fd, &e), -ESRCH);
    assert_int_equal(fd, -1);
    assert_null(e.text);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(pidfd_open_same(proc, pid, 1, &fd, &e), -ESRCH);
}

static void test_inode(void **state _unused_)
{
    _cleanup_(close_fd) int proc = open_proc(), mine = -1, other = -1, again = -1;
    uint64_t a, b, c;
    pid_t pid = make_child();

    assert_int_equal(pidfd_open_same(proc, getpid(), start_of(proc, getpid()), &mine, NULL), 0);
    assert_int_equal(pidfd_open_same(proc, getpid(), start_of(proc, getpid()), &again, NULL), 0);
    assert_int_equal(pidfd_open_same(proc, pid, start_of(proc, pid), &other, NULL), 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (pidfd_inode(mine, &a, NULL) == -EOPNOTSUPP)
        skip();
    assert_int_equal(pidfd_inode(again, &b, NULL), 0);
    assert_int_equal(pidfd_inode(other, &c, NULL), 0);
    assert_true(a == b && a != c);
}

static void test_status(void **state _unused_)
{
    _cleanup_(close_fd) int proc = open_proc(), fd = -1;
    pid_t pid = make_child();
    int status = 77, known;

    assert_int_equal(pidfd_open_same(proc, pid, start_of(proc, pid), &fd, NULL), 0);
    assert_int_equal(pidfd_status(fd, &status), -ENODATA);
    assert_int_equal(status, 77);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    known = pidfd_status(fd, &status);
    if (known == -ENODATA)
        skip();
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGTERM);
}

static void test_events(void **state _unused_)
{
    _cleanup_(procevents_clear) struct procevents events = PROCEVENTS_INIT;
    bool executed = false, exited = false;
    enum procevents_what what;
    pid_t child, pid;

    if (procevents_open(&events) < 0)
        skip(); /* a PID namespace, or an old kernel without privileges */
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        execl("/bin/true", "true", NULL);
        _exit(1);
    }
    assert_int_equal(waitpid(child, NULL, 0), child);
    for (int i = 0; i < 100000 && !exited; i++) {
        int r = procevents_next(&events, 10000, &what, &pid, NULL);

        assert_true(r >= 0);
        if (r == 0 || pid != child)
            continue;
        executed |= what == PROCEVENTS_CHANGED;
        exited |= what == PROCEVENTS_EXITED;
    }
    assert_true(executed && exited);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signal),         cmocka_unit_test(test_signal_value),
        cmocka_unit_test(test_release_memory), cmocka_unit_test(test_reused),
        cmocka_unit_test(test_inode),          cmocka_unit_test(test_status),
        cmocka_unit_test(test_events),
    };

    return cmocka_run_group_tests_name("pidfd", tests, NULL, NULL);
}
