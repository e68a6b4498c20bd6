/* SPDX-License-Identifier: MIT */
/*
 * bounded - do something that may hang, and not wait for it longer than one wants to
 *
 * What sleeps in the kernel uninterruptibly (statvfs(2) of a dead server, sync(2) to a dead disk)
 * cannot be cancelled, and a thread that does so keeps its process from ending. So it is done in a
 * child, which is killed and left behind when its time is over; it holds no descriptor of ours
 * then, so that nobody waits for it at the end of a pipe.
 */
#ifndef HEADROOM_BOUNDED_H
#define HEADROOM_BOUNDED_H

#include "err.h"
#include <sys/types.h>

struct bounded {
    int fd;    /* what the child writes; ends when the child does; -1: not running */
    pid_t pid; /* 0: not running */
};

#define BOUNDED_INIT ((struct bounded){.fd = -1})

/* Runs in the child, and writes its answer to @out; at most PIPE_BUF bytes are written for certain
 * while nobody reads. */
typedef void bounded_fn(void *arg, int out);

/* Return: 0 or a negated errno with a message. */
int bounded_start(struct bounded *b, bounded_fn *fn, void *arg, struct err *e);

/* Has it answered, or ended, within so long? */
bool bounded_answers(const struct bounded *b, uint64_t ms);

/* Kill the child if it still runs, and close. Never waits. */
void bounded_end(struct bounded *b);

/* Those who were killed and hang, or will end at some time: nobody else waits for them. */
struct bounded_left {
    pid_t *v; /* owned */
    size_t n;
};

#define BOUNDED_LEFT_INIT ((struct bounded_left){.v = NULL})

/* They are left to process 1. */
void bounded_left_clear(struct bounded_left *left);

/* @left: NULL: nobody will ask for it. */
void bounded_left_add(struct bounded_left *left, pid_t pid);

/* Bury those who are dead by now. For who goes on for weeks, from time to time. */
void bounded_left_reap(struct bounded_left *left);

/* End it and bury it: waits up to 100 ms, which is enough for what does not hang. @left: takes what
 * does; may be NULL. */
void bounded_bury(struct bounded *b, struct bounded_left *left);

/**
 * bounded_call() - run a function and take the number that it returns
 * @fn:          as of a step: 0 or a negated errno; its message is lost
 * @interrupted: asked while waiting; may be NULL
 *
 * Return: what @fn returned; -ETIMEDOUT or -EINTR, without a message: what the function does may be
 * done later still; or a negated errno with one.
 */
int bounded_call(int (*fn)(void *arg), void *arg, uint64_t timeout_ms, bool (*interrupted)(void *),
                 void *interrupted_arg, struct err *e);

#endif
