/* SPDX-License-Identifier: MIT */
/* rows - samples as lines: for people in columns, or one JSON object for each */
#ifndef HEADROOM_MEMWATCH_ROWS_H
#define HEADROOM_MEMWATCH_ROWS_H

#include "sampler.h"

/* Where a name is cut into two heading lines, and how wide its column is. */
struct rows_column {
    size_t cut, width;
};

struct rows {
    bool json, bytes, noheadings, timestamp;
    const struct metric *metrics; /* borrowed */
    size_t n;
    struct rows_column *columns; /* owned */
    unsigned left;               /* rows until the next heading; 0: now */
    bool headed;                 /* there was one */
};

/* Works the columns out, when all above is set. Return: 0 or -ENOMEM. */
int rows_begin(struct rows *rows, struct err *e);
void rows_clear(struct rows *rows);

/* Write the row of the last sample to stdout, and flush it. Whether stdout took it is told by
 * ferror(3). */
void rows_print(struct rows *rows, const struct sampler *s);

#endif
