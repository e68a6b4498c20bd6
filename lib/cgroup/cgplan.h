/* SPDX-License-Identifier: MIT */
/*
 * cgplan - make a group and set its limits, all or nothing
 *
 * A limit needs its controller, and a controller is handed down from group to group, from the top
 * to the group above (cgroup.subtree_control), one by one; a group that has processes itself cannot
 * hand on. When a step fails, everything before it is taken back: values, groups and controllers.
 */
#ifndef HEADROOM_CGPLAN_H
#define HEADROOM_CGPLAN_H

#include "cglimit.h"
#include "cgtree.h"
#include "plan.h"

enum cgplan_flags {
    CGPLAN_CREATE = 1 << 0, /* make the group, and those above it, where they are missing */
    CGPLAN_NEW = 1 << 1,    /* with CREATE: it must not be there yet */
    CGPLAN_FORCE = 1 << 2,  /* also limits below what is in use */
};

struct cgplan_group;
struct cgplan_step;

/* What the steps work on; must outlive the plan. */
struct cgplan {
    const struct cgtree *tree;   /* borrowed */
    struct cgplan_group *groups; /* from the top down to the group */
    size_t n;
    struct cgplan_step *steps;
};

#define CGPLAN_INIT ((struct cgplan){.tree = NULL})

void cgplan_clear(struct cgplan *c);

/**
 * cgplan_limits() - plan the steps "create", "enable-controller" and "set"
 * @path:   from cgtree_path()
 * @limits: borrowed until the plan is done
 * @wished: a controller to be enabled where that is possible, or NULL
 *
 * What is as wanted already gets no step.
 *
 * Return: 0; -ENOENT without CREATE if there is no such group; -EEXIST with NEW; -EBUSY (refused)
 * for limits below the present use, and for controllers that a group with processes would have to
 * hand on; -EOPNOTSUPP for a controller or a file that this kernel lacks; or another negated errno.
 */
int cgplan_limits(struct cgplan *c, const struct cgtree *tree, const char *path,
                  const struct cglimits *limits, const char *wished, unsigned flags,
                  struct plan *plan, struct err *e);

/* Is less than the limit in use? Return: 0, also when it cannot be told; or -EBUSY (refused). */
int cgplan_check_use(int dir, const char *path, const struct cglimit *l, struct err *e);

/* The directory of the group once the plan is done, or -1; it belongs to @c. */
int cgplan_group_fd(const struct cgplan *c);

#endif
