/* SPDX-License-Identifier: MIT */
/* livedraw - words, bars and lines of blocks on the screen, cut to the room that there is */
#ifndef HEADROOM_MEMWATCH_LIVEDRAW_H
#define HEADROOM_MEMWATCH_LIVEDRAW_H

#include "liveterm.h"

/**
 * livedraw_text() - put a text of anybody's on the screen
 *
 * Whatever is not printable, or has no width of its own, or is not valid in the locale, is written
 * as \\xNN.
 *
 * Return: columns that it took, @width at most.
 */
int livedraw_text(int y, int x, int width, const char *text);

/* The same by a format; of one line. */
int livedraw_format(int y, int x, int width, const char *format, ...) _printf_(4, 5);

/* [used, cache, free]: shares of @total. @pair: colour of the first. */
void livedraw_bar(const struct liveterm *t, int y, int x, int width, uint64_t used, uint64_t cache,
                  uint64_t total);

/* A block for each value, the newest at the right end; blank for NAN. @full: the value of a whole
 * block. */
void livedraw_spark(const struct liveterm *t, int y, int x, int width, const double *values,
                    size_t n, double full);

#endif
