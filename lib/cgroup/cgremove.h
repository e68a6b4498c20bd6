/* SPDX-License-Identifier: MIT */
/* cgremove - take a group away, with the groups in it if that is asked for */
#ifndef HEADROOM_CGREMOVE_H
#define HEADROOM_CGREMOVE_H

#include "cgevents.h"
#include "cgtree.h"
#include "plan.h"

struct cgremove_step;

/* What the steps work on; must outlive the plan. */
struct cgremove {
    const struct cgtree *tree; /* borrowed */
    const char *path;          /* borrowed */
    struct cgevents_patience patience;
    struct cgremove_step *steps;
};

#define CGREMOVE_INIT ((struct cgremove){.tree = NULL})

void cgremove_clear(struct cgremove *c);

enum cgremove_flags { CGREMOVE_RECURSIVE = 1 << 0, CGREMOVE_KILL = 1 << 1 };

/**
 * cgremove_plan() - plan the steps "kill" and "remove"
 * @path: from cgtree_path()
 *
 * A group that is not there is nothing to do.
 *
 * Return: 0; -EBUSY (refused) if it is the top, if it has processes and KILL is not asked for, or
 * groups and RECURSIVE is not; or another negated errno.
 */
int cgremove_plan(struct cgremove *c, const struct cgtree *tree, const char *path, unsigned flags,
                  const struct cgevents_patience *patience, struct plan *plan, struct err *e);

#endif
