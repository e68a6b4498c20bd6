/* SPDX-License-Identifier: MIT */
/*
 * alarm - when does a rule fire, escalate, fire again, and come to rest? pure
 *
 * A rule fires when its conditions have held for its duration, and then not again until it is
 * armed anew: when the conditions no longer hold, and with an "until" that does. With a cooldown it
 * fires again each time that has passed meanwhile, but not before its last step was taken while the
 * conditions hold. What it does goes in steps: the next one is taken as soon as an action of the
 * last one failed and the conditions hold, otherwise when they still do some time after it was
 * done. Nothing new begins while a step is under way. All times are milliseconds of
 * CLOCK_MONOTONIC.
 */
#ifndef HEADROOM_ALARM_H
#define HEADROOM_ALARM_H

#include "rule.h"

enum alarm_truth {
    ALARM_FALSE,
    ALARM_TRUE,
    ALARM_UNKNOWN, /* it could not be read: nothing begins, and nothing ends */
};

enum alarm_state {
    ALARM_ARMED,
    ALARM_HOLDING, /* the conditions hold, but not for long enough */
    ALARM_FIRED,   /* steps are taken, or have been */
};

enum alarm_event {
    ALARM_NOTHING,
    ALARM_FIRE,     /* take step .step, the first */
    ALARM_ESCALATE, /* take step .step */
    ALARM_REARM,    /* it is over */
};

struct alarm {
    const struct rule *rule; /* borrowed */
    uint64_t settle_ms;
    enum alarm_state state;
    uint64_t since;                     /* in this state */
    size_t step;                        /* the last one that was taken */
    bool busy;                          /* that is not done yet */
    bool failed;                        /* an action of it failed */
    uint64_t done;                      /* when it was */
    uint64_t fired;                     /* for the cooldown */
    enum alarm_truth conditions, until; /* as it was fed last */
};

/* Armed, and nothing known yet. @rule is borrowed. */
struct alarm alarm_start(const struct rule *rule, uint64_t settle_ms, uint64_t now);

/* The truth of all of them together. */
enum alarm_truth alarm_all(const enum alarm_truth *truths, size_t n);

/* A sample has come, or time has passed: what is to be done now? To be asked again until it says
 * ALARM_NOTHING. @until: of "until" if the rule has one. A step that is to be taken is under way
 * until alarm_done(). */
enum alarm_event alarm_feed(struct alarm *a, uint64_t now, enum alarm_truth conditions,
                            enum alarm_truth until);

/* All actions of the step were done, or one of them failed. */
void alarm_done(struct alarm *a, uint64_t now, bool failed);

/* When it has to be fed at the latest, if the truth stays what it is; ALARM_NEVER. */
#define ALARM_NEVER UINT64_MAX
uint64_t alarm_next(const struct alarm *a);

#endif
