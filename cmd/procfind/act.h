/* SPDX-License-Identifier: MIT */
/* act - do something about what was found: send a signal, wait, follow */
#ifndef HEADROOM_PROCFIND_ACT_H
#define HEADROOM_PROCFIND_ACT_H

#include "search.h"

/**
 * act_signal() - send the signal of --signal to what was found
 * @status: set to CMD_PARTIAL if some could not be signalled, to CMD_FAILED if none could
 *
 * Who has ended meanwhile, whoever has its number now, and who could not be signalled, is no longer
 * among those found.
 *
 * Return: 0, or a negated errno with a message.
 */
int act_signal(struct search *s, int *status, struct err *e);

/* Wait until something matches; it is in the result then. Return: 0, -ETIMEDOUT, or another negated
 * errno; all with a message. */
int act_wait_start(struct search *s, struct err *e);

/* Print what comes and goes until the time is over. Return: as act_wait_start(). */
int act_follow(struct search *s, struct err *e);

#endif
