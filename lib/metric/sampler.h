/* SPDX-License-Identifier: MIT */
/*
 * sampler - measure some metrics again and again
 *
 * The files of the metrics' families are opened once and read by pread(2) until they end; a sample
 * allocates nothing. A file that has to be named anew (a group that was removed and made again, a
 * process that ended) is absent meanwhile. Time is CLOCK_BOOTTIME, so that a suspended machine is
 * one long interval and no burst.
 */
#ifndef HEADROOM_SAMPLER_H
#define HEADROOM_SAMPLER_H

#include "metric.h"
#include "root.h"
#include "sampler_state.h"

struct sampler;

/**
 * sampler_new() - open what the metrics are read from
 * @metrics: borrowed until sampler_free(), @n of them
 *
 * What is not there is no failure: its value is absent.
 *
 * Return: 0, -ENOMEM, or -EMFILE.
 */
int sampler_new(const struct root *root, const struct metric *metrics, size_t n,
                struct sampler **out, struct err *e);
void sampler_free(struct sampler **s);

/* Read everything once. Never fails as a whole: each value tells its own state. */
void sampler_take(struct sampler *s);

/* The value of metric @i in the last sample; @out is set for SAMPLER_NUMBER only. */
enum sampler_state sampler_value(const struct sampler *s, size_t i, double *out);

/* Why there is no number, for a message: object, cause and remedy; "" when there is one. Valid
 * until the next sample or question. */
const char *sampler_why(struct sampler *s, size_t i);

/* When the last sample was taken, and how long after the one before (0 for the first), in
 * nanoseconds. */
uint64_t sampler_time(const struct sampler *s); /* CLOCK_BOOTTIME */
uint64_t sampler_interval(const struct sampler *s);

#endif
