/* SPDX-License-Identifier: MIT */
/*
 * cgscan - a walk over a group and the groups in it
 *
 * A group's files are read by names relative to the group above, so one without groups in it costs
 * nothing but what is read of it. Groups that go away meanwhile are left out.
 */
#ifndef HEADROOM_CGSCAN_H
#define HEADROOM_CGSCAN_H

#include "cgtree.h"

struct cgscan_group {
    const char *path; /* from the top of the tree; "" is the top */
    const char *name; /* the last part of it; "." for the one where the walk begins */
    int above;        /* directory that the name is relative to */
    unsigned depth;   /* 0 for the one where the walk begins */
};

/* Called for each group before those in it. Return: 0, or a negated errno that ends the walk. */
typedef int cgscan_fn(void *arg, const struct cgscan_group *g, struct err *e);

/* Walk from the group @path. Return: 0; -ENOENT if there is no such group; or a negated errno. */
int cgscan_walk(const struct cgtree *tree, const char *path, cgscan_fn *visit, void *arg,
                struct err *e);

/* A single value of a group; "max" is CGVALUE_MAX. Return: as cgvalue_read(). */
int cgscan_value(const struct cgscan_group *g, const char *file, uint64_t *out);

/* The text of a file of a group; caller frees. Return: as cgroup_read(). */
int cgscan_text(const struct cgscan_group *g, const char *file, char **out);

#endif
