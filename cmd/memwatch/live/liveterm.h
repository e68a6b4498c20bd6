/* SPDX-License-Identifier: MIT */
/*
 * liveterm - the terminal: taken, and given back as it was, whatever happens
 *
 * SIGTERM and its like are noted (cmd_signals_catch()) and end the program in order. A program that
 * dies of a fault of its own gives the terminal back in the signal's handler, with what was
 * prepared before.
 */
#ifndef HEADROOM_MEMWATCH_LIVETERM_H
#define HEADROOM_MEMWATCH_LIVETERM_H

#include "err.h"
#include <poll.h>

/* How things are drawn here. */
struct liveterm {
    bool utf8;    /* blocks in place of ASCII */
    bool colours; /* the pairs below are there */
};

enum liveterm_pair { LIVETERM_GOOD = 1, LIVETERM_WARM, LIVETERM_HOT, LIVETERM_CACHE, LIVETERM_DIM };

/* Before any thread is made: from here on signals come in liveterm_wait() only. */
void liveterm_block_signals(void);

/* At the end: what was noted may be deadly now. */
void liveterm_unblock_signals(void);

/**
 * liveterm_begin() - take the terminal on stdin and stdout
 *
 * Return: 0; -EOPNOTSUPP if TERM is not known, or that terminal's cursor cannot be moved.
 */
int liveterm_begin(struct liveterm *out, struct err *e);
void liveterm_end(void);

/* Wait for a key, another descriptor, or a signal. One that stops the program does so here, with
 * the terminal given back meanwhile. Return: as poll(2); 0 is a signal too. */
int liveterm_wait(struct pollfd *fds, nfds_t n);

#endif
