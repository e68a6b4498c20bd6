/* SPDX-License-Identifier: MIT */
/* svg - a chart as an SVG drawing: by itself, or inside a page */
#ifndef HEADROOM_SVG_H
#define HEADROOM_SVG_H

#include "chart.h"

struct svg_size {
    unsigned width, height; /* of the drawing; height 0: as high as the panels like to be */
};

/* How many buckets such a drawing can show. */
size_t svg_buckets(const struct chart *c, const struct svg_size *size);

/**
 * svg_write() - write the drawing
 * @inside: it becomes part of an HTML page, whose colours and title it shares
 *
 * Whether @out took it all is told by ferror(3).
 */
void svg_write(FILE *out, const struct chart *c, const struct svg_size *size, bool inside);

/* The colours and fonts, light and dark, as style sheet. */
void svg_style(FILE *out, bool inside);

/* @text for XML and HTML, in elements and in attributes: what is no character there is U+FFFD. */
void svg_text(FILE *out, const char *text);

#endif
