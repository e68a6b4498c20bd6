/* SPDX-License-Identifier: MIT */
/*
 * snapshot - measure some metrics once, each within a time of its own
 *
 * What may hang (a dead file system, the driver of a GPU, a process that is stuck) is read by a
 * child of its own, so that it spoils no other metric. What is told between two samples gets two.
 */
#ifndef HEADROOM_SNAPSHOT_H
#define HEADROOM_SNAPSHOT_H

#include "sampler.h"

enum { SNAPSHOT_WHY_MAX = 256 };

struct snapshot_value {
    enum sampler_state state;
    double value;               /* for SAMPLER_NUMBER only */
    char why[SNAPSHOT_WHY_MAX]; /* otherwise: object, cause and remedy */
};

struct snapshot_times {
    uint64_t interval_ms; /* between the samples of a metric that needs two */
    uint64_t timeout_ms;  /* for each; what takes longer is SAMPLER_BROKEN */
};

/**
 * snapshot_take() - measure
 * @metrics: @n of them
 * @out:     @n of them
 *
 * Return: 0, or a negated errno when no child can be started.
 */
int snapshot_take(const struct root *root, const struct metric *metrics, size_t n,
                  const struct snapshot_times *times, struct snapshot_value *out, struct err *e);

/* Does one of them need two samples? */
bool snapshot_needs_two(const struct metric *metrics, size_t n);

#endif
