/* SPDX-License-Identifier: MIT */
/*
 * child - somebody's command, run as if we were not there: signals are forwarded, and its status is
 * handed on
 */
#ifndef HEADROOM_CHILD_H
#define HEADROOM_CHILD_H

#include "base.h"
#include <signal.h>

struct child {
    sigset_t signals; /* that are forwarded, and SIGCHLD */
    sigset_t before;  /* the mask that the command shall have */
};

/* Called every so many milliseconds while the command runs. */
struct child_tick {
    uint64_t every_ms;
    void (*tick)(void *arg);
    void *arg;
};

/* Block the signals, before the fork. */
void child_prepare(struct child *c);

/* The end of it: the mask is as it was. */
void child_done(const struct child *c);

/* In the child: become the command. Ends with 126 if it cannot be run and with 127 if there is none
 * of that name, as in a shell, and says so as @tool. */
_Noreturn void child_exec(const struct child *c, const char *tool, const char *const *argv);

/* In the child: what was asked for before the command is impossible. Ends with @status. */
_Noreturn void child_fail(const char *tool, const char *name, int r, int status);

/**
 * child_attend() - wait for its end
 * @tick: may be NULL
 *
 * What the terminal sends goes to both of us by itself and is not forwarded. When the command is
 * stopped, so are we.
 *
 * Return: its status, 128 + the signal that killed it.
 */
int child_attend(const struct child *c, pid_t pid, const struct child_tick *tick);

#endif
