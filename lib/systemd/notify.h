/* SPDX-License-Identifier: MIT */
/*
 * notify - tell the service manager how it goes, sd_notify(3): a datagram to $NOTIFY_SOCKET
 *
 * Without libsystemd, which every program would have to load then; the protocol is a stable one.
 */
#ifndef HEADROOM_NOTIFY_H
#define HEADROOM_NOTIFY_H

#include "err.h"

struct notify {
    int fd;               /* connected; -1: nobody wants to know */
    uint64_t watchdog_ms; /* how often NOTIFY_WATCHDOG is to be sent; 0: never */
};

#define NOTIFY_INIT ((struct notify){.fd = -1})

#define NOTIFY_READY "READY=1"
#define NOTIFY_STOPPING "STOPPING=1"
#define NOTIFY_WATCHDOG "WATCHDOG=1"

/**
 * notify_open() - find out whom to tell, by NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID
 * @out: set in any case: without a manager, and with one that cannot be reached, nothing is told
 *
 * The watchdog is fed twice as often as it wants, and only if it waits for this process. The
 * variables are taken out of the environment, so that no child speaks for us.
 *
 * Return: 0; or a negated errno with a message if there is a manager and it cannot be reached.
 */
int notify_open(struct notify *out, struct err *e);
void notify_close(struct notify *n);

/* One or more lines "NAME=VALUE". Never waits; what is not taken is lost. */
void notify_send(const struct notify *n, const char *lines);

/* "STATUS=...", for people: systemctl status. */
void notify_status(const struct notify *n, const char *text);

/* The configuration is being read anew, until NOTIFY_READY. */
void notify_reloading(const struct notify *n);

#endif
