/* SPDX-License-Identifier: MIT */
/* each - do one thing to every operand, say for each how it went, and sum it up in the exit status
 */
#ifndef HEADROOM_SWAPCTL_EACH_H
#define HEADROOM_SWAPCTL_EACH_H

#include "session.h"

/**
 * each_fn - plan and run one operand
 * @plan: empty; afterwards only its steps' action words are read, so their context may be gone
 *
 * Return: 0 or a negated errno with a message.
 */
typedef int each_fn(struct session *s, const char *operand, const void *args, struct plan *plan,
                    struct err *e);

/**
 * each_run() - run all operands under one lock
 *
 * One operand answers "changed" or "unchanged"; several answer a line each. A failed one does not
 * stop the others, an interruption does.
 *
 * Return: the exit status: that of the failure when there is one operand or all failed alike,
 * CMD_PARTIAL when some failed.
 */
int each_run(struct cmd_context *ctx, bool kernel, const void *args, each_fn *one);

/* How several went, for those who walk a list of their own. */
struct each_tally {
    int failed, worked;
    int status;  /* of the failures */
    bool differ; /* they have several */
};

#define EACH_TALLY_INIT ((struct each_tally){.failed = 0})

/* Count one that ended with this exit status. */
void each_count(struct each_tally *t, int status);

/* The exit status for all that were counted, as each_run() has it. */
int each_status(const struct each_tally *t);

#endif
