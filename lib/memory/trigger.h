/* SPDX-License-Identifier: MIT */
/*
 * trigger - be woken by the kernel when programs wait too long for memory
 *
 * Documentation/accounting/psi.rst, "Monitoring for pressure thresholds": a pressure file that a
 * trigger was written to wakes poll(2) for POLLPRI, at most once a window, and POLLERR when its
 * group was removed.
 */
#ifndef HEADROOM_TRIGGER_H
#define HEADROOM_TRIGGER_H

#include "err.h"

struct trigger {
    bool full; /* all programs wait; otherwise: some */
    uint64_t stall_us, window_us;
};

/* "some:150ms/2s"; pure. Return: 0; -EINVAL or -ERANGE as ERR_USAGE. */
int trigger_parse(const char *text, struct trigger *out, struct err *e);

/**
 * trigger_arm() - write it to a pressure file
 * @fd:   opened for reading and writing
 * @name: of the file, for messages
 *
 * Return: 0; -EINVAL if the kernel takes no such window; or another negated errno of write(2).
 */
int trigger_arm(int fd, const char *name, const struct trigger *t, struct err *e);

#endif
