/* SPDX-License-Identifier: MIT */
/*
 * cgroup - the hierarchy of control groups that counts memory
 *
 * Where it is comes from /proc/self/mountinfo, proc(5); cgroups(7). Either version 2
 * (Documentation/admin-guide/cgroup-v2.rst), or, on systems that bind the memory controller to it,
 * version 1 (Documentation/admin-guide/cgroup-v1/memory.rst).
 */
#ifndef HEADROOM_CGROUP_H
#define HEADROOM_CGROUP_H

#include "root.h"

struct cgroup_mount {
    int fd; /* of the directory at the top; owned by who opened it */
    int version;
};

/**
 * cgroup_mount_parse() - where the memory controller is mounted; pure
 * @text:    of mountinfo
 * @version: 1 or 2. A version 2 mount is found whether or not it has the controller
 * @out:     the mount point, caller frees; a mount of the whole hierarchy goes before one of a part
 *
 * Return: 1 found, 0 not found, or -ENOMEM.
 */
int cgroup_mount_parse(const char *text, int version, char **out);

/* The same, with which part of the hierarchy is mounted there: "/", or "/a" of a bind mount. */
int cgroup_mount_parse_part(const char *text, int version, char **out, char **part);

/**
 * cgroup_open_memory() - open the hierarchy that has the memory controller
 * @out: caller closes .fd
 *
 * Return: 0; -EOPNOTSUPP if there is none; or another negated errno.
 */
int cgroup_open_memory(const struct root *root, struct cgroup_mount *out, struct err *e);

/* The text of a file of a group; caller frees. Return: 0 or a negated errno, no message: the group
 * may be gone, or lack the file. */
int cgroup_read(int dir, const char *file, char **text);

/* A stream for cgroup_next_child(); caller closes. NULL with errno: the group may be gone. */
DIR *cgroup_children(int dir);

/* The name of the next group in a group, or NULL. */
const char *cgroup_next_child(DIR *stream);

#endif
