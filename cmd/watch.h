/* SPDX-License-Identifier: MIT */
/*
 * watch - wait for something to happen to processes
 *
 * By the proc connector; where the kernel does not tell, by a look now and then: whenever a process
 * was made since the last one, which /proc/loadavg tells, and once in a while for what changes
 * without that.
 */
#ifndef HEADROOM_WATCH_H
#define HEADROOM_WATCH_H

#include "finder.h"
#include "procevents.h"

enum watch_what {
    WATCH_LOOK,    /* time to look at all of them */
    WATCH_CHANGED, /* this process may match now */
    WATCH_EXITED,  /* this process has ended */
    WATCH_LATE,    /* it is behind the deadline */
};

#define WATCH_NEVER UINT64_MAX

struct watch_pace {
    int poll_ms; /* how often the newest number is looked at where the kernel does not tell */
    int look_ms; /* WATCH_LOOK at least so often; -1: not without a reason */
    int look_untold_ms; /* the same where the kernel does not tell; not -1 */
    uint64_t deadline;  /* of monotonic_ms(); WATCH_NEVER */
};

struct watch {
    const struct finder *finder; /* borrowed */
    struct watch_pace pace;
    bool told; /* by the kernel */
    struct procevents events;
    char last[16]; /* the newest process number */
    unsigned hot;  /* that many more looks, because a new process will execute something yet */
    int waited_ms; /* since the last look */
    struct procscan_text text;
};

#define WATCH_INIT ((struct watch){.events = PROCEVENTS_INIT})

void watch_clear(struct watch *w);

/* From here on nothing is missed. */
void watch_begin(struct watch *w, const struct finder *finder, const struct watch_pace *pace);

/* In which way, for --verbose. */
const char *watch_how(const struct watch *w);

/* What happens next. Return: 0, or a negated errno with a message. */
int watch_next(struct watch *w, enum watch_what *what, pid_t *pid, struct err *e);

/* Milliseconds for poll(2): until the deadline, @most at most. */
int watch_wait_ms(uint64_t deadline, int most);
bool watch_is_late(uint64_t deadline);

/* Wait up to so many milliseconds without events: as long as there is time. */
void watch_sleep(uint64_t deadline, int ms);

#endif
