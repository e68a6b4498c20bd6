/* SPDX-License-Identifier: MIT */
/*
 * transient - a command in a transient scope of systemd that has its limits, and nothing else
 *
 * One unit, where a named group has two, see scoped.h. A holder keeps its numbers until they are
 * read.
 */
#ifndef HEADROOM_CGCTL_TRANSIENT_H
#define HEADROOM_CGCTL_TRANSIENT_H

#include "cgunitplan.h"
#include "holder.h"

struct transient {
    const struct cgtree *tree;     /* borrowed */
    const struct cglimits *limits; /* borrowed */
    const char *path;              /* of the scope; borrowed */
    struct cgunit unit;            /* borrows the path */
    struct holder holder;
    int group; /* directory of the scope, once it is there */
};

#define TRANSIENT_INIT ((struct transient){.holder = HOLDER_INIT, .group = -1})

void transient_clear(struct transient *t);

/* Can all of these be limits of such a scope? One of the number of processes would count the holder
 * too, and what systemd has no property for needs a group in the scope. */
bool transient_fits(const struct cglimits *limits);

/**
 * transient_plan() - plan the step "create", the holder
 * @unit, @path: of the scope, which must not be there
 * @limits: that fit
 *
 * Return: 0; -EEXIST; or another negated errno.
 */
int transient_plan(struct transient *t, const struct cgtree *tree, const struct cgunit *unit,
                   const char *path, const struct cglimits *limits, struct plan *plan,
                   struct err *e);

/* Start the scope with a process and the holder in it: see struct wrapped_place; @arg is a struct
 * transient. Return: 0 or a negated errno. */
int transient_enter(void *arg, pid_t pid, struct err *e);

/* Did the holder end before it was told to? Then the scope's numbers may go at any moment, and one
 * process that the kernel killed there may have been the holder. Told once. */
bool transient_lost(struct transient *t);

/* Let go of the scope, which ends with its last process. Return: 1 if the command left some
 * running, or 0. */
int transient_end(struct transient *t);

#endif
