/* SPDX-License-Identifier: MIT */
/*
 * smartcols - libsmartcols, loaded when the first table is printed
 *
 * To load and bind it takes as long as half of a short program lives, and most of what the tools do
 * prints no table. With the meson option "smartcols" it can be linked as other libraries are, which
 * static programs need. See https://uapi-group.org/specifications/specs/elf_dlopen_metadata/ for
 * how a program tells packagers of it.
 */
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
 * @out: set on success; good for as long as the process lives, for the library is never unloaded
 *
 * Return: 0, or -ENOPKG as ERR_UNSUPPORTED if the library, or one of the functions, is not there.
 */
int smartcols_load(struct smartcols *out, struct err *e);

#endif
