/* SPDX-License-Identifier: MIT */
#include "axis.h"

#include <inttypes.h>
#include <time.h>

/* ---- values ---- */

/* By hand, because this is all that anybody here would need libm for. */
static double power_of(double base, int n)
{
    double power = 1;

    for (; n > 0; n--)
        power *= base;
    return power;
}

static double round_to_whole(double value)
{
    return value < 1e15 ? (double)(uint64_t)(value + 0.5) : value;
}

static double decimal_step(double least)
{
    static const double steps[] = {1, 2, 2.5, 5, 10};
    double power = 1;
    size_t i = 0;

    while (power > least)
        power /= 10;
    while (power * 10 <= least)
        power *= 10;
    while (i < ARRAY_SIZE(steps) - 1 && steps[i] * power < least * (1 - 1e-9))
        i++;
    return steps[i] * power;
}

static double binary_step(double least)
{
    double step = 1;

    while (step < least * (1 - 1e-9))
        step *= 2;
    return step;
}

static bool is_binary(enum metric_unit unit)
{
    return unit == METRIC_BYTES || unit == METRIC_BYTES_PER_SECOND;
}

/* Below this there is nothing worth a finer scale. */
static double least_top(enum metric_unit unit)
{
    switch (unit) {
    case METRIC_BYTES:
    case METRIC_BYTES_PER_SECOND:
        return 4096;
    case METRIC_RATIO:
        return 0.1;
    case METRIC_PERCENT:
    case METRIC_COUNT:
        return 1;
    case METRIC_PAGES_PER_SECOND:
        break;
    }
    return 10;
}

struct axis_values axis_values(enum metric_unit unit, double max, unsigned want)
{
    struct axis_values axis = {.top = least_top(unit)};

    if (max > axis.top)
        axis.top = max;
    if (unit == METRIC_PERCENT && axis.top > 50 && axis.top <= 100)
        axis.top = 100;
    axis.step = is_binary(unit) ? binary_step(axis.top / want) : decimal_step(axis.top / want);
    if (unit == METRIC_COUNT && axis.step < 1)
        axis.step = 1;
    for (axis.marks = 1; axis.marks * axis.step < axis.top * (1 - 1e-9); axis.marks++)
        ;
    axis.top = axis.step * axis.marks;
    return axis;
}

static bool is_whole(double value)
{
    double off = value - round_to_whole(value);

    return off < 1e-6 && off > -1e-6;
}

static int decimals_of(double step)
{
    int n = 0;

    while (n < 6 && !is_whole(step)) {
        step *= 10;
        n++;
    }
    return n;
}

/* Digits and one of the letters, so that no locale's decimal comma comes in. */
static void put_fixed(char *out, double value, int decimals, const char *suffix)
{
    double power = power_of(10, decimals), all = round_to_whole(value * power);

    if (decimals == 0 || all >= 1e15)
        snprintf(out, METRIC_TEXT_MAX, "%.0f%s", round_to_whole(value), suffix);
    else
        snprintf(out, METRIC_TEXT_MAX, "%" PRIu64 ".%0*" PRIu64 "%s",
                 (uint64_t)all / (uint64_t)power, decimals, (uint64_t)all % (uint64_t)power,
                 suffix);
}

void axis_text(enum metric_unit unit, double value, double step, char out[static METRIC_TEXT_MAX])
{
    static const char *const binary[] = {"", "K", "M", "G", "T", "P", "E"};
    static const char *const decimal[] = {"", "k", "M", "G", "T", "P", "E"};
    double base = is_binary(unit) ? 1024 : 1000;
    char suffix[8];
    size_t i = 0;

    if (!(value > 0)) {
        snprintf(out, METRIC_TEXT_MAX, unit == METRIC_PERCENT ? "0%%" : "0");
        return;
    }
    if (unit == METRIC_PERCENT || unit == METRIC_RATIO) {
        put_fixed(out, value, decimals_of(step), unit == METRIC_PERCENT ? "%" : "");
        return;
    }
    /* as short as the value allows */
    while (i < ARRAY_SIZE(binary) - 1 && value >= base) {
        value /= base;
        step /= base;
        i++;
    }
    snprintf(suffix, sizeof(suffix), "%s%s", is_binary(unit) ? binary[i] : decimal[i],
             unit == METRIC_BYTES_PER_SECOND ? "/s" : "");
    put_fixed(out, value,
              decimals_of(value) < decimals_of(step) ? decimals_of(value) : decimals_of(step),
              suffix);
}

/* ---- time ---- */

enum { SECOND = 1, MINUTE = 60, HOUR = 3600, DAY = 86400, MONTH = 30 * DAY, YEAR = 365 * DAY };

static const int steps[] = {
    1,          2,          5,           10,          15,          30,      MINUTE,
    2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR,    2 * HOUR,
    3 * HOUR,   6 * HOUR,   12 * HOUR,   DAY,         2 * DAY,     4 * DAY, 7 * DAY,
    14 * DAY,   MONTH,      3 * MONTH,   6 * MONTH,   YEAR};

/* More years than a step of one takes: several at once. */
static int step_of(uint64_t span_s, unsigned want, int *years)
{
    *years = 1;
    for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
        if (span_s / (uint64_t)steps[i] < want)
            return steps[i];
    }
    /* 1, 2, 5, 10, 20, ... */
    while (span_s / ((uint64_t)YEAR * (uint64_t)*years) >= want) {
        int first = *years;

        while (first >= 10)
            first /= 10;
        *years = first == 2 ? *years / 2 * 5 : *years * 2;
    }
    return YEAR;
}

/* The last round point that is not behind @t. */
static struct tm round_down(time_t t, int step, int years)
{
    struct tm tm;

    localtime_r(&t, &tm);
    tm.tm_isdst = -1;
    if (step < DAY) {
        int second = tm.tm_hour * HOUR + tm.tm_min * MINUTE + tm.tm_sec;

        second -= second % step;
        tm.tm_hour = second / HOUR;
        tm.tm_min = second / MINUTE % 60;
        tm.tm_sec = second % MINUTE;
        return tm;
    }
    tm.tm_hour = tm.tm_min = tm.tm_sec = 0;
    if (step < MONTH) {
        tm.tm_mday -= (tm.tm_yday % (step / DAY));
        return tm;
    }
    tm.tm_mday = 1;
    tm.tm_mon -= step < YEAR ? tm.tm_mon % (step / MONTH) : tm.tm_mon;
    tm.tm_year -= step < YEAR ? 0 : (tm.tm_year + 1900) % years;
    return tm;
}

static void step_on(struct tm *tm, int step, int years)
{
    if (step < DAY)
        tm->tm_sec += step;
    else if (step < MONTH)
        tm->tm_mday += step / DAY;
    else if (step < YEAR)
        tm->tm_mon += step / MONTH;
    else
        tm->tm_year += years;
    tm->tm_isdst = -1;
}

static void put_date(char out[static AXIS_TIME_TEXT], const struct tm *tm, bool day, bool year)
{
    static const char months[][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char d[8] = "", y[16] = "";

    if (day)
        snprintf(d, sizeof(d), "%d ", tm->tm_mday & 31);
    if (year)
        snprintf(y, sizeof(y), " %d", tm->tm_year + 1900);
    snprintf(out, AXIS_TIME_TEXT, "%s%s%s", d, months[(unsigned)tm->tm_mon % 12], y);
}

/* @before: the one before, or NULL. */
static void label(struct axis_time *out, const struct tm *tm, const struct tm *before, int step)
{
    bool new_year = !before || before->tm_year != tm->tm_year;
    bool new_day = new_year || before->tm_yday != tm->tm_yday;
    unsigned hour = (unsigned)tm->tm_hour % 24, minute = (unsigned)tm->tm_min % 60;

    out->day[0] = '\0';
    if (step < MINUTE)
        snprintf(out->text, sizeof(out->text), "%02u:%02u:%02u", hour, minute,
                 (unsigned)tm->tm_sec % 61);
    else if (step < DAY)
        snprintf(out->text, sizeof(out->text), "%02u:%02u", hour, minute);
    else if (step >= YEAR)
        snprintf(out->text, sizeof(out->text), "%d", tm->tm_year + 1900);
    else
        put_date(out->text, tm, step < MONTH, false);
    if (step < DAY && new_day)
        put_date(out->day, tm, true, true);
    else if (step >= DAY && step < YEAR && new_year)
        snprintf(out->day, sizeof(out->day), "%d", tm->tm_year + 1900);
}

size_t axis_times(uint64_t from_ms, uint64_t to_ms, unsigned want,
                  struct axis_time out[static AXIS_TIMES_MAX])
{
    int years, step = step_of((to_ms - from_ms) / 1000, want, &years);
    struct tm tm = round_down((time_t)(from_ms / 1000), step, years), before;
    size_t n = 0;

    /* steps that do not move (a clock that is put back) come to an end too */
    for (unsigned i = 0; i < 4 * AXIS_TIMES_MAX && n < AXIS_TIMES_MAX;
         i++, step_on(&tm, step, years)) {
        time_t t = mktime(&tm);
        struct tm real;

        if (t < 0 || (uint64_t)t * 1000 < from_ms)
            continue;
        if ((uint64_t)t * 1000 > to_ms)
            break;
        localtime_r(&t, &real);
        out[n].ms = (uint64_t)t * 1000;
        label(&out[n], &real, n > 0 ? &before : NULL, step);
        before = real;
        n++;
    }
    return n;
}
