/* SPDX-License-Identifier: MIT */
/* mountlib - libmount, loaded when the first line of an fstab or a table of mounts is understood */
#ifndef HEADROOM_MOUNTLIB_H
#define HEADROOM_MOUNTLIB_H

#include "err.h"
#include <libmount.h>

#define MOUNTLIB_FUNCTIONS(X)                                                                      \
    X(free_iter)                                                                                   \
    X(fs_get_devno)                                                                                \
    X(fs_get_fs_options)                                                                           \
    X(fs_get_srcpath)                                                                              \
    X(fs_get_tag)                                                                                  \
    X(fs_get_target)                                                                               \
    X(fs_is_swaparea)                                                                              \
    X(mangle)                                                                                      \
    X(new_iter)                                                                                    \
    X(new_table)                                                                                   \
    X(optstr_get_option)                                                                           \
    X(optstr_next_option)                                                                          \
    X(resolve_tag)                                                                                 \
    X(table_first_fs)                                                                              \
    X(table_next_fs)                                                                               \
    X(table_parse_stream)                                                                          \
    X(unref_table)

/* What we use of it: .new_table is mnt_new_table(), and so on. */
struct mountlib {
#define MOUNTLIB_MEMBER(name) __typeof__(mnt_##name) *name;
    MOUNTLIB_FUNCTIONS(MOUNTLIB_MEMBER)
#undef MOUNTLIB_MEMBER
};

/**
 * mountlib_load() - find the functions
 * @out: set on success; good for as long as the process lives
 *
 * Return: 0, or -ENOPKG as ERR_UNSUPPORTED if the library, or one of the functions, is not there.
 */
int mountlib_load(struct mountlib *out, struct err *e);

#endif
