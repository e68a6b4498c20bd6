/* SPDX-License-Identifier: MIT */
/* cglack - why the top of the hierarchy does not offer a controller */
#ifndef HEADROOM_CGLACK_H
#define HEADROOM_CGLACK_H

#include "cgtree.h"

enum cglack {
    CGLACK_NONE,     /* it is offered */
    CGLACK_DISABLED, /* by cgroup_disable= on the kernel's command line */
    CGLACK_OUTSIDE,  /* not handed down to this container or namespace */
    CGLACK_UNKNOWN,  /* not built, or bound to version 1 */
};

/* Does the kernel's command line switch this controller off? Pure. cgroup_disable= takes several
 * names with commas (Documentation/admin-guide/kernel-parameters.txt). */
bool cglack_is_disabled(const char *cmdline, const char *controller);

/* Why is it not offered? CGLACK_NONE also where that cannot be read. */
enum cglack cglack_of(const struct cgtree *t, const char *controller);

/**
 * cglack_refuse() - say that a controller is not there, why, and what to do
 *
 * Return: -EOPNOTSUPP (unsupported), or 0 for CGLACK_NONE.
 */
int cglack_refuse(const struct cgtree *t, const char *controller, struct err *e);

#endif
