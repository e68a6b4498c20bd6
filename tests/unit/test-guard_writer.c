/* SPDX-License-Identifier: MIT */
#include "guard_writer.h"

#include "fake.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* More than any of this takes: who waits for so long waits for ever. */
enum { LONG_S = 60, LONGER_MS = 600000 };

static int open_log(struct fake *f)
{
    int fd = open(fake_path(f, "log"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

    assert_true(fd >= 0);
    return fd;
}

static void assert_log(struct fake *f, const char *wanted)
{
    _cleanup_(free_ptr) char *text = NULL;

    assert_int_equal(root_read(&f->root, "/log", &text, NULL, NULL), 0);
    assert_string_equal(text, wanted);
}

static void test_end(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = open_log(f);
    struct guard_writer w = GUARD_WRITER_INIT;

    assert_int_equal(guard_writer_start(&w, fd, NULL, NULL), 0);
    assert_int_equal(guard_writer_put(&w, "one\n"), 0);
    assert_int_equal(guard_writer_put(&w, "two\n"), 0);
    guard_writer_end(&w, LONGER_MS, NULL);
    assert_log(f, "one\ntwo\n");
}

/* As one does that measures a disk which hangs. */
static void test_end_beside_a_child(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = open_log(f);
    struct guard_writer w = GUARD_WRITER_INIT;
    pid_t child;

    assert_int_equal(guard_writer_start(&w, fd, NULL, NULL), 0);
    child = fork();
    if (child == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (child == 0)
        pause();
    assert_int_equal(guard_writer_put(&w, "line\n"), 0);
    alarm(LONG_S);
    guard_writer_end(&w, LONGER_MS, NULL);
    alarm(0);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_log(f, "line\n");
}

/* It is killed while its writer has still to write. */
static void die_with_a_line(int fd, int tell)
{
    struct guard_writer w = GUARD_WRITER_INIT;
    struct pollfd begun;

    if (guard_writer_start(&w, fd, NULL, NULL) < 0 || guard_writer_put(&w, "first\n") < 0)
        abort();
    begun = (struct pollfd){.fd = w.child.fd, .events = POLLIN};
    if (poll(&begun, 1, -1) != 1 || kill(w.child.pid, SIGSTOP) < 0 ||
        guard_writer_put(&w, "last\n") < 0 || guard_writer_put(&w, "very last\n") < 0 ||
        write(tell, &w.child.pid, sizeof(w.child.pid)) < 0)
        abort();
    raise(SIGKILL);
}

static void test_outlives(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = open_log(f);
    int fds[2], status;
    pid_t child, writer;

    prctl(PR_SET_CHILD_SUBREAPER, 1);
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    child = fork();
    if (child == 0)
        die_with_a_line(fd, fds[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(read(fds[0], &writer, sizeof(writer)), sizeof(writer));
    kill(writer, SIGCONT);
    assert_int_equal(waitpid(writer, &status, 0), writer);
    assert_int_equal(status, 0);
    assert_log(f, "first\nlast\nvery last\n");
    close(fds[0]);
    close(fds[1]);
}

/* What has taken the place of one that was killed: nobody has the file open for it. */
static void test_opens(void **state)
{
    struct fake *f = *state;
    struct guard_writer w = GUARD_WRITER_INIT;
    char folder[] = "/tmp/guard_writer.XXXXXX", path[64];

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/log", folder);
    assert_int_equal(guard_writer_start(&w, -1, path, NULL), 0);
    rmdir(folder);
    assert_int_equal(guard_writer_put(&w, "no folder\n"), 0);
    while (guard_writer_lost(&w) == 0)
        poll(NULL, 0, 1);
    assert_false(w.well);
    snprintf(path, sizeof(path), "%s", fake_path(f, "log"));
    guard_writer_end(&w, LONGER_MS, NULL);
    assert_int_equal(guard_writer_start(&w, -1, path, NULL), 0);
    assert_int_equal(guard_writer_put(&w, "line\n"), 0);
    guard_writer_end(&w, LONGER_MS, NULL);
    assert_log(f, "line\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_end, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_end_beside_a_child, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_opens, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_outlives, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("guard_writer", tests, NULL, NULL);
}
