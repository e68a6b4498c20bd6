/* SPDX-License-Identifier: MIT */
/*
 * series - many samples in few buckets of time, without losing their peaks
 *
 * A bucket keeps the least, the greatest and the mean of what fell into it. Where a value was
 * absent, or nobody sampled for much longer than usual, there is a gap.
 */
#ifndef HEADROOM_SERIES_H
#define HEADROOM_SERIES_H

#include "base.h"

struct series_bucket {
    uint64_t n; /* samples; 0: the other fields mean nothing */
    double min, max, sum;
    double first, last; /* so that lines between buckets lead from the one to the other */
    bool gap;           /* between the value before and the first one here */
};

/* Of one metric, over all buckets. */
struct series_total {
    uint64_t n;
    double min, max, sum, last;
    uint64_t last_ms; /* when the last value was */
    bool broken;      /* a value was absent since */
};

struct series {
    uint64_t from_ms, to_ms;
    uint64_t gap_ms; /* values that are further apart have a gap between them */
    size_t n_buckets, n_metrics;
    struct series_bucket *buckets; /* of metric i: n_buckets from [i * n_buckets] */
    struct series_total *totals;   /* of each metric */
};

#define SERIES_INIT ((struct series){.n_metrics = 0})

/* @to_ms: the last moment that still belongs to it. Return: 0 or -ENOMEM. */
int series_init(struct series *s, size_t n_metrics, size_t n_buckets, uint64_t from_ms,
                uint64_t to_ms, uint64_t gap_ms);
void series_clear(struct series *s);

/* Add a sample: of each metric a value, or NAN where it is absent. What is before or behind the
 * time of the series is left out. Samples come in the order of time. */
void series_add(struct series *s, uint64_t t_ms, const double *values);

/* The bucket @i of a metric. */
const struct series_bucket *series_at(const struct series *s, size_t metric, size_t i);

/* Make room for newer samples: the oldest @n buckets go. The totals stay. */
void series_shift(struct series *s, size_t n);

#endif
