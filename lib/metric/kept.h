/* SPDX-License-Identifier: MIT */
/*
 * kept - a file of the kernel that stays open and is read again and again
 *
 * Opening it each time would cost a third of the whole reading. A file that is not there, or that
 * cannot be read any more, is opened anew the next time.
 */
#ifndef HEADROOM_KEPT_H
#define HEADROOM_KEPT_H

#include "keyed.h"
#include "procscan.h"

struct kept {
    const char *path; /* borrowed */
    int fd;           /* or the negated errno of why there is none */
};

#define KEPT_INIT(path_) ((struct kept){.path = (path_), .fd = -ENOENT})

/**
 * kept_read() - read all of it
 * @dir:  NULL: the path is below @root; otherwise it is below this descriptor
 * @text: NUL-terminated; grows when it must
 *
 * Until pread(2) says that it is over: the kernel's seq files hand out a page at most at a time.
 *
 * Return: 0 or a negated errno, no message.
 */
int kept_read(struct kept *k, const struct root *root, const int *dir, struct procscan_text *text);

/**
 * kept_find() - read until all keys are found that were there the last time
 * @values: as of keyed_find(); they lie in @text
 *
 * Each read of a seq file sums up all counters again, and the keys seldom stand at the end.
 *
 * Return: as kept_read().
 */
int kept_find(struct kept *k, const struct root *root, const int *dir, struct procscan_text *text,
              struct keyed *keyed, struct kv_span *values);

/* The next reading opens it anew. */
void kept_close(struct kept *k);

#endif
