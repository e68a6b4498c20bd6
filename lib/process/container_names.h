/* SPDX-License-Identifier: MIT */
/*
 * container_names - containers by name, for who looks at processes again and again
 *
 * A name belongs to another container after that was made anew, and to none in between; so it is
 * looked up late: once for each container that a process was seen in. Not more often, because a
 * runtime may have to be asked by a program, whose start is the next reason to look; only while
 * nobody knows the name, it is asked again now and then.
 */
#ifndef HEADROOM_CONTAINER_NAMES_H
#define HEADROOM_CONTAINER_NAMES_H

#include "container.h"

enum { CONTAINER_NAMES_SEEN = 256 };

struct container_names {
    struct container_name {
        char *name; /* owned */
        char id[CONTAINER_ID + 1];
        bool known;        /* the id */
        uint64_t again_ms; /* when to ask once more for one that is not known */
        char seen[CONTAINER_NAMES_SEEN][CONTAINER_ID + 1]; /* those asked for last */
        size_t n_seen;
    } * *v; /* owned */
    size_t n;
};

#define CONTAINER_NAMES_INIT ((struct container_names){.n = 0})

void container_names_clear(struct container_names *names);

/**
 * container_names_add() - note a name; one that is noted keeps its number
 *
 * Return: 0; -EINVAL (usage) for what can be none; or -ENOMEM.
 */
int container_names_add(struct container_names *names, const char *name, uint32_t *number,
                        struct err *e);

/* Is that the name of the container with this id, as far as somebody knows? */
bool container_names_fits(struct container_names *names, uint32_t number, const struct root *root,
                          const char *id);

#endif
