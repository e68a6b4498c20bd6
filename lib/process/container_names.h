/* SPDX-License-Identifier: MIT */
/*
 * container_names - containers by name, for who looks at processes again and again
 *
 * A name belongs to another container after that was made anew, and to none in between. So who
 * waits for one looks it up late: once for each container that a process was seen in. Not more
 * often, because a runtime may have to be asked by a program, whose start is the next reason to
 * look; only while nobody knows the name, it is asked again now and then.
 *
 * Who must not wait for a runtime is given the ids that another process has found, and has children
 * ask anew. As long as they get no answer the name is of the container that it was of, and nobody
 * knows whether of one that is younger.
 */
#ifndef HEADROOM_CONTAINER_NAMES_H
#define HEADROOM_CONTAINER_NAMES_H

#include "askers.h"
#include "container.h"

enum { CONTAINER_NAMES_SEEN = 256 };

enum container_names_when {
    CONTAINER_NAMES_LATE,  /* as soon as a process is seen in a container */
    CONTAINER_NAMES_EARLY, /* when it is added; it is an error if nobody knows it */
    CONTAINER_NAMES_GIVEN, /* only those of a list can be added; see container_names_ask() */
};

struct container_names {
    struct container_name {
        char *name; /* owned */
        char id[CONTAINER_ID + 1];
        bool known;        /* the id */
        bool unsure;       /* whether it is of another one by now: nobody has answered */
        uint64_t asked_ms; /* since boot: when it was of this one, or of nobody */
        uint64_t again_ms; /* when to ask once more for one that is not known */
        char seen[CONTAINER_NAMES_SEEN][CONTAINER_ID + 1]; /* those asked for last */
        size_t n_seen;
    } * *v; /* owned */
    size_t n;
    enum container_names_when when;
    struct askers *askers; /* borrowed; of those that are given */
};

#define CONTAINER_NAMES_INIT ((struct container_names){.n = 0})

void container_names_clear(struct container_names *names);

/**
 * container_names_add() - note a name; one that is noted keeps its number
 *
 * Return: 0; -EINVAL (usage) for what can be none; -ENOENT (usage) for one that is not of the list;
 * what container_find() says; or -ENOMEM.
 */
int container_names_add(struct container_names *names, const struct root *root, const char *name,
                        uint32_t *number, struct err *e);

/* Is that the name of the container with this id, as far as somebody knows? */
bool container_names_fits(struct container_names *names, uint32_t number, const struct root *root,
                          const char *id);

/* May it be the name of a container that is not older than this? Milliseconds since boot. */
bool container_names_may_fit(const struct container_names *names, uint32_t number,
                             uint64_t started_ms);

/* Ask anew for one of a list, by a child; wait for that so long at most. */
void container_names_ask(struct container_names *names, uint32_t number, const struct root *root,
                         uint64_t ms);

/* Those that are known as text, for another process. Return: NULL without memory; caller frees. */
char *container_names_list(const struct container_names *names);

/* Add what container_names_list() has written. Return: 0; -EINVAL if it is none; -ENOMEM. */
int container_names_add_list(struct container_names *names, const char *list, struct err *e);

#endif
