/* SPDX-License-Identifier: MIT */
/*
 * ticker - wake up at equal distances
 *
 * The ticks lie on a grid of CLOCK_MONOTONIC, so that what is done at each of them does not add up.
 * Who was stopped or asleep for long (SIGSTOP, suspend) finds one late tick and none that has to be
 * caught up with.
 */
#ifndef HEADROOM_TICKER_H
#define HEADROOM_TICKER_H

#include "base.h"
#include <signal.h>

struct ticker {
    uint64_t next; /* nanoseconds */
    uint64_t interval;
};

#define TICKER_NEVER UINT64_MAX

/* Nanoseconds of the clock. */
uint64_t ticker_now(void);

/* The first tick is one interval from now. @ms: more than 0. */
struct ticker ticker_start(uint64_t ms);

/* The first tick of the grid behind @now; pure. */
void ticker_advance(struct ticker *t, uint64_t now);

/**
 * ticker_wait() - sleep until then
 * @until: nanoseconds, or TICKER_NEVER
 * @fd:    wakes earlier by POLLPRI; -1: nothing does
 * @mask:  signals that are blocked meanwhile; NULL: as they are
 *
 * Return: poll(2)'s revents of @fd; 0 when the time has come; or a negated errno, -EINTR too.
 */
int ticker_wait(uint64_t until, int fd, const sigset_t *mask);

#endif
