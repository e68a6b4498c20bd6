/* SPDX-License-Identifier: MIT */
#include "size.h"

#include "decimal.h"

/* "12.34" taken apart; strtod(3) would obey the locale. */
struct decimal {
    const char *whole, *whole_end;
    const char *fraction, *fraction_end; /* equal: none */
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *p)
{
    while (is_digit(*p))
        p++;
    return p;
}

/* Return: what follows the number, or NULL if there is none. */
static const char *split(const char *p, struct decimal *out)
{
    *out = (struct decimal){p, skip_digits(p), NULL, NULL};
    if (out->whole == out->whole_end)
        return NULL;
    p = out->whole_end;
    if (*p != '.')
        return p;
    out->fraction = p + 1;
    out->fraction_end = skip_digits(p + 1);
    return out->fraction == out->fraction_end ? NULL : out->fraction_end;
}

/* floor(@d * @unit), exactly. Return: false if it does not fit. */
static bool scale(const struct decimal *d, uint64_t unit, uint64_t *out)
{
    uint64_t whole = 0, part = 0;

    for (const char *p = d->whole; p < d->whole_end; p++)
        if (__builtin_mul_overflow(whole, 10U, &whole) ||
            __builtin_add_overflow(whole, (unsigned)(*p - '0'), &whole))
            return false;
    /* Backwards, so that cutting off the remainder at each digit loses nothing; 10 * unit fits. */
    for (const char *p = d->fraction_end; p > d->fraction; p--)
        part = ((uint64_t)(p[-1] - '0') * unit + part) / 10;
    if (__builtin_mul_overflow(whole, unit, &whole) || __builtin_add_overflow(whole, part, &whole))
        return false;
    *out = whole;
    return true;
}

/* Not strcasecmp(3), which obeys the locale. @word: in lower case */
static bool is_word(const char *s, const char *word)
{
    while (*word && (*s | 0x20) == *word) {
        s++;
        word++;
    }
    return *s == *word;
}

/* "", "B", "K", "KB", "KiB" and so on; 0 if it is no suffix. */
static uint64_t unit_of(const char *suffix)
{
    static const char letters[] = "KMGTPE";
    const char *letter;
    uint64_t base, unit = 1;

    if (*suffix == '\0' || is_word(suffix, "b"))
        return 1;
    letter = strchr(letters, *suffix & ~0x20);
    if (!letter || *letter == '\0')
        return 0;
    if (suffix[1] == '\0' || is_word(suffix + 1, "ib"))
        base = 1024;
    else if (is_word(suffix + 1, "b"))
        base = 1000;
    else
        return 0;
    for (const char *p = letters; p <= letter; p++)
        unit *= base;
    return unit;
}

int size_parse(const char *text, uint64_t *out, struct err *e)
{
    struct decimal d;
    const char *suffix = split(text, &d);
    uint64_t unit = suffix ? unit_of(suffix) : 0;

    if (unit == 0 || (d.fraction && *suffix == '\0'))
        return err_usage(e, -EINVAL,
                         "\"%s\": not a size; write it like 2G, 512M, 1.5GiB, 2GB or 4096", text);
    if (!scale(&d, unit, out))
        return err_usage(e, -ERANGE, "\"%s\": too large; a size is below 16 EiB", text);
    return 0;
}

/* Above @max only that it is. */
static double decimal_value(const struct decimal *d, double max)
{
    double n = 0, part = 0;

    for (const char *p = d->whole; p < d->whole_end && n <= max; p++)
        n = n * 10 + (*p - '0');
    for (const char *p = d->fraction_end; p > d->fraction; p--)
        part = (part + (p[-1] - '0')) / 10;
    return n + part;
}

int size_parse_decimal(const char *text, double *out, struct err *e)
{
    const double max = 1e15;
    struct decimal d;
    const char *end = split(text, &d);
    double n;

    if (!end || *end)
        return err_usage(e, -EINVAL, "\"%s\": not a number; write it like 12 or 0.5", text);
    n = decimal_value(&d, max);
    if (n >= max)
        return err_usage(e, -ERANGE, "\"%s\": too large", text);
    *out = n;
    return 0;
}

int size_parse_percent(const char *text, double *out, struct err *e)
{
    struct decimal d;
    const char *suffix = split(text, &d);
    double n;

    if (!suffix || !streq(suffix, "%"))
        return err_usage(e, -EINVAL, "\"%s\": not a percentage; write it like 50%% or 12.5%%",
                         text);
    n = decimal_value(&d, 100);
    if (n > 100)
        return err_usage(e, -ERANGE, "\"%s\": out of range; a percentage is 0%% to 100%%", text);
    *out = n;
    return 0;
}

int size_parse_number(const char *text, int64_t min, int64_t max, int64_t *out, struct err *e)
{
    bool minus = min < 0 && *text == '-';
    const char *p = text + minus, *end = skip_digits(p);
    int64_t n = 0;
    bool fits = true;

    if (p == end || *end)
        return err_usage(e, -EINVAL, "\"%s\": not a number; give one from %lld to %lld", text,
                         (long long)min, (long long)max);
    for (; p < end && fits; p++) {
        int digit = minus ? '0' - *p : *p - '0';

        fits = !__builtin_mul_overflow(n, 10, &n) && !__builtin_add_overflow(n, digit, &n);
    }
    if (!fits || n < min || n > max)
        return err_usage(e, -ERANGE, "\"%s\": out of range; give a number from %lld to %lld", text,
                         (long long)min, (long long)max);
    *out = n;
    return 0;
}

struct time_unit {
    const char *name;
    uint64_t ms;
};

/* Largest first; "ms" is told from "m" by taking the whole word. */
static const struct time_unit time_units[] = {
    {"d", 86400000}, {"h", 3600000}, {"m", 60000}, {"s", 1000}, {"ms", 1},
};

static const struct time_unit *time_unit_of(const char **p)
{
    size_t len = strspn(*p, "dhms");

    for (size_t i = 0; i < ARRAY_SIZE(time_units); i++)
        if (strlen(time_units[i].name) == len && strncmp(*p, time_units[i].name, len) == 0) {
            *p += len;
            return &time_units[i];
        }
    return NULL;
}

static int bad_duration(const char *text, int r, struct err *e)
{
    if (r == -ERANGE)
        return err_usage(e, r, "\"%s\": too long a duration", text);
    return err_usage(
        e, r, "\"%s\": not a duration; write it like 30s, 500ms, 1h30m or 90 (seconds)", text);
}

int size_parse_duration(const char *text, uint64_t *ms, struct err *e)
{
    static const struct time_unit seconds = {"", 1000};
    const struct time_unit *before = NULL, *unit;
    const char *p = text;
    uint64_t sum = 0, n;
    struct decimal d;

    do {
        p = split(p, &d);
        if (!p)
            return bad_duration(text, -EINVAL, e);
        unit = *p == '\0' && !before ? &seconds : time_unit_of(&p);
        if (!unit || (before && unit->ms >= before->ms))
            return bad_duration(text, -EINVAL, e);
        if (!scale(&d, unit->ms, &n) || __builtin_add_overflow(sum, n, &sum))
            return bad_duration(text, -ERANGE, e);
        before = unit;
    } while (*p);
    *ms = sum;
    return 0;
}

const char *size_format(uint64_t bytes, char buf[static SIZE_TEXT_MAX])
{
    static const char letters[] = "BKMGTPE";
    unsigned shift = 0;
    uint64_t whole, tenths = 0;
    char *p;

    while (shift < 60 && bytes >> shift >= 1024)
        shift += 10;
    whole = bytes >> shift;
    if (shift > 0)
        tenths = ((bytes - (whole << shift)) * 10 + (UINT64_C(1) << (shift - 1))) >> shift;
    whole += tenths / 10;
    tenths %= 10;
    p = decimal_put(buf, whole);
    if (tenths > 0) {
        *p++ = '.';
        *p++ = (char)('0' + tenths);
    }
    *p++ = letters[shift / 10];
    *p = '\0';
    return buf;
}

const char *size_format_duration(uint64_t seconds, char buf[static SIZE_TEXT_MAX])
{
    static const struct {
        uint64_t seconds;
        char unit;
    } units[] = {{86400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}};
    size_t i = 0;
    int n;

    while (i + 1 < ARRAY_SIZE(units) && seconds < units[i].seconds)
        i++;
    n = snprintf(buf, SIZE_TEXT_MAX, "%ju%c", (uintmax_t)(seconds / units[i].seconds),
                 units[i].unit);
    seconds %= units[i].seconds;
    if (i + 1 < ARRAY_SIZE(units) && seconds / units[i + 1].seconds > 0)
        snprintf(buf + n, SIZE_TEXT_MAX - (size_t)n, "%ju%c",
                 (uintmax_t)(seconds / units[i + 1].seconds), units[i + 1].unit);
    return buf;
}
