/* SPDX-License-Identifier: MIT */
#include "alarm.h"

struct alarm alarm_start(const struct rule *rule, uint64_t settle_ms, uint64_t now)
{
    return (struct alarm){
        .rule = rule,
        .settle_ms = settle_ms,
        .since = now,
        .conditions = ALARM_UNKNOWN,
        .until = ALARM_UNKNOWN,
    };
}

enum alarm_truth alarm_all(const enum alarm_truth *truths, size_t n)
{
    enum alarm_truth all = ALARM_TRUE;

    for (size_t i = 0; i < n; i++) {
        if (truths[i] == ALARM_FALSE)
            return ALARM_FALSE;
        if (truths[i] == ALARM_UNKNOWN)
            all = ALARM_UNKNOWN;
    }
    return all;
}

static uint64_t later(uint64_t time, uint64_t ms)
{
    return time > UINT64_MAX - ms ? UINT64_MAX : time + ms;
}

static void enter(struct alarm *a, enum alarm_state state, uint64_t now)
{
    a->state = state;
    a->since = now;
}

static enum alarm_event take_step(struct alarm *a, size_t step, uint64_t now)
{
    a->step = step;
    a->busy = true;
    a->failed = false;
    if (step > 0)
        return ALARM_ESCALATE;
    a->fired = now;
    return ALARM_FIRE;
}

static bool is_over(const struct alarm *a)
{
    return a->conditions == ALARM_FALSE && (!a->rule->has_until || a->until == ALARM_TRUE);
}

/* When the next step is to be taken, if the conditions go on to hold. */
static uint64_t escalates(const struct alarm *a)
{
    if (a->conditions != ALARM_TRUE || a->step + 1 >= a->rule->n_steps)
        return ALARM_NEVER;
    return a->failed ? a->done : later(a->done, a->settle_ms);
}

/* When it fires again. */
static uint64_t returns(const struct alarm *a)
{
    bool on = a->conditions == ALARM_TRUE ||
              (a->conditions == ALARM_FALSE && a->rule->has_until && a->until == ALARM_FALSE);

    if (!on || a->rule->cooldown_ms == 0 || escalates(a) != ALARM_NEVER)
        return ALARM_NEVER;
    return later(a->fired, a->rule->cooldown_ms);
}

static enum alarm_event feed_fired(struct alarm *a, uint64_t now)
{
    if (a->busy)
        return ALARM_NOTHING;
    if (is_over(a)) {
        enter(a, ALARM_ARMED, now);
        return ALARM_REARM;
    }
    if (now >= escalates(a))
        return take_step(a, a->step + 1, now);
    return now >= returns(a) ? take_step(a, 0, now) : ALARM_NOTHING;
}

enum alarm_event alarm_feed(struct alarm *a, uint64_t now, enum alarm_truth conditions,
                            enum alarm_truth until)
{
    a->conditions = conditions;
    a->until = until;
    if (a->state == ALARM_FIRED)
        return feed_fired(a, now);
    if (a->state == ALARM_ARMED && conditions == ALARM_TRUE)
        enter(a, ALARM_HOLDING, now);
    if (a->state == ALARM_HOLDING && conditions == ALARM_FALSE)
        enter(a, ALARM_ARMED, now);
    if (a->state == ALARM_ARMED || now < alarm_next(a))
        return ALARM_NOTHING;
    enter(a, ALARM_FIRED, now);
    return take_step(a, 0, now);
}

void alarm_done(struct alarm *a, uint64_t now, bool failed)
{
    a->busy = false;
    a->failed = failed;
    a->done = now;
}

uint64_t alarm_next(const struct alarm *a)
{
    uint64_t escalation, again;

    switch (a->state) {
    case ALARM_ARMED:
        break;
    case ALARM_HOLDING:
        return a->conditions == ALARM_TRUE ? later(a->since, a->rule->for_ms) : ALARM_NEVER;
    case ALARM_FIRED:
        escalation = escalates(a);
        again = returns(a);
        if (a->busy)
            return ALARM_NEVER;
        return escalation < again ? escalation : again;
    }
    return ALARM_NEVER;
}
