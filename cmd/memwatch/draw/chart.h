/* SPDX-License-Identifier: MIT */
/* chart - what is drawn where, however it is drawn afterwards: panels of metrics that share a scale
 */
#ifndef HEADROOM_CHART_H
#define HEADROOM_CHART_H

#include "axis.h"
#include "history.h"
#include "series.h"

/* As many as colours that everybody can tell apart; more metrics of a kind get a further panel. */
enum { CHART_LINES_MAX = 6 };

struct chart_threshold {
    size_t metric;
    double value;
};

struct chart_panel {
    const char *title; /* "in use", "bytes per second" */
    enum metric_unit unit;
    size_t n;
    size_t metrics[CHART_LINES_MAX];
    struct axis_values axis;
};

struct chart {
    const char *title;                    /* borrowed, as all of these */
    const struct history_metric *metrics; /* series->n_metrics of them */
    const struct series *series;
    const struct chart_threshold *thresholds;
    size_t n_thresholds;
    uint64_t samples, lost_places;
    uint64_t interval_ms;

    size_t n_panels;
    struct chart_panel *panels; /* owned */
};

#define CHART_INIT ((struct chart){.n_panels = 0})

void chart_clear(struct chart *c);

/* Sort the metrics into panels. Return: 0 or -ENOMEM. */
int chart_sort(struct chart *c);

/* Choose each panel's scale by what is in it; @want: about how many steps. */
void chart_scale(struct chart *c, unsigned want);

/* The scale of one metric by itself. */
struct axis_values chart_scale_of(const struct chart *c, size_t metric, unsigned want);

/* Where a value is on a scale: 0 at the bottom, 1 at the top, never beyond. */
double chart_height(const struct axis_values *axis, double value);

/* What is known of a metric by its name, or NULL: it may come from a later version. Its meaning,
 * for people. */
const char *chart_meaning(const struct history_metric *m);

/* A value for people, or "-" for none. */
void chart_value(const struct chart *c, size_t metric, double value, char out[METRIC_TEXT_MAX]);

#endif
