/* SPDX-License-Identifier: MIT */
/*
 * deed_hold - a process that is to be signalled, and watched until it ends
 *
 * Held by a descriptor; on kernels before 5.3, which have none, by its number and start time, which
 * are compared each time: a number that is given anew in between is nothing one could prevent
 * there.
 */
#ifndef HEADROOM_MEMWATCH_DEED_HOLD_H
#define HEADROOM_MEMWATCH_DEED_HOLD_H

#include "err.h"
#include <poll.h>
#include <sys/types.h>

struct deed_hold {
    pid_t pid; /* 0: none */
    uint64_t start;
    int fd; /* owned; -1: this kernel has none */
};

#define DEED_HOLD_INIT ((struct deed_hold){.fd = -1})

void deed_hold_clear(struct deed_hold *h);

/* @proc: descriptor of /proc. Return: 0; -ESRCH if it has ended; or another negated errno with a
 * message. */
int deed_hold_open(struct deed_hold *h, int proc, pid_t pid, uint64_t start, struct err *e);

/* The same one once more, for somebody else. */
struct deed_hold deed_hold_again(const struct deed_hold *h);

/* Return: 0, or a negated errno without a message. */
int deed_hold_signal(const struct deed_hold *h, int number);

/* After SIGKILL: take its memory back at once, where the kernel can. */
void deed_hold_release_memory(const struct deed_hold *h);

/* Has the process ended, whoever has its number now? */
bool deed_hold_has_ended(const struct deed_hold *h);

/* What tells of its end: 1 descriptor, or 0 and an earlier @until at which to look. */
size_t deed_hold_poll(const struct deed_hold *h, struct pollfd *fd, uint64_t *until);

#endif
