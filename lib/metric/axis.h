/* SPDX-License-Identifier: MIT */
/* axis - where the marks of a plot's axes stand, and what is written beside them */
#ifndef HEADROOM_AXIS_H
#define HEADROOM_AXIS_H

#include "metric.h"

/* From 0 to .top in equal steps. */
struct axis_values {
    double top, step;
    unsigned marks; /* steps up to the top */
};

/**
 * axis_values() - a scale of round numbers that holds @max; pure
 * @want: about how many steps; at least 1
 *
 * Steps are 1, 2, 2.5 or 5 times a power of ten; of bytes a power of two. A percentage between 50
 * and 100 gets the scale to 100. What is nothing but 0 gets a small scale all the same.
 */
struct axis_values axis_values(enum metric_unit unit, double max, unsigned want);

/* What stands beside a mark: "40%", "1.5G", "200", "1.2M/s". As many decimals as the step needs. */
void axis_text(enum metric_unit unit, double value, double step, char out[static METRIC_TEXT_MAX]);

enum { AXIS_TIMES_MAX = 64, AXIS_TIME_TEXT = 24 };

struct axis_time {
    uint64_t ms;
    char text[AXIS_TIME_TEXT]; /* "21:40", "21:40:05", "23 Nov" */
    char day[AXIS_TIME_TEXT];  /* "22 Nov 2026" where a new day begins on a scale of hours and less,
                                  a new year on one of days; otherwise "" */
};

/**
 * axis_times() - round points in time by the local clock, at most AXIS_TIMES_MAX
 * @want: about how many, not more; at least 1
 *
 * Return: how many.
 */
size_t axis_times(uint64_t from_ms, uint64_t to_ms, unsigned want,
                  struct axis_time out[static AXIS_TIMES_MAX]);

#endif
