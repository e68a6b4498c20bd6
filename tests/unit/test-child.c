/* SPDX-License-Identifier: MIT */
#include "child.h"

#include "cmd.h"
#include "fake.h"

#include <sys/wait.h>

/* In a process of its own, for what is ignored is the whole process': what a command ignores that
 * is started when we do. */
static void look(int before, char *out, size_t size)
{
    static const char *const words[] = {"grep", "^SigIgn", "/proc/self/status", NULL};
    struct child child;
    int fds[2], status;
    ssize_t n;
    pid_t pid;

    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    pid = fork();
    if (pid == 0) {
        for (int number = 1; number < NSIG; number++)
            signal(number, SIG_DFL);
        if (before)
            signal(before, SIG_IGN);
        cmd_signals_catch();
        cmd_signal_ignore(SIGPIPE);
        child_prepare(&child);
        dup2(fds[1], 1);
        child_exec(&child, "test", words);
    }
    close(fds[1]);
    n = read(fds[0], out, size - 1);
    close(fds[0]);
    assert_true(n > 0);
    out[n] = '\0';
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void test_ignored(void **state _unused_)
{
    char text[128];

    look(0, text, sizeof(text));
    assert_string_equal(text, "SigIgn:\t0000000000000000\n");
    /* as by nohup */
    look(SIGPIPE, text, sizeof(text));
    assert_string_equal(text, "SigIgn:\t0000000000001000\n");
    look(SIGXFSZ, text, sizeof(text));
    assert_string_equal(text, "SigIgn:\t0000000001000000\n");
    look(SIGHUP, text, sizeof(text));
    assert_string_equal(text, "SigIgn:\t0000000000000001\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_ignored)};

    return cmocka_run_group_tests_name("child", tests, NULL, NULL);
}
