/* SPDX-License-Identifier: MIT */
/* export_metrics - metrics of the vocabulary, for "memwatch export" */
#ifndef HEADROOM_MEMWATCH_EXPORT_METRICS_H
#define HEADROOM_MEMWATCH_EXPORT_METRICS_H

#include "export_sources.h"
#include "metric.h"

/**
 * export_metrics_write() - write some
 * @metrics: @n of them, none that is told between two samples
 *
 * Per cent become a ratio. What cannot be measured is left out.
 *
 * Return: 0, 1 if one is broken (that was said to @e), or a negated errno.
 */
int export_metrics_write(const struct export_sources *s, const struct metric *metrics, size_t n,
                         struct err *e);

#endif
