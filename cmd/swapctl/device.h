/* SPDX-License-Identifier: MIT */
/* device - the halves of "create" and "remove" that are about block devices */
#ifndef HEADROOM_SWAPCTL_DEVICE_H
#define HEADROOM_SWAPCTL_DEVICE_H

#include "session.h"

struct device_request {
    const char *size;  /* as the user wrote it; NULL: all of it */
    const char *label; /* NULL: none wanted */
    bool force;
};

/* Make the device at the operand a swap area, and answer. Return: the exit status. */
int device_create(struct cmd_context *ctx, const struct device_request *request);

/* Is this path, or where it leads, a block device? */
bool device_is(const struct root *root, const char *path);

/**
 * device_remove() - deactivate a device, undeclare it and wipe its signature
 * @force: even if what is swapped out may not fit elsewhere
 * @plan:  as each_fn
 *
 * Return: where it is declared still, by somebody else; or a negated errno with a message.
 */
int device_remove(struct session *s, const char *path, bool force, struct plan *plan,
                  struct err *e);

#endif
