/* SPDX-License-Identifier: MIT */
/*
 * deed_child - a program that is run for a deed, and never waited for
 *
 * It leads a process group of its own, reads nothing (standard input is /dev/null), and what it
 * prints is read as it comes: so much is kept and the rest thrown away, so that nothing makes it
 * wait either. Signals, mask and rank are as programs expect them. When its time is over
 * its group gets SIGTERM, and SIGKILL some seconds later.
 */
#ifndef HEADROOM_MEMWATCH_DEED_CHILD_H
#define HEADROOM_MEMWATCH_DEED_CHILD_H

#include "bounded.h"
#include <poll.h>
#include <sys/types.h>

/* How the kernel treats a process that wants what others want as well. A guard takes precedence,
 * its children do not. */
struct deed_child_rank {
    int oom_score_adj, nice;
};

enum { DEED_CHILD_OUTPUT = 64 * 1024, DEED_CHILD_FDS = 2, DEED_CHILD_GRACE_MS = 5000 };

struct deed_child {
    pid_t pid;  /* 0: none */
    int fd;     /* pidfd; -1: this kernel has none */
    int out;    /* what it prints */
    char *kept; /* borrowed: DEED_CHILD_OUTPUT bytes and a NUL */
    size_t n;   /* of them in use */
    bool cut;   /* it printed more */
    int signal; /* that was sent because its time was over; 0: none */
    int status; /* when it has ended, as waitpid(2) tells it */
    uint64_t began, timeout_ms, until;
    struct bounded_left *left; /* borrowed; takes it when it hangs; may be NULL */
};

#define DEED_CHILD_INIT ((struct deed_child){.fd = -1, .out = -1})

/* What is done in the new process, which is to become the program: returns only if it cannot, and
 * then the exit status. */
typedef int deed_child_become(const void *arg);

/* @kept: room for what it prints. Return: 0 or a negated errno with a message. */
int deed_child_start(struct deed_child *c, deed_child_become *fn, const void *arg,
                     struct deed_child_rank rank, char *kept, uint64_t timeout_ms, struct err *e);

/* As deed_poll(). */
size_t deed_child_poll(const struct deed_child *c, struct pollfd fds[static DEED_CHILD_FDS],
                       uint64_t *until);

/* Something of that has come. Return: true when it has ended, or SIGKILL has not ended it. */
bool deed_child_go_on(struct deed_child *c, uint64_t now);

/* Kill it if it runs, and forget it. */
void deed_child_stop(struct deed_child *c);

/* Wait for it here: for what is run while rules are read. It is killed when somebody asks us to end
 * by a signal that is held back meanwhile. */
void deed_child_wait(struct deed_child *c);

/* In the new process: execvp(3). Return: 127 if there is no such program, 126 if it cannot be run;
 * the reason is printed. */
int deed_child_exec(const char *const *argv);

/* In the new process: what may be had of that, and nothing is said of the rest. */
void deed_child_reset_rank(struct deed_child_rank rank);

enum { DEED_CHILD_CANNOT_RUN = 126, DEED_CHILD_NOT_FOUND = 127 };

#endif
