/* SPDX-License-Identifier: MIT */
/* fstabline - the lines of an fstab as bytes, and as libmount understands them; for fstab and
 * fstablist */
#ifndef HEADROOM_FSTABLINE_H
#define HEADROOM_FSTABLINE_H

#include "kv.h"
#include "mountlib.h"

enum { FSTABLINE_SOURCE, FSTABLINE_TYPE = 2, FSTABLINE_OPTIONS, FSTABLINE_WORDS };

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

/* libmount at work on one line after the other; it is loaded for the first that is an entry. */
struct fstabline_reader {
    struct mountlib mnt; /* set once fstabline_load() returned 0, and whenever there is an entry */
    bool loaded;
    struct libmnt_table *tb; /* of the last line; owned */
};

#define FSTABLINE_READER_INIT ((struct fstabline_reader){.loaded = false})

void fstabline_reader_clear(struct fstabline_reader *reader);

/* Return: 0, or as mountlib_load(). */
int fstabline_load(struct fstabline_reader *reader, struct err *e);

/**
 * fstabline_understand() - what libmount makes of one line
 * @fs: set to NULL if that is no entry; lives until the next call with @reader
 *
 * Return: 0, -ENOMEM, or as mountlib_load().
 */
int fstabline_understand(struct fstabline_reader *reader, const struct fstabline *line,
                         struct libmnt_fs **fs, struct err *e);

/* As fstabline_understand(), but only an entry of swap is one. */
int fstabline_understand_swap(struct fstabline_reader *reader, const struct fstabline *line,
                              struct libmnt_fs **fs, struct err *e);

/* The path without doubled slashes; caller frees. NULL: out of memory. */
char *fstabline_collapse(const char *path);

#endif
