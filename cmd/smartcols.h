/* SPDX-License-Identifier: MIT */
/* smartcols - libsmartcols, loaded when the first table is printed */
#ifndef HEADROOM_SMARTCOLS_H
#define HEADROOM_SMARTCOLS_H

#include "err.h"
#include <libsmartcols.h>

#define SMARTCOLS_FUNCTIONS(X)                                                                     \
    X(line_set_data)                                                                               \
    X(new_table)                                                                                   \
    X(print_table)                                                                                 \
    X(table_enable_noheadings)                                                                     \
    X(table_enable_raw)                                                                            \
    X(table_new_column)                                                                            \
    X(table_new_line)                                                                              \
    X(unref_table)

/* What we use of it: .new_table is scols_new_table(), and so on. */
struct smartcols {
#define SMARTCOLS_MEMBER(name) __typeof__(scols_##name) *name;
    SMARTCOLS_FUNCTIONS(SMARTCOLS_MEMBER)
#undef SMARTCOLS_MEMBER
};

/**
 * smartcols_load() - find the functions
 * @out: set on success; good for as long as the process lives
 *
 * Return: 0, or -ENOPKG as ERR_UNSUPPORTED if the library, or one of the functions, is not there.
 */
int smartcols_load(struct smartcols *out, struct err *e);

#endif
