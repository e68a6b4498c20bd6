/* SPDX-License-Identifier: MIT */
/* target - an existing file or block device that is named by a path or a tag: for "on" and "off" */
#ifndef HEADROOM_SWAPCTL_TARGET_H
#define HEADROOM_SWAPCTL_TARGET_H

#include "session.h"

struct target {
    char *path; /* owned; absolute where it could be told */
    int fd;     /* owned; open for reading */
    struct stat st;
    const struct swaps_area *active; /* in the session's swaps, or NULL */
};

#define TARGET_INIT ((struct target){.fd = -1})

void target_clear(struct target *t);

/**
 * target_open() - find and open it
 * @operand: a path, "UUID=..." or "LABEL=..."
 *
 * Return: 0; refused for what is neither a file nor a block device; or a negated errno with a
 * message.
 */
int target_open(struct session *s, const char *operand, struct target *out, struct err *e);

#endif
