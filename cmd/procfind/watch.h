/* SPDX-License-Identifier: MIT */
/*
 * watch - wait for something to happen to processes
 *
 * By the proc connector; where the kernel does not tell, by a look now and then: whenever a process
 * was made since the last one, which /proc/loadavg tells, and once in a while for what changes
 * without that.
 */
#ifndef HEADROOM_PROCFIND_WATCH_H
#define HEADROOM_PROCFIND_WATCH_H

#include "procevents.h"
#include "search.h"

enum watch_what {
    WATCH_LOOK,    /* time to look at all of them */
    WATCH_CHANGED, /* this process may match now */
    WATCH_EXITED,  /* this process has ended */
    WATCH_LATE,    /* the time of --timeout is over */
};

struct watch {
    bool told; /* by the kernel */
    struct procevents events;
    int pause_ms;  /* between two looks at the whole, at least; -1: never without a reason */
    char last[16]; /* the newest process number */
    unsigned hot;  /* that many more looks, because a new process will execute something yet */
    int waited_ms; /* since the last look */
    struct procscan_text text;
};

#define WATCH_INIT ((struct watch){.events = PROCEVENTS_INIT})

void watch_clear(struct watch *w);

/* From here on nothing is missed. */
void watch_begin(struct watch *w, const struct search *s);

/* What happens next. Return: 0, or a negated errno with a message. */
int watch_next(struct watch *w, struct search *s, enum watch_what *what, pid_t *pid, struct err *e);

#endif
