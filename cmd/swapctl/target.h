/* SPDX-License-Identifier: MIT */
/* target - an existing file or block device that is named by a path or a tag: for "on" and "off" */
#ifndef HEADROOM_SWAPCTL_TARGET_H
#define HEADROOM_SWAPCTL_TARGET_H

#include "session.h"

struct target {
    char *path; /* owned; absolute where it could be told */
    int fd; /* owned; open for reading; -1: it is in .loop, so that nothing else holds the device */
    struct stat st;
    const struct swaps_area *active; /* in the session's swaps, or NULL */
    bool on_loop;                    /* active on a loop device, which .loop has */
    struct swaploop loop;
    int file; /* owned; the file behind the device, if that is what was named and it can be found */
};

#define TARGET_INIT ((struct target){.fd = -1, .loop = SWAPLOOP_INIT, .file = -1})

void target_clear(struct target *t);

/**
 * target_open() - find and open it
 * @operand: a path, "UUID=..." or "LABEL=..."
 *
 * Return: 0; refused for what is neither a file nor a block device; or a negated errno with a
 * message.
 */
int target_open(struct session *s, const char *operand, struct target *out, struct err *e);

/* The descriptor of the swap file that is named or lies behind the named loop device; -1: there is
 * none. Valid as long as @t stays where it is. */
const int *target_file(const struct target *t);

/* For the steps of @area: it is @t, as it is active now. @area must outlive the plan, and @t must
 * stay where it is. */
void target_area(struct target *t, const struct root *root, struct swaparea *area);

#endif
