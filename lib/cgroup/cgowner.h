/* SPDX-License-Identifier: MIT */
/* cgowner - whose group is it? told by its name: a unit of systemd, or a container */
#ifndef HEADROOM_CGOWNER_H
#define HEADROOM_CGOWNER_H

#include "cgtree.h"
#include "container.h"

/**
 * cgowner_of() - the innermost unit or container that a group belongs to; pure
 * @out: "nginx.service", "docker 0123456789ab", "container 0123456789ab" where the name does not
 * tell the runtime; caller frees; NULL: neither
 *
 * Return: 0 or -ENOMEM.
 */
int cgowner_of(const char *path, char **out);

/* The container that a group belongs to; pure. Return: false if it is in none. */
bool cgowner_container(const char *path, struct container *out);

/* The unit of systemd: the last name in @path that is one's; "" if there is none. Pure. Return: a
 * piece of @path. */
const char *cgowner_unit(const char *path, size_t *n);

/**
 * cgowner_find() - the group of a container
 * @name: its name, or its id or the beginning of it
 * @out:  path of the group from the top, caller frees
 *
 * Return: 0; -ENOENT if it has no group here, or does not exist; or another negated errno.
 */
int cgowner_find(const struct cgtree *tree, const char *name, char **out, struct err *e);

#endif
