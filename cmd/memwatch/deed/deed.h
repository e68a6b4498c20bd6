/* SPDX-License-Identifier: MIT */
/*
 * deed - an action of memwatch guard while it is being done
 *
 * Nothing here ever waits: who guards goes on looking at the memory meanwhile. Signals are sent
 * from this process, because that must work when there is no memory for another one; what may take
 * its time in the kernel or is somebody's command is done by a child in a process group of its own,
 * which gets SIGTERM when its time is over, and then SIGKILL.
 */
#ifndef HEADROOM_MEMWATCH_DEED_H
#define HEADROOM_MEMWATCH_DEED_H

#include "criteria.h"
#include "deed_child.h"
#include "deed_dying.h"
#include "rule.h"
#include <poll.h>

/* What the options of the guard say about all actions. */
struct deed_policy {
    const struct root *root;
    const char *const *protect;  /* criteria of processes that are never signalled or killed */
    bool by_oom_score;           /* kill: else by what is resident and swapped */
    uint64_t swap_bound;         /* swap-add: what its files may take together */
    uint64_t disk_reserve;       /* swap-add: bytes that stay free on the disk, at least */
    bool dry_run;                /* look for whom, and say what would be done */
    bool wary;                   /* somebody else has looked at the words already, and waited where
                                    files hang: here nothing is waited for, see match.h */
    struct deed_child_rank rank; /* what children get: the guard's own, before it changed it */
    struct deed_dying *dying;    /* one for all plans of a guard; outlives them */
    struct askers *askers;       /* the same */
    struct bounded_left *left;   /* children that do not die; the same; may be NULL */
    struct users *users;         /* whom names mean, see match.h; outlives the plans */
    struct container_names *containers; /* the same */
};

/* What commands are told by their environment, and the log by each line. */
struct deed_cause {
    const char *rule;               /* its text */
    const char *metric;             /* of the first condition, as it was asked for */
    const char *value;              /* "93.2%" */
    const char *const *environment; /* more of them, "NAME=VALUE", NULL-terminated; may be NULL */
    /* Is it still so? Asked by a kill that had to wait for the end of another; NULL: yes. It and
     * @arg outlive the deed, all else is read at the start. */
    bool (*holds)(void *arg);
    void *arg;
};

enum deed_state { DEED_UNDER_WAY, DEED_DONE, DEED_FAILED };

/* An action that was looked at before, so that mistakes show when the rules are read. To signal and
 * to kill takes no memory after that, and no new process. "warn" and "stop" are for the caller to
 * do; as deeds they are done at once and say nothing. */
struct deed_plan;

/* Return: 0; or a negated errno, ERR_USAGE and ERR_REFUSED for what is wrong with the words of the
 * action ("kill" without a criterion). @action and @policy are borrowed. */
int deed_plan_new(const struct rule_action *action, const struct deed_policy *policy,
                  struct deed_plan **out, struct err *e);
void deed_plan_free(struct deed_plan **p);

/* Look for whom it would be, and do nothing: so that the pages that it takes are in memory, and
 * stay there if they are locked when they are touched. Nothing for actions that need no such thing,
 * nor for one that is under way. */
void deed_plan_rehearse(struct deed_plan *plan);

/* What numbers of processes mean in @old they mean in @plan, which is made of the same words. */
void deed_plan_adopt(struct deed_plan *plan, const struct deed_plan *old);

struct deed;

/* Begin. It may be over at once. The room for it was reserved with the plan, which is why there is
 * one at a time: NULL while the last one was not freed. */
struct deed *deed_start(struct deed_plan *plan, const struct deed_cause *cause, uint64_t now);

/* Kills its child and forgets what is under way; a process that was told to end is not told more.
 */
void deed_free(struct deed **d);

/* What poll(2) is to wait for, and until when (milliseconds of CLOCK_MONOTONIC, UINT64_MAX). */
enum { DEED_FDS = 2 };
size_t deed_poll(const struct deed *d, struct pollfd fds[static DEED_FDS], uint64_t *until);

/* Something of that has come. */
enum deed_state deed_continue(struct deed *d, uint64_t now);
enum deed_state deed_state(const struct deed *d);

/* What came of it, for people: "killed 4711 leak (1.2G resident, 300M swapped)"; what a command
 * printed, at most so much of it; NULL: nothing. Valid until deed_free(). */
const char *deed_text(const struct deed *d);
const char *deed_output(const struct deed *d);

#endif
