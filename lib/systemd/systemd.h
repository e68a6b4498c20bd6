/* SPDX-License-Identifier: MIT */
/* systemd - is it there, and telling it that its files changed */
#ifndef HEADROOM_SYSTEMD_H
#define HEADROOM_SYSTEMD_H

#include "root.h"

/* It is the init of the live system, as sd_booted(3) has it; never so for a foreign root. */
bool systemd_runs(const struct root *root);

/* Its program or its main configuration file lies below the root. */
bool systemd_installed(const struct root *root);

/**
 * systemd_reload() - systemctl daemon-reload
 *
 * Waits for it, but at most 90 seconds.
 *
 * Return: 0; -ETIMEDOUT; -EIO with what systemctl said; or the errno of starting it, negated.
 */
int systemd_reload(struct err *e);

#endif
