/* SPDX-License-Identifier: MIT */
/*
 * scoped - a command in a transient scope of systemd, in the slice that has its limits
 *
 * The scope goes when its last process ends, and its numbers with it; the slice is there until it
 * is stopped, so what the command used can be read there.
 */
#ifndef HEADROOM_CGCTL_SCOPED_H
#define HEADROOM_CGCTL_SCOPED_H

#include "cgunitplan.h"

struct scoped {
    struct cgunitplan plan;  /* of the slice */
    struct cgunit slice;     /* borrows its path */
    const char *path;        /* of the slice; borrowed */
    bool own;                /* it is for this command alone */
    struct cglimits with;    /* the limits that systemd has properties for */
    struct cglimits without; /* and the others, for a group in the scope */
};

#define SCOPED_INIT ((struct scoped){.plan = CGUNITPLAN_INIT})

void scoped_clear(struct scoped *s);

/**
 * scoped_plan() - plan the slice
 * @slice: that cgwork_way() found; @path: of it
 * @limits: borrowed until the end
 * @own: it must not be there yet, and is for this command alone
 *
 * Return: 0; -EPERM (refused) for a unit that is no slice; or as cgunitplan_limits().
 */
int scoped_plan(struct scoped *s, const struct cgtree *tree, const struct cgunit *slice,
                const char *path, const struct cglimits *limits, bool own, bool force,
                struct plan *plan, struct err *e);

/* Put a process into a new scope in the slice: see struct wrapped_place; @arg is a struct scoped.
 * The connection to systemd is closed then. Return: 0 or a negated errno. */
int scoped_enter(void *arg, pid_t pid, struct err *e);

/* Stop the slice. Return: 0 or a negated errno. */
int scoped_stop(struct scoped *s, struct err *e);

/* A new scope. */
struct scoped_unit {
    const char *name, *slice;
    const pid_t *pids; /* @n processes, to be in it */
    size_t n;
    const struct cglimits *limits; /* NULL: none */
    bool divided; /* groups in it may have limits of any kind; otherwise only of those it has */
};

/* Start it. Return: as sdbus_start_transient(). */
int scoped_start(struct sdbus *bus, const struct scoped_unit *scope, const struct root *root,
                 struct err *e);

/* Start it as PREFIX-PID.scope by its first process, or with a number after that: a unit of that
 * name may hold what another process with this number left behind. @name is set, and .name to it.
 */
int scoped_start_new(struct sdbus *bus, const char *prefix, struct scoped_unit *scope,
                     char name[static CGUNIT_NAME], const struct root *root, struct err *e);

#endif
