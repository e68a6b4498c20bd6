/* SPDX-License-Identifier: MIT */
/* strip - a chart in a terminal: a strip of dots for each metric, over one time axis */
#ifndef HEADROOM_STRIP_H
#define HEADROOM_STRIP_H

#include "chart.h"

struct strip_size {
    unsigned width, height; /* of all, in characters */
    bool unicode;           /* Braille, with 2 by 4 dots in each character; otherwise ASCII */
    bool colour;
};

/* How many buckets such a strip can show: one for each column of dots. */
size_t strip_buckets(const struct strip_size *size);

/* Lines of text, the last with a newline too. Return: 0 or -ENOMEM. */
int strip_write(FILE *out, const struct chart *c, const struct strip_size *size);

#endif
