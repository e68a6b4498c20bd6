/* SPDX-License-Identifier: MIT */
/*
 * exposition - write metrics as Prometheus reads them
 *
 * Two texts: format 0.0.4 of Prometheus, which node_exporter's textfile collector wants, and
 * OpenMetrics 1.0.0. All names begin with "headroom_"; the unit and, for a counter, "_total" follow
 * what the family is called. No timestamps: the textfile collector refuses a file that has any.
 */
#ifndef HEADROOM_EXPOSITION_H
#define HEADROOM_EXPOSITION_H

#include "base.h"

enum exposition_format { EXPOSITION_PROMETHEUS, EXPOSITION_OPENMETRICS };
enum exposition_type { EXPOSITION_GAUGE, EXPOSITION_COUNTER };

struct exposition_family {
    const char *name; /* "swap_area_size" */
    enum exposition_type type;
    const char *unit; /* "bytes", "ratio"; NULL: none */
    const char *help;
};

struct exposition_label {
    const char *name; /* NULL ends a list of them */
    const char *value;
};

enum { EXPOSITION_NAME_MAX = 128 };

struct exposition {
    FILE *out; /* borrowed; whether it took all is told by ferror(3) and fflush(3) */
    enum exposition_format format;
    const struct exposition_family *family; /* borrowed: the current one */
    bool begun;                             /* it has a sample */
};

#define EXPOSITION_INIT(stream, how) ((struct exposition){.out = (stream), .format = (how)})

/* Begin a family. One without samples is not written. Each family is begun once. */
void exposition_begin(struct exposition *x, const struct exposition_family *family);

/* @labels: ended by one without a name; NULL: none. Bytes that are no UTF-8 become U+FFFD. */
void exposition_sample(struct exposition *x, const struct exposition_label *labels, double value);

/* What stands behind the last family. */
void exposition_end(struct exposition *x);

/* "headroom_swap_area_size_bytes": without "_total". */
void exposition_full_name(const struct exposition_family *family,
                          char out[static EXPOSITION_NAME_MAX]);

#endif
