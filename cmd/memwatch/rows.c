/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include "decimal.h"
#include "json.h"
#include <sys/ioctl.h>
#include <time.h>

enum { TIME_TEXT = 40, SCREEN = 24, LINE = 1024, WIDEST = 200 };

/* ---- columns */

/* "psi.memory" over "some.avg10": cut at the dot that makes the column narrowest. */
static size_t heading_cut(const char *name)
{
    size_t n = strlen(name), best = 0, width = n;

    if (strchr(name, '/'))
        return 0;
    for (size_t i = 1; i + 1 < n; i++) {
        size_t below = n - i - 1, wider = i > below ? i : below;

        if (name[i] == '.' && wider < width) {
            width = wider;
            best = i;
        }
    }
    return best;
}

/* What a value may need. */
static size_t value_width(const struct rows *rows, enum metric_unit unit)
{
    static const unsigned char widths[] = {
        [METRIC_PERCENT] = 6,          [METRIC_BYTES] = 7, [METRIC_BYTES_PER_SECOND] = 9,
        [METRIC_PAGES_PER_SECOND] = 7, [METRIC_RATIO] = 5, [METRIC_COUNT] = 5,
    };

    return rows->bytes && (unit == METRIC_BYTES || unit == METRIC_BYTES_PER_SECOND) ? 13
                                                                                    : widths[unit];
}

static struct rows_column column_of(const struct rows *rows, const struct metric *m)
{
    size_t cut = heading_cut(m->name), below = strlen(m->name) - (cut ? cut + 1 : 0);
    size_t width = value_width(rows, m->info->unit);

    width = cut > width ? cut : width;
    width = below > width ? below : width;
    return (struct rows_column){cut, width < WIDEST ? width : WIDEST};
}

int rows_begin(struct rows *rows, struct err *e)
{
    rows->columns = calloc(rows->n ? rows->n : 1, sizeof(*rows->columns));
    if (!rows->columns)
        return err_oom(e);
    for (size_t i = 0; i < rows->n; i++)
        rows->columns[i] = column_of(rows, &rows->metrics[i]);
    return 0;
}

void rows_clear(struct rows *rows)
{
    free(TAKE_PTR(rows->columns));
}

static void print_right(const char *text, size_t n, size_t width)
{
    static const char blanks[] = "                                ";

    while (width > n) {
        size_t some = width - n < sizeof(blanks) - 1 ? width - n : sizeof(blanks) - 1;

        fwrite(blanks, 1, some, stdout);
        width -= some;
    }
    fwrite(text, 1, n, stdout);
}

static size_t time_text(char text[static TIME_TEXT], const char *format, bool utc)
{
    time_t now = time(NULL);
    struct tm tm;

    if (utc)
        gmtime_r(&now, &tm);
    else
        localtime_r(&now, &tm);
    return strftime(text, TIME_TEXT, format, &tm);
}

static void print_heading_line(const struct rows *rows, bool upper)
{
    char time[TIME_TEXT];

    if (rows->timestamp)
        print_right(upper ? "" : "time", upper ? 0 : 4, time_text(time, "%FT%T%z", false));
    for (size_t i = 0; i < rows->n; i++) {
        const struct metric *m = &rows->metrics[i];
        size_t cut = rows->columns[i].cut;
        const char *text = upper || !cut ? m->name : m->name + cut + 1;

        if (i > 0 || rows->timestamp)
            putc(' ', stdout);
        print_right(text, upper ? cut : strlen(text), rows->columns[i].width);
    }
    putc('\n', stdout);
}

/* Once; on a terminal once for each screen. */
static void print_headings(struct rows *rows)
{
    struct winsize size;
    unsigned height;

    if (rows->noheadings || (rows->headed && rows->left > 0)) {
        rows->left -= rows->left > 0;
        return;
    }
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) {
        height = size.ws_row > 0 ? size.ws_row : SCREEN;
        rows->left = height > 4 ? height - 4 : 1;
    } else {
        rows->left = UINT32_MAX;
    }
    print_heading_line(rows, true);
    print_heading_line(rows, false);
    rows->headed = true;
}

static bool is_bytes(const struct metric *m)
{
    return m->info->unit == METRIC_BYTES || m->info->unit == METRIC_BYTES_PER_SECOND;
}

/* Return: behind it. */
static char *put_value(const struct rows *rows, const struct sampler *s, size_t i, char *p)
{
    const struct metric *m = &rows->metrics[i];
    char text[METRIC_TEXT_MAX];
    enum sampler_state state;
    double value;
    size_t n;

    state = sampler_value(s, i, &value);
    if (state != SAMPLER_NUMBER)
        strcpy(text, state == SAMPLER_BROKEN ? "?" : "-");
    else if (rows->bytes && is_bytes(m))
        decimal_put(text, (uint64_t)value);
    else
        metric_format(m->info->unit, value, text);
    n = strlen(text);
    if (n < rows->columns[i].width) {
        memset(p, ' ', rows->columns[i].width - n);
        p += rows->columns[i].width - n;
    }
    return mempcpy(p, text, n);
}

/* Cell by cell, so that a long name makes no long buffer. */
static void print_text(struct rows *rows, const struct sampler *s)
{
    char line[LINE + TIME_TEXT], *p = line;

    print_headings(rows);
    if (rows->timestamp)
        p += time_text(line, "%FT%T%z", false);
    for (size_t i = 0; i < rows->n; i++) {
        if ((size_t)(p - line) + rows->columns[i].width + METRIC_TEXT_MAX >= LINE) {
            fwrite(line, 1, (size_t)(p - line), stdout);
            p = line;
        }
        if (i > 0 || rows->timestamp)
            *p++ = ' ';
        p = put_value(rows, s, i, p);
    }
    *p++ = '\n';
    fwrite(line, 1, (size_t)(p - line), stdout);
}

/* ---- JSON */

/* Beyond what a double tells exactly nothing is lost that was there. */
static uint64_t hundredths(double value)
{
    return value < 1e16 ? (uint64_t)(value * 100 + 0.5) : UINT64_C(1000000000000000000);
}

static void print_json(const struct rows *rows, const struct sampler *s)
{
    struct json j = JSON_INIT(stdout);
    char time[TIME_TEXT];

    json_object(&j, NULL);
    time_text(time, "%FT%TZ", true);
    json_string(&j, "time", time);
    json_ratio(&j, "interval", sampler_interval(s) / 10000000);
    for (size_t i = 0; i < rows->n; i++) {
        const struct metric *m = &rows->metrics[i];
        double value;

        if (sampler_value(s, i, &value) != SAMPLER_NUMBER)
            json_null(&j, m->name);
        else if (is_bytes(m) || m->info->unit == METRIC_COUNT)
            json_number(&j, m->name, value < 9e18 ? (int64_t)value : INT64_MAX);
        else
            json_ratio(&j, m->name, hundredths(value));
    }
    json_object_end(&j);
}

void rows_print(struct rows *rows, const struct sampler *s)
{
    if (rows->json)
        print_json(rows, s);
    else
        print_text(rows, s);
    fflush(stdout);
}
