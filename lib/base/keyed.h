/* SPDX-License-Identifier: MIT */
/*
 * keyed - some values of a text of "key value" lines, taken again and again
 *
 * The files of /proc keep their order from one reading to the next, and most of their lines keep
 * their length. So it is remembered in which order the keys stood and where: a line that begins
 * there with the key is the one. Where a number has grown, the lines up to it are counted; where
 * that does not come out, the whole text is searched anew. A key that was never there is looked for
 * again only then: the kernel's counters come and go with kernels, not while one runs.
 *
 * A key is a whole word at the beginning of a line; the first of two lines counts.
 */
#ifndef HEADROOM_KEYED_H
#define HEADROOM_KEYED_H

#include "kv.h"

enum { KEYED_MAX = 64 };

struct keyed_key {
    const char *name;
    size_t n;
};

#define KEYED_KEY(name)                                                                            \
    {                                                                                              \
        name, sizeof(name) - 1                                                                     \
    }

struct keyed {
    const struct keyed_key *keys; /* borrowed, at most KEYED_MAX */
    size_t n;
    char sep; /* what follows the key at once */
    /* what was seen the last time */
    unsigned char order[KEYED_MAX];
    size_t found;                  /* of them */
    size_t most;                   /* that ever were */
    unsigned short gap[KEYED_MAX]; /* lines from one that was found to the next */
    size_t at[KEYED_MAX];          /* where in the text its line began */
};

#define KEYED_INIT(keys_, sep_)                                                                    \
    ((struct keyed){.keys = (keys_), .n = ARRAY_SIZE(keys_), .sep = (sep_)})

/**
 * keyed_find() - find the values of all keys; pure but for what it remembers
 * @values: .n of them, without the blanks around them; .p is NULL for a key that is not there
 *
 * A last line without a newline has been cut off: its value is empty, so that it is no number to
 * anybody.
 */
void keyed_find(struct keyed *k, const char *text, size_t len, struct kv_span *values);

/**
 * keyed_again() - the same without a search, also of the first part of a text
 *
 * Return: true if every key that was there the last time is there, at the same line as then. The
 * rest of the text need not be read then.
 */
bool keyed_again(struct keyed *k, const char *text, size_t len, struct kv_span *values);

#endif
