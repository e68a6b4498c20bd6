/* SPDX-License-Identifier: MIT */
#include "pace.h"

/* Milliseconds, rounded down. */
static uint64_t time_for(double distance, double speed)
{
    double ms = 1000 * distance / speed;

    return ms >= 1e15 ? ALARM_NEVER : (uint64_t)ms;
}

/* Of memory in bytes, or of its share of @whole. */
static uint64_t memory_time(const struct condition *c, double value, double whole, double speed,
                            bool grows)
{
    double distance = c->value - value;

    /* what is given back is given back at once */
    if (condition_is_upward(c->op) != grows ||
        (c->metric.info->unit == METRIC_PERCENT && whole <= 0))
        return PACE_FIXED_MS;
    if (c->metric.info->unit == METRIC_PERCENT)
        distance *= whole / 100;
    return time_for(grows ? distance : -distance, speed);
}

/*
 * The kernel's averages are told anew every 2 seconds, from which on they keep so much of what they
 * were (kernel/sched/psi.c: 1677, 1981 and 2034 of 2048); the rest is at most 100 and at least 0.
 * The first time may be just now. Nobody needs to know more than some minutes ahead.
 */
static uint64_t average_time(const struct condition *c, double value, double keeps)
{
    enum { EVERY_MS = 2000, AHEAD = 300 };
    double most = condition_is_upward(c->op) ? 100 : 0;
    uint64_t n = 0;

    for (; !condition_holds(c, value) && n < AHEAD; n++)
        value = value * keeps + most * (1 - keeps);
    return n > 0 ? (n - 1) * EVERY_MS : 0;
}

static double psi_keeps(enum metric_id id)
{
    static const double keeps[] = {1677. / 2048, 1981. / 2048, 2034. / 2048};

    return keeps[(id - METRIC_PSI_FIRST) % ARRAY_SIZE(keeps)];
}

uint64_t pace_condition(const struct condition *c, double value, const struct pace_machine *m)
{
    const struct metric_info *info = c->metric.info;

    if (condition_holds(c, value))
        return 0;
    if (info->family == METRIC_PSI)
        return average_time(c, value, psi_keeps(info->id));
    switch (info->id) {
    case METRIC_RAM:
    case METRIC_RAM_USED:
    case METRIC_CGROUP_MEMORY:
    case METRIC_PROC_RSS:
        return memory_time(c, value, m->ram, PACE_RAM_SPEED, true);
    case METRIC_RAM_AVAILABLE:
        return memory_time(c, value, m->ram, PACE_RAM_SPEED, false);
    case METRIC_MEMORY: /* RAM comes first */
        return memory_time(c, value, m->ram + m->swap, PACE_RAM_SPEED, true);
    case METRIC_MEMORY_AVAILABLE:
        return memory_time(c, value, m->ram + m->swap, PACE_RAM_SPEED, false);
    case METRIC_SWAP:
    case METRIC_SWAP_USED:
    case METRIC_CGROUP_SWAP:
    case METRIC_PROC_SWAP:
        return memory_time(c, value, m->swap, PACE_SWAP_SPEED, true);
    case METRIC_CGROUP_PSI:
    case METRIC_CGROUP_PSI_FULL:
        return average_time(c, value, psi_keeps(METRIC_PSI_FIRST));
    default:
        return PACE_FIXED_MS;
    }
}

/* All of them have to hold: the slowest one counts. */
static uint64_t all(const struct alarm *a, const struct pace_reading *readings,
                    const struct pace_machine *m)
{
    uint64_t longest = 0;
    bool here = false;

    for (size_t i = 0; i < a->rule->n_conditions; i++) {
        uint64_t ms = PACE_FIXED_MS;

        if (readings[i].elsewhere)
            continue;
        here = true;
        if (readings[i].absent)
            ms = ALARM_NEVER;
        else if (readings[i].known)
            ms = pace_condition(&a->rule->conditions[i], readings[i].value, m);
        longest = ms > longest ? ms : longest;
    }
    return here ? longest : ALARM_NEVER;
}

uint64_t pace_alarm(const struct alarm *a, const struct pace_reading *readings,
                    const struct pace_machine *m)
{
    uint64_t ms = a->state == ALARM_ARMED ? all(a, readings, m) : PACE_FIXED_MS;

    /* they hold, and it waits for others that are looked at elsewhere */
    if (ms == 0)
        ms = PACE_FIXED_MS;
    return ms > PACE_LEAST_MS ? ms : PACE_LEAST_MS;
}

uint64_t pace_pressure(uint64_t ago_ms)
{
    uint64_t ms = ago_ms / 10;

    if (ago_ms >= PACE_PRESSURE_MS)
        return ALARM_NEVER;
    return ms > PACE_LEAST_MS ? ms : PACE_LEAST_MS;
}
