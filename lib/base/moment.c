/* SPDX-License-Identifier: MIT */
#include "moment.h"

#include <time.h>

#include "size.h"

enum { MS = 1000, YEAR_MAX = 9999 };

uint64_t moment_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * MS + (uint64_t)t.tv_nsec / 1000000;
}

static int senseless(const char *text, struct err *e)
{
    return err_usage(e, -EINVAL,
                     "%s: is no time; write 2026-11-22T21:40:05, 21:40, -1h30m or @SECONDS", text);
}

/* Exactly @digits digits at *@p. */
static bool get_number(const char **p, int digits, int least, int most, int *out)
{
    int n = 0;

    for (int i = 0; i < digits; i++) {
        char c = (*p)[i];

        if (c < '0' || c > '9')
            return false;
        n = n * 10 + (c - '0');
    }
    *p += digits;
    *out = n;
    return n >= least && n <= most;
}

static bool get_char(const char **p, char c)
{
    if (**p != c)
        return false;
    (*p)++;
    return true;
}

static bool get_date(const char **p, struct tm *tm)
{
    int days;

    if (!get_number(p, 4, 1970, YEAR_MAX, &tm->tm_year) || !get_char(p, '-') ||
        !get_number(p, 2, 1, 12, &tm->tm_mon) || !get_char(p, '-'))
        return false;
    days = tm->tm_mon == 2
               ? 28 + (tm->tm_year % 4 == 0 && (tm->tm_year % 100 || tm->tm_year % 400 == 0))
           : tm->tm_mon == 4 || tm->tm_mon == 6 || tm->tm_mon == 9 || tm->tm_mon == 11 ? 30
                                                                                       : 31;
    tm->tm_year -= 1900;
    tm->tm_mon -= 1;
    return get_number(p, 2, 1, days, &tm->tm_mday);
}

/* "21:40", "21:40:05", "21:40:05.123" */
static bool get_clock(const char **p, struct tm *tm, int *ms)
{
    int weight = 100;

    if (!get_number(p, 2, 0, 23, &tm->tm_hour) || !get_char(p, ':') ||
        !get_number(p, 2, 0, 59, &tm->tm_min))
        return false;
    if (!get_char(p, ':'))
        return true;
    if (!get_number(p, 2, 0, 59, &tm->tm_sec))
        return false;
    if (!get_char(p, '.'))
        return true;
    if (**p < '0' || **p > '9')
        return false;
    for (; **p >= '0' && **p <= '9'; (*p)++, weight /= 10)
        *ms += (**p - '0') * weight;
    return true;
}

/* "Z", "+01:00". Return: false if something else stands there. */
static bool get_zone(const char **p, bool *given, int *ahead_s)
{
    int hours, minutes, sign = **p == '-' ? -1 : 1;

    *given = **p != '\0';
    *ahead_s = 0;
    if (!*given || get_char(p, 'Z'))
        return **p == '\0';
    if (!get_char(p, '+') && !get_char(p, '-'))
        return false;
    if (!get_number(p, 2, 0, 23, &hours) || !get_char(p, ':') || !get_number(p, 2, 0, 59, &minutes))
        return false;
    *ahead_s = sign * (hours * 3600 + minutes * 60);
    return **p == '\0';
}

static bool parse_calendar(const char *p, uint64_t now_ms, uint64_t *out)
{
    time_t now = (time_t)(now_ms / MS), t;
    struct tm tm = {0};
    int ms = 0, ahead_s;
    bool zone, dated = strlen(p) > 4 && p[4] == '-';

    if (dated) {
        if (!get_date(&p, &tm) ||
            ((get_char(&p, 'T') || get_char(&p, ' ')) && !get_clock(&p, &tm, &ms)))
            return false;
    } else {
        localtime_r(&now, &tm);
        tm.tm_sec = 0;
        if (!get_clock(&p, &tm, &ms))
            return false;
    }
    if (!get_zone(&p, &zone, &ahead_s) || (zone && !dated))
        return false;
    tm.tm_isdst = -1;
    t = zone ? timegm(&tm) - ahead_s : mktime(&tm);
    if (t < 0)
        return false;
    *out = (uint64_t)t * MS + (uint64_t)ms;
    return true;
}

int moment_parse(const char *text, uint64_t now_ms, uint64_t *ms, struct err *e)
{
    uint64_t ago;
    int64_t seconds;

    if (streq(text, "now")) {
        *ms = now_ms;
        return 0;
    }
    if (*text == '@') {
        if (size_parse_number(text + 1, 0, 253402300799, &seconds, NULL) < 0)
            return senseless(text, e);
        *ms = (uint64_t)seconds * MS;
        return 0;
    }
    if (*text == '-') {
        if (size_parse_duration(text + 1, &ago, NULL) < 0)
            return senseless(text, e);
        *ms = ago < now_ms ? now_ms - ago : 0;
        return 0;
    }
    return parse_calendar(text, now_ms, ms) ? 0 : senseless(text, e);
}

const char *moment_utc(uint64_t ms, char out[static MOMENT_TEXT_MAX])
{
    time_t t = (time_t)(ms / MS);
    struct tm tm;

    gmtime_r(&t, &tm);
    snprintf(out, MOMENT_TEXT_MAX, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec, (int)(ms % MS));
    return out;
}

const char *moment_local(uint64_t ms, char out[static MOMENT_TEXT_MAX])
{
    time_t t = (time_t)(ms / MS);
    struct tm tm;

    localtime_r(&t, &tm);
    snprintf(out, MOMENT_TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900,
             tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return out;
}

const char *moment_zone(uint64_t ms, char out[static MOMENT_TEXT_MAX])
{
    time_t t = (time_t)(ms / MS);
    struct tm tm;
    long minutes;

    localtime_r(&t, &tm);
    minutes = labs(tm.tm_gmtoff) / 60;
    if (minutes == 0)
        snprintf(out, MOMENT_TEXT_MAX, "UTC");
    else
        snprintf(out, MOMENT_TEXT_MAX, "%c%02ld:%02ld", tm.tm_gmtoff < 0 ? '-' : '+', minutes / 60,
                 minutes % 60);
    return out;
}
