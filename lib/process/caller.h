/* SPDX-License-Identifier: MIT */
/*
 * caller - who is asking: this process and what belongs to it
 *
 * Whoever looks for a process by its command line has the very same words in his own, in those of
 * the sudo or timeout that started him, of the shell that runs him with -c, of its subshells, and
 * of the command at the other end of the pipe. None of them is ever meant.
 */
#ifndef HEADROOM_CALLER_H
#define HEADROOM_CALLER_H

#include "process.h"

enum caller_reason {
    CALLER_NOT,      /* it has nothing to do with us */
    CALLER_SELF,     /* this process */
    CALLER_ANCESTOR, /* its parent, or the parent of that... */
    CALLER_FORK,     /* a fork of an ancestor that has executed no program since: a subshell; or one
                        of this process */
    CALLER_PIPE,     /* it is at the other end of our standard input or output */
};

struct caller {
    pid_t self; /* in the PID namespace of /proc; 0: we are not in it, or it is of another system */
    uint64_t start; /* clock ticks since boot */
    pid_t session;
    struct caller_ancestor {
        pid_t pid;
        struct kv_span words, exe; /* point into .text */
        char *text;                /* owned */
    } * ancestors;                 /* owned; this process, the parent... */
    size_t n;
    char pipes[2][32]; /* "pipe:[123]": standard input and output; empty: is none */
};

#define CALLER_INIT ((struct caller){.self = 0})

void caller_clear(struct caller *c);

/* Look at ourselves. @p is used for reading. Return: 0, or a negated errno with a message. */
int caller_read(struct caller *c, int proc, bool live, struct process *p, struct err *e);

/**
 * caller_is() - does this process belong to us?
 * @p:     the process
 * @spare: for reading others
 *
 * A fork counts if it descends from an ancestor through such forks alone, and has the executable
 * and the words of that ancestor; so a daemon that forked long ago and now belongs to process 1 is
 * none. What is not to be seen is taken for equal.
 */
enum caller_reason caller_is(const struct caller *c, struct process *p, struct process *spare);

/* Is it this process or one of its ancestors? */
bool caller_descends_from(const struct caller *c, pid_t pid);

#endif
