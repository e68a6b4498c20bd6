/* SPDX-License-Identifier: MIT */
/*
 * sdbus - ask systemd over D-Bus: org.freedesktop.systemd1(5)
 *
 * The only room that knows libsystemd. The library is loaded when the first connection is made, so
 * a program that does not need it does not pay for it. Built without it, every function fails with
 * -EOPNOTSUPP.
 */
#ifndef HEADROOM_SDBUS_H
#define HEADROOM_SDBUS_H

#include "sdbus_properties.h"
#include <sys/types.h>

struct sdbus;

/* Whose units: those of the system, or those that a user's own manager (user@UID.service) has. */
#define SDBUS_SYSTEM ((uid_t)-1)

/**
 * sdbus_open() - connect to a manager
 * @whose: SDBUS_SYSTEM, or the user whose manager it is
 *
 * By its private socket where we may use that, which works without a running D-Bus daemon too, or
 * else by the bus.
 *
 * Return: 0; -EOPNOTSUPP without libsystemd; -ECONNREFUSED if nobody answers there; -EACCES; or
 * another negated errno.
 */
int sdbus_open(uid_t whose, struct sdbus **out, struct err *e);

/* NULL is nothing to close: _cleanup_(sdbus_close). */
void sdbus_close(struct sdbus **b);

/**
 * sdbus_start_transient() - make a unit that lasts until it is stopped, and start it
 * @wait: until it is started
 *
 * Return: 0; -EEXIST; -EOPNOTSUPP for a property that this systemd does not know; -EACCES;
 * -ETIMEDOUT; -EINTR; -EINVAL for a value that systemd does not take; or another negated errno. The
 * others that do something return the same. With processes: -EOPNOTSUPP too if the manager is in
 * another PID namespace.
 */
int sdbus_start_transient(struct sdbus *b, const char *unit, const struct sdbus_properties *p,
                          bool wait, struct err *e);

/* Move a process into the group of a unit with Delegate=yes. */
int sdbus_attach(struct sdbus *b, const char *unit, pid_t pid, struct err *e);

/* Start or stop a unit, and wait until that is done. */
int sdbus_start(struct sdbus *b, const char *unit, struct err *e);
int sdbus_stop(struct sdbus *b, const char *unit, struct err *e);

/* Set properties: all or none. @runtime: until the next boot; otherwise for good, by drop-ins. */
int sdbus_set(struct sdbus *b, const char *unit, bool runtime, const struct sdbus_properties *p,
              struct err *e);

/* The value of a property now: @p has its name and type, and for "a(st)" the device. */
int sdbus_get(struct sdbus *b, const char *unit, struct sdbus_property *p, struct err *e);

/* Is there a file or a running unit of this name? Return: 1, 0, or a negated errno. */
int sdbus_exists(struct sdbus *b, const char *unit, struct err *e);

/* Read the unit files again; make and delete the links that their [Install] sections wish for. */
int sdbus_reload(struct sdbus *b, struct err *e);
int sdbus_enable(struct sdbus *b, const char *unit, struct err *e);
int sdbus_disable(struct sdbus *b, const char *unit, struct err *e);

/* Delete the drop-ins that sdbus_set() made. */
int sdbus_revert(struct sdbus *b, const char *unit, struct err *e);

#endif
