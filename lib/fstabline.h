/* SPDX-License-Identifier: MIT */
/* fstabline - the lines of an fstab as bytes, and as libmount understands them; for fstab and
 * fstablist */
#ifndef HEADROOM_FSTABLINE_H
#define HEADROOM_FSTABLINE_H

#include "err.h"
#include "kv.h"
#include <libmount.h>

enum { FSTABLINE_SOURCE, FSTABLINE_OPTIONS = 3, FSTABLINE_WORDS };

#define FSTABLINE_SIZE "x-headroom.size"
#define FSTABLINE_LABEL "x-headroom.label"
#define FSTABLINE_BACKING "x-headroom.backing"

/* One line of the file; all spans lie in the text. */
struct fstabline {
    struct kv_span whole;                  /* newline included */
    struct kv_span body;                   /* without newline and the CR before it */
    struct kv_span words[FSTABLINE_WORDS]; /* as spelled, escapes and all */
    unsigned n_words;                      /* at most FSTABLINE_WORDS are counted */
};

/* Steps to the line at *@cursor. Return: false at the end of the text. */
bool fstabline_next(const char **cursor, struct fstabline *out);

/* What libmount makes of one line. @fs: set to NULL if that is no entry; belongs to @tb, which is
 * for fstabline_free_table(), also after a failure. Return: 0 or -ENOMEM. */
int fstabline_understand(const struct fstabline *line, struct libmnt_table **tb,
                         struct libmnt_fs **fs, struct err *e);
void fstabline_free_table(struct libmnt_table **tb);

/* The path without doubled slashes; caller frees. NULL: out of memory. */
char *fstabline_collapse(const char *path);

#endif
