/* SPDX-License-Identifier: MIT */
/*
 * cgtree - the hierarchy of version 2: where it is, where we are in it, and the groups by name
 *
 * cgroups(7), cgroup_namespaces(7), Documentation/admin-guide/cgroup-v2.rst. A group is named by
 * its path from the top of the mount, which in a cgroup namespace, as containers have, is the top
 * of the namespace.
 */
#ifndef HEADROOM_CGTREE_H
#define HEADROOM_CGTREE_H

#include "kv.h"
#include "root.h"

struct cgtree {
    const struct root *root; /* borrowed */
    int fd;                  /* of the directory at the top; -1: none is mounted */
    char *point;             /* where it is mounted; NULL: nowhere */
    char *part;     /* which part of the hierarchy that is: "/", or "/a" of a bind mount; "/.." lies
                       outside of our cgroup namespace */
    char *own;      /* path of our own group from the top, without slashes around; "" is the top;
                       NULL: not known, or not below it */
    bool own_gone;  /* our own group was removed */
    bool at_root;   /* the top is the root of the whole hierarchy, where nothing can be limited */
    bool memory_v1; /* the memory controller is bound to version 1 */
    char *v1_point; /* where that one is mounted; NULL: nowhere */
};

#define CGTREE_INIT ((struct cgtree){.fd = -1})

void cgtree_clear(struct cgtree *t);

/**
 * cgtree_look() - find out, and take what is there
 *
 * A system without version 2, or with its memory controller on version 1, is no failure here.
 *
 * Return: 0 or a negated errno.
 */
int cgtree_look(const struct root *root, struct cgtree *out, struct err *e);

/**
 * cgtree_open() - the same for those who want to work with it
 *
 * Return: 0; -EOPNOTSUPP if there is no version 2 hierarchy, or the memory controller is bound to
 * version 1: the message says where that one is and what to do.
 */
int cgtree_open(const struct root *root, struct cgtree *out, struct err *e);

/* -EOPNOTSUPP, with that message. */
int cgtree_refuse_v1(const struct cgtree *t, struct err *e);

/* What /proc/self/cgroup says; pure. @own: path of the line "0::", caller frees; NULL without it.
 * Return: 1 if a line of version 1 has the memory controller, 0 if not, or -ENOMEM. */
int cgtree_parse_own(const char *text, char **own, bool *gone);

/* A group's path from the top of a mount that shows only @part of the hierarchy; pure. Return: a
 * piece of @path, or NULL if it lies outside. */
const char *cgtree_below(const char *part, const char *path);

/**
 * cgtree_path() - the path that a user means by a name
 * @name: "a/b" or "/a/b", from the top; "/" is the top
 * @out:  "a/b"; "" for the top; caller frees
 *
 * Return: 0; -EINVAL (usage) for "..", control characters and names that are too long; or -ENOMEM.
 */
int cgtree_path(const char *name, char **out, struct err *e);

/* Open a group's directory. Return: a descriptor (caller closes), or a negated errno: -ENOENT says
 * that there is no such group. */
int cgtree_group(const struct cgtree *t, const char *path, struct err *e);

/**
 * cgtree_of_process() - the group where a process is
 * @pid: 0: we ourselves
 * @out: its path from the top, caller frees
 *
 * Return: 0; -ESRCH if there is no such process; -EXDEV if its group lies outside of the mount; or
 * another negated errno.
 */
int cgtree_of_process(const struct cgtree *t, pid_t pid, char **out, struct err *e);

/* Does a list such as that of cgroup.controllers have this word? */
bool cgtree_has_word(const char *list, const char *word);

/* The same for a list with commas. */
bool cgtree_has_name(struct kv_span list, const char *name);

#endif
