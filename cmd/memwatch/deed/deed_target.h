/* SPDX-License-Identifier: MIT */
/*
 * deed_target - the processes that an action means
 *
 * They are read with the rules. What a criterion of them stands for may change later: a file with a
 * number in it, a container's name. Only then are they read anew for each deed; all others are
 * ready, so that looking takes no memory. A number in the rule itself means the process, session or
 * process group that had it when the rule was read, and after its end nobody.
 *
 * The kernel gives a number to nobody as long as a session or a group has it. So that one is the
 * same while its leader lives, and has ended when another process has the number. Where nobody has
 * it, one is enough who is in it and started before it was last found to be the same.
 */
#ifndef HEADROOM_MEMWATCH_DEED_TARGET_H
#define HEADROOM_MEMWATCH_DEED_TARGET_H

#include "criteria.h"
#include "victim.h"

struct deed_policy;

/* What a number is of, behind enum match_numbers. */
enum { DEED_TARGET_SUBTREE = MATCH_NUMBERS, DEED_TARGET_NAMESPACE };

/* Who was named by a number. */
struct deed_target_pin {
    int what;
    pid_t pid;
    uint64_t start; /* of that process, or of the leader; 0: there was none */
    uint64_t seen;  /* clock ticks since boot: when it was last known to be there; 0: never */
    bool ended;     /* or was not there; and will not come back */
};

/* Criteria, and what was made of them. */
struct deed_target_set {
    const char *name, *text; /* "kill" and its criteria; borrowed */
    struct match match;
    bool nothing; /* no process can match at present */
    bool gone;    /* nor at any other time: it is among those of one that has ended */
    struct deed_target_pin *pins; /* owned; of all numbers in it */
    size_t n_pins;
};

struct deed_target {
    const struct deed_policy *policy;
    struct deed_target_set wanted;
    struct deed_target_set *protects; /* owned; one for each of policy.protect */
    size_t n_protects;
    enum finder_pick pick;
    struct finder finder;
    struct finder_result found;
};

#define DEED_TARGET_INIT                                                                           \
    ((struct deed_target){                                                                         \
        .wanted = {.match = MATCH_INIT}, .finder = FINDER_INIT, .found = FINDER_RESULT_INIT})

void deed_target_clear(struct deed_target *t);

/* The target must not be moved after that. Return: 0; ERR_USAGE or ERR_REFUSED for what is wrong
 * with the criteria, or those to protect; ERR_UNSUPPORTED if /proc is not that of this process; or
 * another negated errno. */
int deed_target_read(struct deed_target *t, const char *action, const char *text,
                     const struct deed_policy *policy, struct err *e);

/* For who hands the same words to another program: of them only the numbers are held. */
int deed_target_read_numbers(struct deed_target *t, const char *action, const char *text,
                             const struct deed_policy *policy, struct err *e);

/* Do all of those mean still whom they meant? Return: 0; or -ESRCH, or another negated errno, with
 * a message. */
int deed_target_check_numbers(struct deed_target *t, struct err *e);

/* The one to be killed. Nothing is allocated that is not there after the first call. Return: 1, 0:
 * none, or a negated errno with a message; .best and .spared are set. */
int deed_target_choose(struct deed_target *t, struct victim_choice *choice, struct err *e);

/* All of them: .found. Return: 0, or a negated errno with a message. */
int deed_target_find(struct deed_target *t, struct err *e);

/* The numbers mean those whom they meant in @old, where the criteria are the same. */
void deed_target_adopt(struct deed_target *t, const struct deed_target *old);

/* Why nobody may match, if the reason is that a process has ended, or that a container is not known
 * for certain. Return: @out, or NULL. */
enum { DEED_TARGET_WHY = 256 };
const char *deed_target_lack(const struct deed_target *t, char out[static DEED_TARGET_WHY]);

/* Does anything speak against signalling this one of .found? */
enum victim_bar deed_target_barred(struct deed_target *t, const struct finder_item *item,
                                   char name[static PROC_NAME_MAX]);

#endif
