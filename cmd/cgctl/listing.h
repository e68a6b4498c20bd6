/* SPDX-License-Identifier: MIT */
/* listing - groups as rows of a table: what "list" prints once, and "top" again and again */
#ifndef HEADROOM_CGCTL_LISTING_H
#define HEADROOM_CGCTL_LISTING_H

#include "cgtree.h"
#include "cmd.h"

enum listing_sort {
    LISTING_BY_PATH,
    LISTING_BY_MEMORY,
    LISTING_BY_SWAP,
    LISTING_BY_CPU,
    LISTING_BY_PSI
};
extern const char *const listing_sort_words[];
extern const struct table_column listing_columns[];

enum { LISTING_COLUMNS_MAX = 24 };

struct listing_row;

struct listing {
    struct table *table; /* made by the caller of listing_columns; goes with the rest */
    int sort;            /* enum listing_sort */
    bool tree;           /* only the last names, indented */
    bool wanted[LISTING_COLUMNS_MAX];
    struct listing_row *rows;
    size_t n;
};

void listing_clear(struct listing *l);

/* Read the group @path and those in it, as far as the table and the order want it. Return: 0 or a
 * negated errno. */
int listing_read(struct listing *l, const struct cgtree *tree, const char *path, struct err *e);

/* Does it show what the memory controller counts? After listing_read(). */
bool listing_wants_memory(const struct listing *l);

/* From here on the column CPU is per cent of one processor: what came since @before, @us
 * microseconds ago. @before is sorted anew. */
void listing_rates(struct listing *l, struct listing *before, uint64_t us);

/* Sort and print at most so many rows. Return: 0 or a negated errno. */
int listing_print(struct listing *l, size_t most, struct err *e);

#endif
