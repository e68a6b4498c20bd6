/* SPDX-License-Identifier: MIT */
/*
 * cgunitplan - set limits of systemd's units through systemd, all or nothing
 *
 * systemd only logs what the kernel does not take from it, and writes a moment after it answered.
 * So every limit is read back from the group's file; when it is not there, everything is taken
 * back.
 */
#ifndef HEADROOM_CGUNITPLAN_H
#define HEADROOM_CGUNITPLAN_H

#include "cgevents.h"
#include "cgplan.h"
#include "cgtree.h"
#include "cgunit.h"

enum cgunitplan_flags {
    CGUNITPLAN_CREATE = CGPLAN_CREATE, /* make the slice if it is not there */
    CGUNITPLAN_NEW = CGPLAN_NEW,       /* with CREATE: it must not be there yet */
    CGUNITPLAN_FORCE = CGPLAN_FORCE,   /* also limits below what is in use */
    CGUNITPLAN_PERSIST = 1 << 8,       /* also after the next boot */
    CGUNITPLAN_LATER = 1 << 9, /* do not wait for a new slice: who starts a unit in it does that,
                                  and reads back then */
};

struct cgunitplan_step;

/* What the steps work on; must outlive the plan. */
struct cgunitplan {
    const struct cgtree *tree; /* borrowed */
    struct sdbus *bus;         /* to the manager of .whose; NULL: not yet asked */
    uid_t whose;
    struct cgunitplan_step *steps;
};

#define CGUNITPLAN_INIT ((struct cgunitplan){.bus = NULL})

void cgunitplan_clear(struct cgunitplan *c);

/* Connect to that manager, unless we are. Return: as sdbus_open(). */
int cgunitplan_connect(struct cgunitplan *c, uid_t whose, struct err *e);

/**
 * cgunitplan_find() - the group of a unit
 * @name: of any manager's that @c is connected to
 * @path: caller frees; "" if it does not run
 *
 * Return: 0; -ENOENT if there is no such unit; or another negated errno.
 */
int cgunitplan_find(struct cgunitplan *c, const struct cgtree *tree, const char *name, char **path,
                    struct err *e);

/**
 * cgunitplan_limits() - plan the steps "create", "persist-unit" and "set"
 * @unit:   .whose and .name
 * @path:   of its group; "" if it has none, because it does not run
 * @limits: borrowed until the plan is done
 * @flags:  enum cgunitplan_flags
 *
 * What is as wanted already gets no step.
 *
 * Return: 0; -ENOENT, -EEXIST, -EBUSY as cgplan_limits(); -EPERM (refused) for a limit that systemd
 * has no property for; as sdbus_open(); or another negated errno.
 */
int cgunitplan_limits(struct cgunitplan *c, const struct cgtree *tree, const struct cgunit *unit,
                      const char *path, const struct cglimits *limits, unsigned flags,
                      struct plan *plan, struct err *e);

/**
 * cgunitplan_remove() - plan the steps "kill", "remove" and "unpersist-unit" of a slice
 * @flags: enum cgremove_flags
 *
 * Return: 0; -EBUSY (refused) as cgremove_plan(); or another negated errno.
 */
int cgunitplan_remove(struct cgunitplan *c, const struct cgtree *tree, const struct cgunit *unit,
                      const char *path, unsigned flags, const struct cgevents_patience *patience,
                      struct plan *plan, struct err *e);

/* Wait until the files of a group say what the limits say; those that systemd has no property for
 * are left out. Return: 0; -EIO, with what the file says instead; or another negated errno. */
int cgunitplan_read_back(const struct cgtree *tree, const char *path, const struct cglimits *limits,
                         struct err *e);

#endif
