/* SPDX-License-Identifier: MIT */
/*
 * base - the few words that every other file uses
 *
 * Ownership is written with attributes: a variable marked _cleanup_(f) is released when it goes out
 * of scope, and TAKE_PTR / TAKE_FD hand it over to somebody else.
 */
#ifndef HEADROOM_BASE_H
#define HEADROOM_BASE_H

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define _cleanup_(f) __attribute__((cleanup(f)))
#define _printf_(fmt, args) __attribute__((format(printf, fmt, args)))
#define _unused_ __attribute__((unused))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

/* Hand the value over and forget it, so that the cleanup attribute finds nothing to release. */
#define TAKE_PTR(p)                                                                                \
    ({                                                                                             \
        __typeof__(p) *take_ = &(p);                                                               \
        __typeof__(p) value_ = *take_;                                                             \
        *take_ = NULL;                                                                             \
        value_;                                                                                    \
    })
#define TAKE_FD(fd)                                                                                \
    ({                                                                                             \
        int *take_ = &(fd);                                                                        \
        int value_ = *take_;                                                                       \
        *take_ = -1;                                                                               \
        value_;                                                                                    \
    })

static inline bool streq(const char *a, const char *b)
{
    return strcmp(a, b) == 0;
}

/* The part of @s behind @prefix, or NULL if @s does not begin with it. */
static inline const char *str_after(const char *s, const char *prefix)
{
    size_t n = strlen(prefix);

    return strncmp(s, prefix, n) == 0 ? s + n : NULL;
}

/* Does @s end in @ending, with something before it? */
static inline bool str_ends(const char *s, const char *ending)
{
    size_t n = strlen(s), k = strlen(ending);

    return n > k && strcmp(s + n - k, ending) == 0;
}

/* Releases what a `char *` (or any malloc'ed pointer) variable holds: _cleanup_(free_ptr). */
static inline void free_ptr(void *p)
{
    free(*(void **)p);
}

/* Closes a descriptor and keeps errno; -1 is nothing to close: _cleanup_(close_fd). */
static inline void close_fd(int *fd)
{
    int saved = errno;

    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    errno = saved;
}

static inline void close_file(FILE **f)
{
    if (*f)
        fclose(*f);
    *f = NULL;
}

static inline void close_dir(DIR **d)
{
    if (*d)
        closedir(*d);
    *d = NULL;
}

#endif
