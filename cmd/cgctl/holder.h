/* SPDX-License-Identifier: MIT */
/*
 * holder - a process that does nothing, so that a scope of systemd outlasts its command
 *
 * systemd removes the group of a scope with its last process, and all that the kernel counted there
 * is lost. A slice would stay, but takes another unit to be started and stopped.
 */
#ifndef HEADROOM_CGCTL_HOLDER_H
#define HEADROOM_CGCTL_HOLDER_H

#include "root.h"
#include <sys/types.h>

struct holder {
    pid_t pid; /* 0: there is none */
    int fd;    /* while it is open, the holder stays */
};

/* What ps(1) and the kernel's log call it. */
#define HOLDER_NAME "cgctl-holder"

#define HOLDER_INIT ((struct holder){.fd = -1})

/* Start it; it is in our group. Signals do not end it, but our own end does. Return: 0 or a negated
 * errno. */
int holder_start(struct holder *h, const struct root *root, struct err *e);

/* Did somebody else end it? Told once. */
bool holder_lost(struct holder *h);

/* End it and wait for that; when there is none, nothing. */
void holder_clear(struct holder *h);

#endif
