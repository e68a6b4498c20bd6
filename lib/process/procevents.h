/* SPDX-License-Identifier: MIT */
/*
 * procevents - what happens to processes, told by the kernel: the proc connector
 *
 * A netlink socket (NETLINK_CONNECTOR, CN_IDX_PROC). Older kernels want CAP_NET_ADMIN for it; none
 * tells anything outside the first PID namespace; and events are lost when nobody reads them in
 * time. So it says when it cannot, and its user looks at /proc instead.
 */
#ifndef HEADROOM_PROCEVENTS_H
#define HEADROOM_PROCEVENTS_H

#include "err.h"
#include <sys/types.h>

enum procevents_what {
    PROCEVENTS_CHANGED, /* it has executed a program, or changed name, user, group or session */
    PROCEVENTS_EXITED,
    PROCEVENTS_LOST, /* some events were: look at everything again */
};

struct procevents {
    int fd;
    char *buf; /* owned */
    size_t at, end;
};

#define PROCEVENTS_INIT ((struct procevents){.fd = -1})

void procevents_clear(struct procevents *p);

/* Subscribe. Return: 0; or a negated errno, without a message, if this kernel does not tell. */
int procevents_open(struct procevents *out);

/**
 * procevents_next() - the next event
 * @timeout_ms: how long to wait for it, -1: for ever
 * @pid:        of the process
 *
 * Threads and forks are left out: a fork is what its parent is, until it executes a program.
 *
 * Return: 1; 0: none, because that time is over, a signal came, or what came does not count; or a
 * negated errno with a message.
 */
int procevents_next(struct procevents *p, int timeout_ms, enum procevents_what *what, pid_t *pid,
                    struct err *e);

#endif
