/* SPDX-License-Identifier: MIT */
#include "chart.h"

#include <math.h>

void chart_clear(struct chart *c)
{
    free(c->panels);
    *c = CHART_INIT;
}

static const struct metric_info *info_of(const char *name, struct metric *m)
{
    return metric_parse(name, m, NULL) == 0 ? m->info : NULL;
}

const char *chart_meaning(const struct history_metric *m)
{
    struct metric parsed = METRIC_INIT;
    const struct metric_info *info = info_of(m->name, &parsed);

    metric_clear(&parsed);
    return info ? info->meaning : NULL; /* the vocabulary is for ever */
}

/* Percent of what: of a size, or of time? These do not belong on one scale. */
static const char *percent_title(const char *name)
{
    struct metric m = METRIC_INIT;
    const struct metric_info *info = info_of(name, &m);
    const char *title = "in use";

    if (info && (info->family == METRIC_PSI || info->id == METRIC_CGROUP_PSI ||
                 info->id == METRIC_CGROUP_PSI_FULL))
        title = "time waiting";
    else if (info && info->family == METRIC_KSWAPD)
        title = "processor time";
    else if (info && info->id == METRIC_RECLAIM_EFFICIENCY)
        title = "efficiency";
    metric_clear(&m);
    return title;
}

static const char *title_of(const struct history_metric *m)
{
    switch (m->unit) {
    case METRIC_PERCENT:
        return percent_title(m->name);
    case METRIC_BYTES:
        return "bytes";
    case METRIC_BYTES_PER_SECOND:
        return "bytes per second";
    case METRIC_PAGES_PER_SECOND:
        return "pages per second";
    case METRIC_RATIO:
        return "ratio";
    case METRIC_COUNT:
        break;
    }
    return "count";
}

static struct chart_panel *find_panel(struct chart *c, const char *title)
{
    for (size_t i = c->n_panels; i > 0; i--) {
        if (streq(c->panels[i - 1].title, title))
            return c->panels[i - 1].n < CHART_LINES_MAX ? &c->panels[i - 1] : NULL;
    }
    return NULL;
}

int chart_sort(struct chart *c)
{
    c->panels = calloc(c->series->n_metrics + 1, sizeof(*c->panels));
    if (!c->panels)
        return -ENOMEM;
    for (size_t i = 0; i < c->series->n_metrics; i++) {
        const char *title = title_of(&c->metrics[i]);
        struct chart_panel *p = find_panel(c, title);

        if (!p) {
            p = &c->panels[c->n_panels++];
            p->title = title;
            p->unit = c->metrics[i].unit;
        }
        p->metrics[p->n++] = i;
    }
    return 0;
}

static double greatest(const struct chart *c, size_t metric)
{
    const struct series_total *t = &c->series->totals[metric];
    double max = t->n > 0 ? t->max : 0;

    for (size_t i = 0; i < c->n_thresholds; i++) {
        if (c->thresholds[i].metric == metric && c->thresholds[i].value > max)
            max = c->thresholds[i].value;
    }
    return max < 1e300 ? max : 1e300;
}

/* A part of a whole is seen against the whole. */
static double whole_of(const char *title)
{
    return streq(title, "in use") || streq(title, "efficiency") ? 100 : 0;
}

struct axis_values chart_scale_of(const struct chart *c, size_t metric, unsigned want)
{
    double max = greatest(c, metric), whole = whole_of(title_of(&c->metrics[metric]));

    return axis_values(c->metrics[metric].unit, max > whole ? max : whole, want);
}

void chart_scale(struct chart *c, unsigned want)
{
    for (size_t i = 0; i < c->n_panels; i++) {
        struct chart_panel *p = &c->panels[i];
        double max = whole_of(p->title);

        for (size_t k = 0; k < p->n; k++) {
            double own = greatest(c, p->metrics[k]);

            max = own > max ? own : max;
        }
        p->axis = axis_values(p->unit, max, want);
    }
}

double chart_height(const struct axis_values *axis, double value)
{
    double h = value / axis->top;

    return h > 1 ? 1 : h > 0 ? h : 0;
}

void chart_value(const struct chart *c, size_t metric, double value, char out[METRIC_TEXT_MAX])
{
    if (c->series->totals[metric].n == 0 || isnan(value))
        snprintf(out, METRIC_TEXT_MAX, "-");
    else if (value < 0 || value > 1.8e19)
        snprintf(out, METRIC_TEXT_MAX, "%.3g", value);
    else
        metric_format(c->metrics[metric].unit, value, out);
}
