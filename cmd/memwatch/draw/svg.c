/* SPDX-License-Identifier: MIT */
#include "svg.h"

#include "moment.h"
#include "utf8.h"

enum {
    TEXT = 12, /* height of letters, and of the smaller ones */
    SMALL = 11,
    PAD = 16,     /* around everything */
    TITLE = 42,   /* room of the drawing's title */
    HEAD = 24,    /* of a panel's title */
    ROW = 16,     /* of a line of the legend */
    LEFT = 52,    /* of the numbers at the axis */
    FOOT = 40,    /* of the times */
    BETWEEN = 14, /* of two panels */
    PANEL = 120,  /* a panel's height where nobody says another */
    PANEL_LEAST = 24,
    NARROW = 600, /* below this the names stand above, and not beside the lines */
    BUCKETS_MAX = 4096,
};

/* About how wide a letter is, without knowing the font. */
static const double letter = 6.6;

/* ---- text ---- */

/* XML has no way to write these, U+FFFE and U+FFFF neither. */
static bool is_character(const char *s, size_t n)
{
    const unsigned char first = (unsigned char)s[0];

    if (n == 0 || (first < 0x20 && first != '\t' && first != '\n') || first == 0x7f)
        return false;
    if (first == 0xc2 && (unsigned char)s[1] < 0xa0)
        return false;
    return !(n == 3 && first == 0xef && (unsigned char)s[1] == 0xbf && (unsigned char)s[2] >= 0xbe);
}

void svg_text(FILE *out, const char *text)
{
    while (*text) {
        size_t n = utf8_length(text);

        if (!is_character(text, n))
            fputs(UTF8_REPLACEMENT, out);
        else if (*text == '<')
            fputs("&lt;", out);
        else if (*text == '>')
            fputs("&gt;", out);
        else if (*text == '&')
            fputs("&amp;", out);
        else if (*text == '"')
            fputs("&quot;", out);
        else if (*text == '\'')
            fputs("&#39;", out);
        else
            fwrite(text, 1, n, out);
        text += n ? n : 1;
    }
}

static size_t letters(const char *text)
{
    size_t n = 0;

    for (; *text; n++) {
        size_t len = utf8_length(text);

        text += len ? len : 1;
    }
    return n;
}

/* The end of a name says more than its beginning: "…b.service.memory". */
static void put_name(FILE *out, const char *name, size_t most)
{
    size_t n = letters(name), skip = n > most && most > 1 ? n - most + 1 : 0;

    if (skip > 0)
        fputs("\xe2\x80\xa6", out);
    for (; skip > 0; skip--) {
        size_t len = utf8_length(name);

        name += len ? len : 1;
    }
    svg_text(out, name);
}

/* ---- layout ---- */

struct layout {
    FILE *out;
    const struct chart *chart;
    double width, height; /* of all */
    double x, w;          /* of what is drawn in */
    double panel;         /* height of a panel's */
    bool beside;          /* the names stand beside the lines */
    size_t name_max;      /* letters of a name */
    size_t per_row;       /* names in a line of the legend */
};

static size_t longest_name(const struct chart *c)
{
    size_t most = 0;

    for (size_t i = 0; i < c->series->n_metrics; i++) {
        size_t n = letters(c->metrics[i].name);

        most = n > most ? n : most;
    }
    return most;
}

static double legend_height(const struct layout *l, const struct chart_panel *p)
{
    return l->beside ? 0 : (double)((p->n + l->per_row - 1) / l->per_row) * ROW + 4;
}

/* Everything but the panels themselves. */
static double frame_height(const struct layout *l)
{
    double h = PAD + TITLE + FOOT + PAD / 2.0;

    for (size_t i = 0; i < l->chart->n_panels; i++)
        h += HEAD + legend_height(l, &l->chart->panels[i]) + (i > 0 ? BETWEEN : 0);
    return h;
}

static struct layout lay_out(const struct chart *c, const struct svg_size *size)
{
    struct layout l = {.chart = c, .width = size->width, .x = PAD + LEFT, .panel = PANEL};
    size_t name = longest_name(c);
    double right;

    l.beside = size->width >= NARROW;
    l.name_max = (size_t)(size->width * 0.26 / letter);
    l.name_max = name < l.name_max ? name : l.name_max;
    /* beside a line stand a mark, the name and a value */
    right = l.beside ? 30 + letter * (double)(l.name_max + 9) : PAD;
    l.w = l.width - l.x - right;
    if (!l.beside) {
        l.name_max = name < 30 ? name : 30;
        l.per_row = (size_t)((l.width - 2 * PAD) / (30 + letter * (double)(l.name_max + 9)));
        l.per_row = l.per_row > 0 ? l.per_row : 1;
    }
    if (l.w < 40)
        l.w = 40;
    if (size->height > 0 && c->n_panels > 0)
        l.panel = (size->height - frame_height(&l)) / (double)c->n_panels;
    if (l.panel < PANEL_LEAST)
        l.panel = PANEL_LEAST;
    l.height = frame_height(&l) + l.panel * (double)c->n_panels;
    return l;
}

size_t svg_buckets(const struct chart *c, const struct svg_size *size)
{
    struct layout l = lay_out(c, size);

    return l.w < BUCKETS_MAX ? (size_t)l.w : BUCKETS_MAX;
}

/* ---- lines ---- */

static double bucket_x(const struct layout *l, size_t i)
{
    return l->x + l->w * ((double)i + 0.5) / (double)l->chart->series->n_buckets;
}

static double value_y(const struct layout *l, const struct chart_panel *p, double top, double value)
{
    return top + l->panel * (1 - chart_height(&p->axis, value));
}

static double mean_of(const struct series_bucket *b)
{
    return b->sum / (double)b->n;
}

/* The next bucket with something in it, from @i. */
static size_t next_filled(const struct series *s, size_t metric, size_t i)
{
    while (i < s->n_buckets && series_at(s, metric, i)->n == 0)
        i++;
    return i;
}

/* Where a run of buckets without a gap ends: the first one that is no more part of it. @last: its
 * last filled one. */
static size_t run_end(const struct series *s, size_t metric, size_t from, size_t *last)
{
    size_t i = from;

    do {
        *last = i;
        i = next_filled(s, metric, i + 1);
    } while (i < s->n_buckets && !series_at(s, metric, i)->gap);
    return i;
}

static bool has_width(const struct series *s, size_t metric, size_t from, size_t last)
{
    for (size_t i = from; i <= last; i++) {
        const struct series_bucket *b = series_at(s, metric, i);

        if (b->n > 0 && b->max > b->min)
            return true;
    }
    return false;
}

/* From the least to the greatest value: there along the upper edge, back along the lower one. */
static void put_band(const struct layout *l, const struct chart_panel *p, size_t line, double top,
                     size_t from, size_t last)
{
    const struct series *s = l->chart->series;
    size_t metric = p->metrics[line];
    char verb = 'M';

    if (!has_width(s, metric, from, last))
        return;
    fprintf(l->out, "<path class=\"b b%zu\" d=\"", line);
    for (size_t i = from; i <= last; i = next_filled(s, metric, i + 1), verb = 'L')
        fprintf(l->out, "%c%.1f %.1f", verb, bucket_x(l, i),
                value_y(l, p, top, series_at(s, metric, i)->max));
    for (size_t i = last + 1; i-- > from;) {
        const struct series_bucket *b = series_at(s, metric, i);

        if (b->n > 0)
            fprintf(l->out, "L%.1f %.1f", bucket_x(l, i), value_y(l, p, top, b->min));
    }
    fputs("Z\"/>\n", l->out);
}

/* Points on a level part are left out. */
static void put_means(const struct layout *l, const struct chart_panel *p, size_t line, double top,
                      size_t from, size_t last)
{
    const struct series *s = l->chart->series;
    size_t metric = p->metrics[line];

    fprintf(l->out, "<path class=\"l l%zu\" d=\"M%.1f %.1f", line, bucket_x(l, from),
            value_y(l, p, top, mean_of(series_at(s, metric, from))));
    for (size_t i = from; i < last;) {
        size_t next = next_filled(s, metric, i + 1), behind = next_filled(s, metric, next + 1);
        double y = value_y(l, p, top, mean_of(series_at(s, metric, next)));
        double here = value_y(l, p, top, mean_of(series_at(s, metric, i)));
        bool level =
            next < last && (int)(y * 10) == (int)(here * 10) &&
            (int)(y * 10) == (int)(value_y(l, p, top, mean_of(series_at(s, metric, behind))) * 10);

        if (!level)
            fprintf(l->out, "L%.1f %.1f", bucket_x(l, next), y);
        i = next;
    }
    fputs("\"/>\n", l->out);
}

/* One sample alone. */
static void put_dot(const struct layout *l, const struct chart_panel *p, size_t line, double top,
                    size_t at)
{
    const struct series_bucket *b = series_at(l->chart->series, p->metrics[line], at);

    fprintf(l->out, "<circle class=\"k%zu\" cx=\"%.1f\" cy=\"%.1f\" r=\"2\"/>\n", line,
            bucket_x(l, at), value_y(l, p, top, mean_of(b)));
}

static void put_line(const struct layout *l, const struct chart_panel *p, size_t line, double top)
{
    const struct series *s = l->chart->series;
    size_t metric = p->metrics[line], last;

    fputs("<g><title>", l->out);
    svg_text(l->out, l->chart->metrics[metric].name);
    fputs("</title>\n", l->out);
    for (size_t i = next_filled(s, metric, 0), end; i < s->n_buckets; i = end) {
        end = run_end(s, metric, i, &last);
        put_band(l, p, line, top, i, last);
        if (i == last)
            put_dot(l, p, line, top, i);
        else
            put_means(l, p, line, top, i, last);
    }
    fputs("</g>\n", l->out);
}

static void put_thresholds(const struct layout *l, const struct chart_panel *p, double top)
{
    const struct chart *c = l->chart;

    for (size_t i = 0; i < c->n_thresholds; i++) {
        for (size_t k = 0; k < p->n; k++) {
            const struct chart_threshold *t = &c->thresholds[i];
            char text[METRIC_TEXT_MAX];
            double y;

            if (p->metrics[k] != t->metric)
                continue;
            metric_format(p->unit, t->value, text);
            y = value_y(l, p, top, t->value);
            fprintf(l->out, "<path class=\"t l%zu\" d=\"M%.1f %.1fh%.1f\"/>\n", k, l->x, y, l->w);
            fprintf(l->out, "<text class=\"s h\" x=\"%.1f\" y=\"%.1f\">", l->x + 4,
                    y - top < SMALL + 4 ? y + SMALL + 1 : y - 4);
            put_name(l->out, c->metrics[t->metric].name, l->name_max);
            fprintf(l->out, " %s</text>\n", text);
        }
    }
}

/* ---- names ---- */

static void put_label(const struct layout *l, const struct chart_panel *p, size_t line, double x,
                      double y)
{
    size_t metric = p->metrics[line];
    char value[METRIC_TEXT_MAX] = "absent";

    if (l->chart->series->totals[metric].n > 0)
        chart_value(l->chart, metric, l->chart->series->totals[metric].last, value);
    fprintf(l->out,
            "<rect class=\"k%zu\" x=\"%.1f\" y=\"%.1f\" width=\"10\" height=\"3\" rx=\"1.5\"/>"
            "<text x=\"%.1f\" y=\"%.1f\">",
            line, x, y - 1.5, x + 15, y + 4);
    put_name(l->out, l->chart->metrics[metric].name, l->name_max);
    fprintf(l->out, " <tspan class=\"m\">%s</tspan></text>\n", value);
}

/* Where each name stands: at the end of its line, moved apart so that none covers another. */
static void place_labels(const struct layout *l, const struct chart_panel *p, double top,
                         size_t order[CHART_LINES_MAX], double at[CHART_LINES_MAX])
{
    double lowest = top + l->panel;

    for (size_t i = 0; i < p->n; i++) {
        const struct series_total *t = &l->chart->series->totals[p->metrics[i]];
        double y = value_y(l, p, top, t->n > 0 ? t->last : 0);
        size_t k = i;

        for (; k > 0 && at[k - 1] > y; k--) {
            at[k] = at[k - 1];
            order[k] = order[k - 1];
        }
        at[k] = y;
        order[k] = i;
    }
    for (size_t i = 1; i < p->n; i++)
        at[i] = at[i] < at[i - 1] + ROW ? at[i - 1] + ROW : at[i];
    for (size_t i = p->n; i-- > 0; lowest -= ROW)
        at[i] = at[i] > lowest ? lowest : at[i];
}

static void put_labels_beside(const struct layout *l, const struct chart_panel *p, double top)
{
    size_t order[CHART_LINES_MAX];
    double at[CHART_LINES_MAX], x = l->x + l->w;

    place_labels(l, p, top, order, at);
    for (size_t i = 0; i < p->n; i++) {
        const struct series_total *t = &l->chart->series->totals[p->metrics[order[i]]];

        if (t->n > 0 && !t->broken)
            fprintf(l->out, "<path class=\"c\" d=\"M%.1f %.1fL%.1f %.1f\"/>\n", x + 2,
                    value_y(l, p, top, t->last), x + 11, at[i]);
        put_label(l, p, order[i], x + 14, at[i]);
    }
}

static void put_labels_above(const struct layout *l, const struct chart_panel *p, double y)
{
    double wide = (l->width - 2 * PAD) / (double)l->per_row;

    for (size_t i = 0; i < p->n; i++)
        put_label(l, p, i, PAD + wide * (double)(i % l->per_row),
                  y + ROW * (double)(i / l->per_row) + ROW / 2.0);
}

/* ---- axes ---- */

static void put_scale(const struct layout *l, const struct chart_panel *p, double top)
{
    unsigned every = 1 + (unsigned)((p->axis.marks + 1) * (SMALL + 2) / (l->panel + SMALL));

    for (unsigned i = 0; i <= p->axis.marks; i++) {
        double y = top + l->panel * (1 - (double)i / p->axis.marks);
        char text[METRIC_TEXT_MAX];

        fprintf(l->out, "<path class=\"%s\" d=\"M%.1f %.1fh%.1f\"/>\n", i ? "g" : "a", l->x, y,
                l->w);
        if (i % every != 0)
            continue;
        axis_text(p->unit, p->axis.step * i, p->axis.step, text);
        fprintf(l->out, "<text class=\"s m e\" x=\"%.1f\" y=\"%.1f\">%s</text>\n", l->x - 6, y + 4,
                text);
    }
}

static double time_x(const struct layout *l, uint64_t ms)
{
    const struct series *s = l->chart->series;

    return l->x + l->w * (double)(ms - s->from_ms) / ((double)(s->to_ms - s->from_ms) + 1);
}

static size_t find_times(const struct layout *l, struct axis_time times[static AXIS_TIMES_MAX])
{
    const struct series *s = l->chart->series;
    unsigned want = (unsigned)(l->w / 75);

    return axis_times(s->from_ms, s->to_ms, want > 1 ? want : 1, times);
}

/* The same moment in all panels. */
static void put_moments(const struct layout *l, double top)
{
    struct axis_time times[AXIS_TIMES_MAX];
    size_t n = find_times(l, times);

    fputs("<path class=\"g\" d=\"", l->out);
    for (size_t i = 0; i < n; i++)
        fprintf(l->out, "M%.1f %.1fv%.1f", time_x(l, times[i].ms), top, l->panel);
    fputs("\"/>\n", l->out);
}

static void put_times(const struct layout *l, double y)
{
    struct axis_time times[AXIS_TIMES_MAX];
    size_t n = find_times(l, times);

    for (size_t i = 0; i < n; i++) {
        double x = time_x(l, times[i].ms);

        fprintf(l->out,
                "<path class=\"a\" d=\"M%.1f %.1fv4\"/>"
                "<text class=\"s m c\" x=\"%.1f\" y=\"%.1f\">%s</text>",
                x, y, x, y + 17, times[i].text);
        if (*times[i].day)
            fprintf(l->out, "<text class=\"s m c\" x=\"%.1f\" y=\"%.1f\">%s</text>", x, y + 31,
                    times[i].day);
        fputc('\n', l->out);
    }
}

/* ---- all of it ---- */

static double put_panel(const struct layout *l, const struct chart_panel *p, double y)
{
    double top = y + HEAD + legend_height(l, p);

    fprintf(l->out, "<g>\n<text class=\"p\" x=\"%d\" y=\"%.1f\">%s</text>\n", PAD, y + 14,
            p->title);
    if (!l->beside)
        put_labels_above(l, p, y + HEAD - 4);
    put_moments(l, top);
    put_scale(l, p, top);
    put_thresholds(l, p, top);
    for (size_t i = 0; i < p->n; i++)
        put_line(l, p, i, top);
    if (l->beside)
        put_labels_beside(l, p, top);
    fputs("</g>\n", l->out);
    return top + l->panel;
}

/* "2026-11-22 21:40:00 to 22:40:00, UTC" */
static void put_range(FILE *out, const struct chart *c)
{
    char from[MOMENT_TEXT_MAX], to[MOMENT_TEXT_MAX], zone[MOMENT_TEXT_MAX];
    size_t day = strlen("2026-11-22 ");
    const char *end = to;

    moment_local(c->series->from_ms, from);
    moment_local(c->series->to_ms, to);
    if (strncmp(from, to, day) == 0)
        end += day;
    fprintf(out, "%s to %s, %s", from, end, moment_zone(c->series->from_ms, zone));
}

static void put_description(const struct layout *l)
{
    const struct chart *c = l->chart;

    fputs("<title id=\"title\">", l->out);
    svg_text(l->out, c->title);
    fputs("</title>\n<desc id=\"desc\">", l->out);
    put_range(l->out, c);
    for (size_t i = 0; i < c->series->n_metrics; i++) {
        const struct series_total *t = &c->series->totals[i];
        char min[METRIC_TEXT_MAX], mean[METRIC_TEXT_MAX], max[METRIC_TEXT_MAX];

        chart_value(c, i, t->min, min);
        chart_value(c, i, t->n ? t->sum / (double)t->n : 0, mean);
        chart_value(c, i, t->max, max);
        fputs("; ", l->out);
        svg_text(l->out, c->metrics[i].name);
        fprintf(l->out, ": at least %s, on average %s, at most %s", min, mean, max);
    }
    fputs("</desc>\n", l->out);
}

/* Found by search: any two are told apart with every kind of colour blindness (in OKLab at least 12
 * hundredths, simulated after Machado), and each stands out from its background by 3:1. */
static const char *const light[] = {"#1449b1", "#a1360c", "#2b8d82",
                                    "#802b6b", "#a87a0a", "#a377dd"};
static const char *const dark[] = {"#81abfe", "#ef460f", "#31e1ad",
                                   "#e3629d", "#e6b105", "#925fe4"};

static void put_colours(FILE *out, const char *const colours[static CHART_LINES_MAX])
{
    for (int i = 0; i < CHART_LINES_MAX; i++)
        fprintf(out, ".l%d,.b%d{stroke:%s}.b%d,.k%d{fill:%s}", i, i, colours[i], i, i, colours[i]);
    fputc('\n', out);
}

void svg_style(FILE *out, bool inside)
{
    fprintf(
        out,
        "text{font:%dpx system-ui,-apple-system,\"Segoe UI\",\"DejaVu Sans\",sans-serif;"
        "fill:#1f1f1d}\n"
        ".s{font-size:%dpx}.p{font-weight:600;font-size:13px}.q{font-weight:600;"
        "font-size:15px}.m{fill:#66645f}.e{text-anchor:end}text.c{text-anchor:middle}\n"
        "path{fill:none}.bg{fill:%s}.g{stroke:#e6e5e0}.a{stroke:#8f8d86}path.c{stroke:#b5b3ac}\n"
        ".l{stroke-width:1.6;stroke-linejoin:round;stroke-linecap:round}"
        ".b{fill-opacity:.2;stroke-opacity:.5;stroke-width:.6}.t{stroke-dasharray:6 "
        "4;stroke-width:1.2}\n"
        ".h{paint-order:stroke;stroke:#fcfcfb;stroke-width:3px;stroke-linejoin:round}\n",
        TEXT, SMALL, inside ? "none" : "#fcfcfb");
    put_colours(out, light);
    fprintf(out,
            "@media (prefers-color-scheme:dark){text{fill:#f1f0ec}.m{fill:#aaa8a0}.bg{fill:%s}"
            ".g{stroke:#33322f}.a{stroke:#77756e}path.c{stroke:#55534d}.h{stroke:#1a1a19}\n",
            inside ? "none" : "#1a1a19");
    put_colours(out, dark);
    fputs("}\n", out);
}

void svg_write(FILE *out, const struct chart *c, const struct svg_size *size, bool inside)
{
    struct layout l = lay_out(c, size);
    double y = PAD + TITLE;

    l.out = out;
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" width=\"%.0f\" "
            "height=\"%.0f\" role=\"img\" aria-labelledby=\"title desc\">\n",
            l.width, l.height, l.width, l.height);
    put_description(&l);
    if (!inside) {
        fputs("<style>", out);
        svg_style(out, false);
        fputs("</style>\n", out);
    }
    fprintf(out, "<rect class=\"bg\" width=\"%.0f\" height=\"%.0f\"/>\n", l.width, l.height);
    fprintf(out, "<text class=\"q\" x=\"%d\" y=\"%d\">", PAD, PAD + 12);
    put_name(out, c->title, (size_t)((l.width - 2 * PAD) / (letter * 1.35)));
    fprintf(out, "</text>\n<text class=\"s m\" x=\"%d\" y=\"%d\">", PAD, PAD + 28);
    put_range(out, c);
    fputs("</text>\n", out);
    for (size_t i = 0; i < c->n_panels; i++)
        y = put_panel(&l, &c->panels[i], y + (i > 0 ? BETWEEN : 0));
    put_times(&l, y);
    fputs("</svg>\n", out);
}
