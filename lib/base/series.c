/* SPDX-License-Identifier: MIT */
#include "series.h"

#include <math.h>

int series_init(struct series *s, size_t n_metrics, size_t n_buckets, uint64_t from_ms,
                uint64_t to_ms, uint64_t gap_ms)
{
    struct series made = {
        from_ms, to_ms < from_ms ? from_ms : to_ms, gap_ms, n_buckets, n_metrics, NULL, NULL};

    made.buckets = calloc(n_metrics * n_buckets + 1, sizeof(*made.buckets));
    made.totals = calloc(n_metrics + 1, sizeof(*made.totals));
    if (!made.buckets || !made.totals) {
        series_clear(&made);
        return -ENOMEM;
    }
    *s = made;
    return 0;
}

void series_clear(struct series *s)
{
    free(s->buckets);
    free(s->totals);
    *s = SERIES_INIT;
}

const struct series_bucket *series_at(const struct series *s, size_t metric, size_t i)
{
    return &s->buckets[metric * s->n_buckets + i];
}

static size_t bucket_of(const struct series *s, uint64_t t_ms)
{
    double span = (double)(s->to_ms - s->from_ms) + 1;
    size_t i = (size_t)((double)(t_ms - s->from_ms) / span * (double)s->n_buckets);

    return i < s->n_buckets ? i : s->n_buckets - 1;
}

static void add_value(struct series_bucket *b, double value, bool gap)
{
    if (b->n == 0) {
        b->min = b->max = b->first = value;
        b->sum = 0;
        b->gap = gap;
    }
    b->min = value < b->min ? value : b->min;
    b->max = value > b->max ? value : b->max;
    b->sum += value;
    b->last = value;
    b->n++;
}

static void add_total(struct series_total *t, uint64_t t_ms, double value)
{
    t->min = t->n == 0 || value < t->min ? value : t->min;
    t->max = t->n == 0 || value > t->max ? value : t->max;
    t->sum += value;
    t->last = value;
    t->last_ms = t_ms;
    t->broken = false;
    t->n++;
}

void series_add(struct series *s, uint64_t t_ms, const double *values)
{
    size_t at;

    if (t_ms < s->from_ms || t_ms > s->to_ms)
        return;
    at = bucket_of(s, t_ms);
    for (size_t i = 0; i < s->n_metrics; i++) {
        struct series_total *t = &s->totals[i];

        if (isnan(values[i])) {
            t->broken = true;
            continue;
        }
        add_value(&s->buckets[i * s->n_buckets + at], values[i],
                  t->n == 0 || t->broken || t_ms < t->last_ms || t_ms - t->last_ms > s->gap_ms);
        add_total(t, t_ms, values[i]);
    }
}

void series_shift(struct series *s, size_t n)
{
    uint64_t width = (s->to_ms - s->from_ms + 1) / s->n_buckets;
    size_t keep;

    n = n > s->n_buckets ? s->n_buckets : n;
    keep = s->n_buckets - n;
    for (size_t i = 0; i < s->n_metrics; i++) {
        struct series_bucket *b = s->buckets + i * s->n_buckets;

        memmove(b, b + n, keep * sizeof(*b));
        memset(b + keep, 0, n * sizeof(*b));
    }
    s->from_ms += width * n;
    s->to_ms += width * n;
}
