/* SPDX-License-Identifier: MIT */
/* rows - samples as lines: for people in columns, or one JSON object for each */
#ifndef HEADROOM_MEMWATCH_ROWS_H
#define HEADROOM_MEMWATCH_ROWS_H

#include "sampler.h"

struct rows {
    bool json, bytes, noheadings, timestamp;
    const struct metric *metrics; /* borrowed */
    size_t n;
    unsigned left; /* rows until the next heading; 0: now */
    bool headed;   /* there was one */
};

/* Write the row of the last sample to stdout, and flush it. Whether stdout took it is told by
 * ferror(3). */
void rows_print(struct rows *rows, const struct sampler *s);

#endif
