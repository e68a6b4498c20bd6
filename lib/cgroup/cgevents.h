/* SPDX-License-Identifier: MIT */
/*
 * cgevents - wait for what the kernel tells of a group
 *
 * The files *.events wake a poll(2) for POLLPRI when a number in them changes. The removal of the
 * group wakes nobody; so a wait looks again at least once a second, and reads ENODEV then.
 */
#ifndef HEADROOM_CGEVENTS_H
#define HEADROOM_CGEVENTS_H

#include "trigger.h"

#define CGEVENTS_FOREVER UINT64_MAX

struct cgevents_patience {
    uint64_t timeout_ms;            /* CGEVENTS_FOREVER: none */
    bool (*interrupted)(void *arg); /* asked after each wake; may be NULL */
    void *arg;
};

struct cgevents_wish {
    const char *file; /* "memory.events", "cgroup.events" */
    const char *key;  /* "oom_kill", "populated" */
    bool above;       /* wait until it is more than .than; otherwise until it is that */
    uint64_t than;
};

enum cgevents_end {
    CGEVENTS_YES,  /* as wished */
    CGEVENTS_GONE, /* the group was removed */
};

/**
 * cgevents_wait() - wait until a number of an events file is as wished
 * @dir:  the group
 * @path: of the group, for messages
 *
 * Return: enum cgevents_end; -ETIMEDOUT; -EINTR; -EOPNOTSUPP if the group has no such file or key;
 * or another negated errno.
 */
int cgevents_wait(int dir, const char *path, const struct cgevents_wish *wish,
                  const struct cgevents_patience *patience, struct err *e);

/**
 * cgevents_pressure() - wait until a stall is long enough
 * @file: "memory.pressure"
 *
 * Return: as cgevents_wait(); -EINVAL if the kernel takes no such window.
 */
int cgevents_pressure(int dir, const char *path, const char *file, const struct trigger *trigger,
                      const struct cgevents_patience *patience, struct err *e);

#endif
