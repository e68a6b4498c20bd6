/* SPDX-License-Identifier: MIT */
/* words - split a line into words as a shell does with quotes */
#ifndef HEADROOM_WORDS_H
#define HEADROOM_WORDS_H

#include "err.h"

/**
 * words_split() - "a 'b c' d\ e" is a, b c, d e
 * @out: the words with a NUL behind each, as in /proc/PID/cmdline; caller frees
 * @len: of all of them, the last NUL too
 *
 * Blanks, tabs and newlines separate. Within '...' nothing is special, within "..." a backslash
 * keeps its meaning before $ ` " \ and a newline. Nothing is expanded.
 *
 * Return: 0; -EINVAL as ERR_USAGE for an open quote, a backslash at the end, or no word at all;
 * -ENOMEM.
 */
int words_split(const char *line, char **out, size_t *len, struct err *e);

#endif
