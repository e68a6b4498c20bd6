/* SPDX-License-Identifier: MIT */
/* unittext - the texts of the systemd units for one swap area; pure */
#ifndef HEADROOM_UNITTEXT_H
#define HEADROOM_UNITTEXT_H

#include "declaration.h"
#include "err.h"
#include "unitname.h"

/* What the service's name begins with; the escaped path and ".service" follow. */
#define UNITTEXT_CREATE "headroom-create-"

/**
 * unittext_check() - can a unit express this path?
 *
 * Return: 0; -ENAMETOOLONG when a unit's name would be longer than systemd takes; -EINVAL for
 * control characters, bytes that are not UTF-8, a blank or a backslash at the end. The message says
 * to use fstab. -ENOMEM.
 */
int unittext_check(const char *path, struct err *e);

/**
 * unittext_swap() - systemd.swap(5) for the area
 *
 * Wants and follows the service; wanted by swap.target, so that boot goes on without it.
 *
 * Return: 0, or as unittext_check().
 */
int unittext_swap(const struct declaration *d, char **out, struct err *e);

/**
 * unittext_service() - the oneshot that makes the file again; for one behind a loop device, which
 * no swap unit can activate, it does the whole, and is enabled itself
 * @swapctl: absolute path of the program that it runs; letters, digits and "/._+-:" only
 *
 * Return: 0; -EINVAL also for a label or a program that a unit cannot express; as unittext_check().
 */
int unittext_service(const struct declaration *d, const char *swapctl, char **out, struct err *e);

/* Set .priority, .discard and .backing of @d where the text of a swap unit, or of the service of a
 * loop device, says something and @d does not (-1, UNSET, AUTO). */
void unittext_declared(const char *text, struct declaration *d);

/**
 * unittext_parse() - what a swap unit, or a service for a loop device, that headroom wrote declares
 * @text:  the unit, and behind it its drop-ins: the last assignment counts
 * @where: begins a message: "/etc/systemd/system/swapfile.swap"
 * @path, @label: allocated; set on success, the label to NULL if there is none
 * @d:     its strings are those two; .priority -1 and .discard UNSET where nothing is said
 *
 * Return: 0; -EBADMSG for a setting that cannot be understood or lacks; -ENOMEM.
 */
int unittext_parse(const char *text, const char *where, char **path, char **label,
                   struct declaration *d, struct err *e);

#endif
