/* SPDX-License-Identifier: MIT */
/* waitexit - wait until processes have ended, and tell how */
#ifndef HEADROOM_PROCFIND_WAITEXIT_H
#define HEADROOM_PROCFIND_WAITEXIT_H

#include "search.h"

/* Wait until all that was found has ended. Return: 0, -ETIMEDOUT, or another negated errno; all
 * with a message. */
int waitexit_run(struct search *s, struct err *e);

#endif
