/* SPDX-License-Identifier: MIT */
#include "child.h"

#include "cmd.h"
#include "err.h"
#include "message.h"
#include "monotonic.h"
#include <sys/wait.h>
#include <time.h>

enum { CANNOT_RUN = 126, NOT_FOUND = 127 };

static const int forwarded[] = {SIGINT,  SIGTERM, SIGHUP,  SIGQUIT,
                                SIGUSR1, SIGUSR2, SIGALRM, SIGWINCH};

void child_prepare(struct child *c)
{
    sigemptyset(&c->signals);
    sigaddset(&c->signals, SIGCHLD);
    for (size_t i = 0; i < ARRAY_SIZE(forwarded); i++)
        sigaddset(&c->signals, forwarded[i]);
    /* one that ignored it would have its children reaped by nobody */
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &c->signals, &c->before);
}

void child_done(const struct child *c)
{
    sigprocmask(SIG_SETMASK, &c->before, NULL);
}

void child_fail(const char *tool, const char *name, int r, int status)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    err_sys(&e, r, "%s", name);
    message_say(tool, MESSAGE_ERROR, "", e.text ? e.text : name);
    _exit(status);
}

void child_exec(const struct child *c, const char *tool, const char *const *argv)
{
    cmd_signals_inherit();
    child_done(c);
    /* execvp(3) takes the words of others as its own and does not write to them */
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    child_fail(tool, argv[0], -errno, errno == ENOENT ? NOT_FOUND : CANNOT_RUN);
}

/* Return: true when it has ended. */
static bool has_ended(pid_t pid, int *status)
{
    int how;

    if (waitpid(pid, &how, WNOHANG | WUNTRACED) != pid)
        return false;
    if (WIFSTOPPED(how)) {
        /* what the terminal stops, it stops us as well */
        if (WSTOPSIG(how) == SIGSTOP && raise(SIGSTOP) == 0)
            kill(pid, SIGCONT);
        return false;
    }
    *status = WIFSIGNALED(how) ? 128 + WTERMSIG(how) : WEXITSTATUS(how);
    return true;
}

/* The next signal, or the next tick. Return: the signal's number, or -1. */
static int await(const struct child *c, const struct child_tick *tick, int64_t *next,
                 siginfo_t *info)
{
    int64_t left = tick ? *next - (int64_t)monotonic_ms() : 0;
    struct timespec wait = {.tv_sec = 0};
    int number;

    if (!tick)
        return sigwaitinfo(&c->signals, info);
    left = left > 0 ? left : 0;
    wait = (struct timespec){.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
    number = sigtimedwait(&c->signals, info, &wait);
    if (number < 0 && errno == EAGAIN) {
        tick->tick(tick->arg);
        *next = (int64_t)monotonic_ms() + (int64_t)tick->every_ms;
    }
    return number;
}

int child_attend(const struct child *c, pid_t pid, const struct child_tick *tick)
{
    int64_t next = tick ? (int64_t)monotonic_ms() + (int64_t)tick->every_ms : 0;
    siginfo_t info;
    int status = 0;

    while (!has_ended(pid, &status)) {
        int number = await(c, tick, &next, &info);

        if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
            kill(pid, number);
    }
    return status;
}
