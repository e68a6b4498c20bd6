/* SPDX-License-Identifier: MIT */
/* columns - what a table tells of a process */
#ifndef HEADROOM_PROCFIND_COLUMNS_H
#define HEADROOM_PROCFIND_COLUMNS_H

#include "search.h"

extern const struct table_column columns_all[];

/* Was a table asked for? */
bool columns_wanted(const struct table_options *options);

/* Print what was found as a table. Return: 0, or a negated errno with a message. */
int columns_print(struct search *s, struct err *e);

/* Put what was found into the order of --sort. Return: 0, or a negated errno with a message. */
int columns_sort(struct search *s, struct err *e);

/* For people: control characters as \xNN. @out: caller frees. Return: 0 or -ENOMEM. */
int columns_clean(struct kv_span text, char **out);

#endif
