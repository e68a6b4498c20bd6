/* SPDX-License-Identifier: MIT */
#include "strip.h"

#include "moment.h"
#include "story.h"

enum { LABEL = 7, PLOT_LEAST = 10, ROWS_LEAST = 2, HEADING_GAP = 2 };

static const char bold[] = "\033[1m", dim[] = "\033[2m", line_colour[] = "\033[36m",
                  alarm_colour[] = "\033[33m", plain[] = "\033[0m";

/* What one dot can be; a later one is drawn over an earlier one. */
enum dot { EMPTY, LIMIT, BAND, MEAN };

struct strip {
    FILE *out;
    const struct chart *chart;
    const struct strip_size *size;
    unsigned columns, rows;  /* characters of one strip */
    unsigned across, down;   /* dots of a character */
    unsigned width, height;  /* dots of the strip */
    unsigned char *dots;     /* enum dot, [column * height + height from the bottom] */
    const double *threshold; /* of the metric that is drawn, or NULL */
    struct axis_values axis;
};

static unsigned columns_of(const struct strip_size *size)
{
    return size->width > LABEL + 1 + PLOT_LEAST ? size->width - LABEL - 1 : PLOT_LEAST;
}

size_t strip_buckets(const struct strip_size *size)
{
    return (size_t)columns_of(size) * (size->unicode ? 2 : 1);
}

static const char *colour(const struct strip *s, const char *code)
{
    return s->size->colour ? code : "";
}

/* ---- dots ---- */

static unsigned dot_height(const struct strip *s, double value)
{
    return (unsigned)(chart_height(&s->axis, value) * (s->height - 1) + 0.5);
}

static void draw(struct strip *s, size_t column, double from, double to, enum dot dot)
{
    unsigned low = dot_height(s, from < to ? from : to),
             high = dot_height(s, from < to ? to : from);

    for (unsigned i = low; i <= high; i++) {
        unsigned char *at = &s->dots[column * s->height + i];

        *at = *at < dot ? (unsigned char)dot : *at;
    }
}

/* Samples that are further apart than columns are joined by a straight line. */
static void join(struct strip *s, size_t metric, size_t before, size_t column)
{
    const struct series_bucket *a = series_at(s->chart->series, metric, before),
                               *b = series_at(s->chart->series, metric, column);
    double step = (b->first - a->last) / (double)(column - before), value = a->last;

    for (size_t i = before + 1; i < column; i++, value += step)
        draw(s, i, value, value + step, MEAN);
    /* up or down to the new value, but for the dot that the line stands on already */
    if (dot_height(s, value) < dot_height(s, b->first))
        draw(s, column, value + s->axis.top / s->height, b->first, MEAN);
    else if (dot_height(s, value) > dot_height(s, b->first))
        draw(s, column, value - s->axis.top / s->height, b->first, MEAN);
}

static void draw_metric(struct strip *s, size_t metric)
{
    const struct series *series = s->chart->series;
    size_t before = SIZE_MAX;

    memset(s->dots, EMPTY, (size_t)s->width * s->height);
    for (size_t i = 0; i < s->width; i++) {
        const struct series_bucket *b = series_at(series, metric, i);

        if (s->threshold && i % 4 < 2)
            draw(s, i, *s->threshold, *s->threshold, LIMIT);
        if (b->n == 0)
            continue;
        draw(s, i, b->min, b->max, BAND);
        draw(s, i, b->sum / (double)b->n, b->sum / (double)b->n, MEAN);
        if (before != SIZE_MAX && !b->gap)
            join(s, metric, before, i);
        before = i;
    }
}

/* ---- characters ---- */

static unsigned char dot_at(const struct strip *s, unsigned x, unsigned y)
{
    return s->dots[(size_t)x * s->height + y];
}

/* U+2800 and a bit for each of the dots, which are numbered downwards, the lowest row last. */
static void put_braille(const struct strip *s, unsigned column, unsigned bottom)
{
    static const unsigned char bits[2][4] = {{0x40, 0x04, 0x02, 0x01}, {0x80, 0x20, 0x10, 0x08}};
    unsigned char set = 0;

    for (unsigned x = 0; x < 2; x++) {
        for (unsigned y = 0; y < 4; y++) {
            if (dot_at(s, 2 * column + x, bottom + y) != EMPTY)
                set |= bits[x][y];
        }
    }
    if (set == 0)
        fputc(' ', s->out);
    else
        fprintf(s->out, "\xe2%c%c", 0xa0 | set >> 6, 0x80 | (set & 0x3f));
}

static void put_ascii(const struct strip *s, unsigned column, unsigned bottom)
{
    fputc(" -:*"[dot_at(s, column, bottom)], s -> out);
}

/* Did something in this character exceed the threshold? */
static bool exceeds(const struct strip *s, size_t metric, unsigned column)
{
    for (unsigned x = 0; x < s->across && s->threshold; x++) {
        const struct series_bucket *b =
            series_at(s->chart->series, metric, (size_t)column * s->across + x);

        if (b->n > 0 && b->max >= *s->threshold)
            return true;
    }
    return false;
}

static void put_row(const struct strip *s, size_t metric, unsigned row)
{
    unsigned bottom = (s->rows - 1 - row) * s->down;
    const char *before = "";

    for (unsigned i = 0; i < s->columns; i++) {
        const char *code = colour(s, exceeds(s, metric, i) ? alarm_colour : line_colour);

        if (code != before)
            fputs(code, s->out);
        before = code;
        if (s->size->unicode)
            put_braille(s, i, bottom);
        else
            put_ascii(s, i, bottom);
    }
    fprintf(s->out, "%s\n", colour(s, plain));
}

/* ---- what is written beside ---- */

/* The name, and as much of what is known of it as the line has room for. */
static int put_heading(const struct strip *s, size_t metric)
{
    const struct chart *c = s->chart;
    const struct series_total *t = &c->series->totals[metric];
    _cleanup_(free_ptr) char *name = story_clean(c->metrics[metric].name);
    const char *const words[] = {"now", "mean", "max", "min"};
    const double values[] = {t->last, t->n > 0 ? t->sum / (double)t->n : 0, t->max, t->min};
    size_t used;

    if (!name)
        return -ENOMEM;
    used = strlen(name);
    fprintf(s->out, "%s%s%s", colour(s, bold), name, colour(s, plain));
    if (t->n == 0)
        fputs("  absent", s->out);
    for (size_t i = 0; i < ARRAY_SIZE(words) && t->n > 0; i++) {
        char text[METRIC_TEXT_MAX];

        chart_value(c, metric, values[i], text);
        used += HEADING_GAP + strlen(words[i]) + 1 + strlen(text);
        if (used > s->size->width)
            break;
        fprintf(s->out, "  %s%s%s %s", colour(s, dim), words[i], colour(s, plain), text);
    }
    fputc('\n', s->out);
    return 0;
}

static void put_label(const struct strip *s, size_t metric, unsigned row)
{
    char text[METRIC_TEXT_MAX] = "";

    if (row == 0 || row == s->rows - 1)
        axis_text(s->chart->metrics[metric].unit, row == 0 ? s->axis.top : 0, s->axis.top, text);
    fprintf(s->out, "%s%*s%s ", colour(s, dim), LABEL, text, colour(s, plain));
}

static void put_times(const struct strip *s)
{
    const struct series *series = s->chart->series;
    struct axis_time times[AXIS_TIMES_MAX];
    size_t n = axis_times(series->from_ms, series->to_ms, s->columns / 11 + 1, times);
    double span = (double)(series->to_ms - series->from_ms) + 1;
    char zone[MOMENT_TEXT_MAX];
    unsigned at = 0;

    fprintf(s->out, "%s%*s ", colour(s, dim), LABEL, moment_zone(series->from_ms, zone));
    for (size_t i = 0; i < n; i++) {
        unsigned x = (unsigned)((double)(times[i].ms - series->from_ms) / span * s->columns);
        unsigned len = (unsigned)strlen(times[i].text);

        if (x < at || x + 1 + len > s->columns)
            continue;
        fprintf(s->out, "%*s%s%s", (int)(x - at), "", s->size->unicode ? "\xe2\x94\x94" : "|",
                times[i].text);
        at = x + 1 + len;
    }
    fprintf(s->out, "%s\n", colour(s, plain));
}

static const double *threshold_of(const struct chart *c, size_t metric)
{
    for (size_t i = 0; i < c->n_thresholds; i++) {
        if (c->thresholds[i].metric == metric)
            return &c->thresholds[i].value;
    }
    return NULL;
}

static int put_strip(struct strip *s, size_t metric)
{
    int r = put_heading(s, metric);

    if (r < 0)
        return r;
    s->threshold = threshold_of(s->chart, metric);
    s->axis = chart_scale_of(s->chart, metric, s->rows > 4 ? 4 : 2);
    draw_metric(s, metric);
    for (unsigned row = 0; row < s->rows; row++) {
        put_label(s, metric, row);
        put_row(s, metric, row);
    }
    return 0;
}

int strip_write(FILE *out, const struct chart *c, const struct strip_size *size)
{
    struct strip s = {.out = out, .chart = c, .size = size};
    unsigned n = c->series->n_metrics ? (unsigned)c->series->n_metrics : 1;
    _cleanup_(free_ptr) unsigned char *dots = NULL;
    int r = 0;

    s.columns = columns_of(size);
    s.rows = size->height > 1 + n * (1 + ROWS_LEAST) ? (size->height - 1) / n - 1 : ROWS_LEAST;
    s.across = size->unicode ? 2 : 1;
    s.down = size->unicode ? 4 : 1;
    s.width = s.columns * s.across;
    s.height = s.rows * s.down;
    s.dots = dots = calloc(s.width, s.height);
    if (!dots)
        return -ENOMEM;
    for (size_t i = 0; i < c->series->n_metrics && r == 0; i++)
        r = put_strip(&s, i);
    if (r == 0)
        put_times(&s);
    return r;
}
