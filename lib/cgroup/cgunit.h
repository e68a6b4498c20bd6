/* SPDX-License-Identifier: MIT */
/*
 * cgunit - groups and limits as systemd has them: units and properties; pure
 *
 * systemd.resource-control(5), systemd.slice(5). Below the root, slices lie in slices; in those lie
 * services, scopes and the like, whose groups nobody but systemd divides, unless they were
 * delegated. Such a one is user@UID.service, below which that user's own manager does the same.
 */
#ifndef HEADROOM_CGUNIT_H
#define HEADROOM_CGUNIT_H

#include "cglimit.h"
#include "sdbus.h"

enum { CGUNIT_NAME = 256 };

/* Where all slices and scopes of ours are. */
#define CGUNIT_TOP_SLICE "headroom.slice"

struct cgunit {
    uid_t whose;            /* the manager: SDBUS_SYSTEM or a user's */
    char name[CGUNIT_NAME]; /* "" is the root slice */
    size_t length;          /* how much of the path is the unit's own group */
    const char *rest;       /* what follows in the path; "": the path is the unit's group */
    bool slice;
};

/* The unit that a group belongs to. @path is borrowed by .rest. */
void cgunit_of(const char *path, struct cgunit *out);

/* Is this the name of a unit that has a group? */
bool cgunit_is_name(const char *name);

/* The path of a slice by its name, below that of its manager: "a-b.slice" is "a.slice/a-b.slice".
 * Return: NULL without memory. */
char *cgunit_slice_path(uid_t whose, const char *name);

/**
 * cgunit_slice() - the slice that a group without a leading slash is beside systemd
 * @group: "batch/night-1"
 * @out: "headroom-batch-night\x2d1.slice", caller frees
 *
 * Return: 0; -ENAMETOOLONG (usage); or -ENOMEM.
 */
int cgunit_slice(const char *group, char **out, struct err *e);

/**
 * cgunit_property() - add the properties that say the same as a limit
 *
 * Return: 0; 1 if systemd has none for that file; -EINVAL (usage) for --set with a file that
 * systemd keeps itself; -ERANGE (refused) for what it would round; or -ENOMEM.
 */
int cgunit_property(const struct root *root, const struct cglimit *l, struct sdbus_properties *out,
                    struct err *e);

/* The drop-in that systemd writes for a property of the file: "MemoryMax"; NULL: none. */
const char *cgunit_setting(const char *file);

#endif
