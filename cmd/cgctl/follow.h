/* SPDX-License-Identifier: MIT */
/* follow - do something to the groups of all processes that match, now and whenever there are new
 * ones */
#ifndef HEADROOM_CGCTL_FOLLOW_H
#define HEADROOM_CGCTL_FOLLOW_H

#include "cgwork.h"

/* What is done to one group. @pids: those in it that match. Return: 0, or a negated errno with a
 * message. */
typedef int follow_apply(struct cgwork *w, const char *path, const pid_t *pids, size_t n,
                         const void *arg, struct err *e);

enum follow_outcome {
    FOLLOW_NOBODY,  /* one look found no process; or nobody takes what is printed */
    FOLLOW_DONE,
    FOLLOW_PARTIAL, /* one look; what was done for one group failed for another, which was said */
};

/**
 * follow_run() - until a signal ends it, or nobody takes what is printed
 * @criteria:    see criteria_read(); read again before each look, for files and names in it may
 * come to mean others
 * @once:        look once
 * @interval_ms: how often all of them are looked at without a reason: for who moved a process, or
 *               wrote other limits, tells nobody
 *
 * Every look is a transaction of its own, see cgwork_change(); in between there is neither a lock,
 * nor is anything left to be undone, so that signals just end the process. What fails for one group
 * is said once and tried again with the next look. A dry run looks once, and so does @once.
 *
 * Return: enum follow_outcome, or a negated errno with a message for what failed before the first
 * look was done, or in one look for all groups.
 */
int follow_run(struct cmd_context *ctx, const char *criteria, bool once, uint64_t interval_ms,
               follow_apply *apply, const void *arg, struct err *e);

#endif
