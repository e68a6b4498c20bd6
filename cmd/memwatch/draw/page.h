/* SPDX-License-Identifier: MIT */
/* page - a chart as one HTML page that needs nothing else: no network, no script */
#ifndef HEADROOM_PAGE_H
#define HEADROOM_PAGE_H

#include "svg.h"

/* Write the page. Whether @out took it all is told by ferror(3). */
void page_write(FILE *out, const struct chart *c, const struct svg_size *size);

#endif
