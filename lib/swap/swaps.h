/* SPDX-License-Identifier: MIT */
/*
 * swaps - the active swap areas: /proc/swaps, proc(5)
 *
 * Names in it are for people: an area that was activated in another mount namespace shows another
 * path, and one whose name really ends in " (deleted)" looks like a deleted one. So areas are
 * compared by device and inode.
 */
#ifndef HEADROOM_SWAPS_H
#define HEADROOM_SWAPS_H

#include "root.h"

enum swaps_type { SWAPS_FILE, SWAPS_PARTITION };

struct swaps_area {
    char *path; /* unescaped, as the kernel shows it */
    enum swaps_type type;
    uint64_t size; /* bytes, without the header page: the kernel counts what can be used */
    uint64_t used; /* bytes */
    int priority;
};

struct swaps {
    struct swaps_area *areas; /* owned */
    size_t n;
};

#define SWAPS_INIT ((struct swaps){.areas = NULL})

void swaps_clear(struct swaps *s);

/**
 * swaps_parse() - read the text of /proc/swaps; pure
 *
 * Undoes the kernel's octal escapes (space, tab, newline, backslash). Sizes in the text are KiB.
 * The first line is the heading. Names may hold any other byte. The line "none virtual ..." that
 * lxcfs makes up in containers is no area and is left out; columns behind the priority are ignored.
 *
 * Return: 0; -EBADMSG for a line that does not read as an area; -EOVERFLOW; -ENOMEM.
 */
int swaps_parse(const char *text, struct swaps *out, struct err *e);

/* Return: as swaps_parse(), or the errno of open or read, negated; a kernel without swap (no file)
 * is -EOPNOTSUPP. */
int swaps_read(const struct root *root, struct swaps *out, struct err *e);

/**
 * swaps_find() - the active area that is this file or device
 * @st: stat(2) of the wanted file or block device; files are compared by device and inode, block
 * devices by number
 *
 * The files that @s names are looked at below @root; those that cannot be are not a match.
 *
 * Return: the area, borrowed from @s, or NULL.
 */
const struct swaps_area *swaps_find(const struct root *root, const struct swaps *s,
                                    const struct stat *st);

#endif
