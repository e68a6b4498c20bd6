/* SPDX-License-Identifier: MIT */
#include "deed_child.h"
#include "fake.h"
#include "guard_command.h"

#include "monotonic.h"

static void make_memory(struct fake *f)
{
    fake_write(f, "proc/meminfo",
               "MemTotal:       67108864 kB\nMemFree:         1000000 kB\n"
               "MemAvailable:   19682754 kB\nSwapTotal:             0 kB\nSwapFree: 0 kB\n");
}

static int finish(struct guard_command *c)
{
    struct pollfd fd;
    uint64_t until;

    do {
        nfds_t n = (nfds_t)guard_command_poll(c, &fd, &until);
        uint64_t now = monotonic_ms();

        poll(&fd, n, until == UINT64_MAX ? -1 : until > now ? (int)(until - now) : 0);
    } while (!guard_command_continue(c, monotonic_ms()));
    assert_int_equal(c->pid, 0);
    assert_int_equal(guard_command_poll(c, &fd, &until), 0);
    return c->status;
}

/* What it says goes to a file of the fake root. */
static int mute(struct fake *f, const char *path)
{
    int before = dup(2), fd = open(fake_path(f, path), O_WRONLY | O_CREAT | O_APPEND, 0600);

    assert_true(before >= 0 && fd >= 0);
    fflush(stderr);
    assert_int_equal(dup2(fd, 2), 2);
    close(fd);
    return before;
}

static void unmute(int before)
{
    dup2(before, 2);
    close(before);
}

static int run(struct fake *f, const char *const *words)
{
    struct guard_command c = GUARD_COMMAND_INIT;
    const struct guard_command_want want = {.words = words};
    int before = mute(f, "said"), status = -1, r = guard_command_start(&c, &f->root, &want, NULL);

    if (r == 0)
        status = finish(&c);
    unmute(before);
    assert_int_equal(r, 0);
    return status;
}

#define RUN(f, ...) run(f, (const char *const[]){__VA_ARGS__, NULL})

static void test_status(void **state)
{
    struct fake *f = *state;
    char *said;

    make_memory(f);
    assert_int_equal(RUN(f, "sh", "-c", "exit 7"), 7);
    said = fake_read(f, "said");
    assert_string_equal(said, "[Memory] Before: 45.23 GiB / 64.00 GiB (70.7%)\n"
                              "[Memory] After: 45.23 GiB / 64.00 GiB (70.7%)\n");
    free(said);
    assert_int_equal(RUN(f, "true"), 0);
    assert_int_equal(RUN(f, "sh", "-c", "kill -KILL $$"), 137);
    assert_int_equal(RUN(f, "/no/such"), 127);
    assert_int_equal(RUN(f, "/etc/passwd"), 126);
    said = fake_read(f, "said");
    assert_non_null(strstr(said, "/no/such: No such file or directory\n"));
    free(said);
}

static void test_signals(void **state)
{
    const char *const words[] = {"sh", "-c", "trap 'exit 9' USR1; echo >ready; while :; do :; done",
                                 NULL};
    struct guard_command c = GUARD_COMMAND_INIT;
    struct fake *f = *state;
    const struct guard_command_want want = {.words = words};
    int before;

    make_memory(f);
    assert_int_equal(chdir(f->dir), 0);
    before = mute(f, "said");
    assert_int_equal(guard_command_start(&c, &f->root, &want, NULL), 0);
    while (!fake_exists(f, "ready") && !guard_command_continue(&c, 0))
        ;
    guard_command_signal(&c, SIGUSR1);
    finish(&c);
    unmute(before);
    assert_int_equal(c.status, 9);
    assert_int_equal(chdir("/"), 0);
}

/* One that does not listen. The clock is the test's own. */
static void test_end(void **state)
{
    const char *const words[] = {"sh", "-c", "trap '' TERM; echo >ready; while :; do :; done",
                                 NULL};
    struct guard_command c = GUARD_COMMAND_INIT;
    struct fake *f = *state;
    const struct guard_command_want want = {.words = words};
    struct pollfd fd;
    uint64_t until;
    int before;

    make_memory(f);
    assert_int_equal(chdir(f->dir), 0);
    before = mute(f, "said");
    assert_int_equal(guard_command_start(&c, &f->root, &want, NULL), 0);
    while (!fake_exists(f, "ready") && !guard_command_continue(&c, 0))
        ;
    guard_command_end(&c, 1000);
    guard_command_poll(&c, &fd, &until);
    assert_false(guard_command_continue(&c, 10999));
    guard_command_continue(&c, 11000);
    finish(&c);
    unmute(before);
    assert_int_equal(c.status, 137);
    assert_int_equal(chdir("/"), 0);
}

/* Limits are for cgctl, which does not lie beside this test. */
static void test_limits(void **state)
{
    struct fake *f = *state;
    const struct guard_command_want want = {.words = (const char *const[]){"true", NULL},
                                            .memory_max = "1G"};
    struct guard_command c = GUARD_COMMAND_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(guard_command_start(&c, &f->root, &want, &e), -ENOENT);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "cgctl: is not there beside this program; install it too");
}

static int become_sleeper(const void *arg _unused_)
{
    execlp("sleep", "sleep", "1000", (char *)NULL);
    return 127;
}

/* Who is asked to end waits for nobody. */
static void test_asked_to_end(void **state _unused_)
{
    _cleanup_(free_ptr) char *kept = malloc(DEED_CHILD_OUTPUT + 1);
    struct deed_child child = DEED_CHILD_INIT;
    const struct deed_child_rank usual = {0, 0};
    sigset_t term, before;
    int number;

    assert_non_null(kept);
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &before);
    assert_int_equal(deed_child_start(&child, become_sleeper, NULL, usual, kept, 600000, NULL), 0);
    kill(getpid(), SIGTERM);
    deed_child_wait(&child);
    assert_int_equal(sigwait(&term, &number), 0);
    sigprocmask(SIG_SETMASK, &before, NULL);
    assert_true(WIFSIGNALED(child.status));
    assert_int_equal(child.pid, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asked_to_end),
        cmocka_unit_test_setup_teardown(test_status, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_signals, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_end, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_limits, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("guard_command", tests, NULL, NULL);
}
