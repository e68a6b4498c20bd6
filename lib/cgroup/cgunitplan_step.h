/* SPDX-License-Identifier: MIT */
/* cgunitplan_step - what one step of a cgunitplan works on; for those alone who plan such steps */
#ifndef HEADROOM_CGUNITPLAN_STEP_H
#define HEADROOM_CGUNITPLAN_STEP_H

#include "cgevents.h"
#include "cglimit.h"
#include "confile.h"
#include "sdbus.h"

struct cgunitplan;

struct cgunitplan_step {
    struct cgunitplan_step *next;
    struct cgunitplan *all;
    char *unit, *path;
    const struct cglimits *limits; /* borrowed */
    struct sdbus_properties set, old;
    bool persist, later;
    bool active; /* it ran before */
    struct confile file;
    struct cgevents_patience patience;
};

/* A new one at the head of a list, which is that of @all. NULL without memory. */
struct cgunitplan_step *cgunitplan_step_new(struct cgunitplan_step **list, struct cgunitplan *all,
                                            const char *unit, const char *path, struct err *e);

/* Free it and those behind it; NULL is none. */
void cgunitplan_step_clear_all(struct cgunitplan_step *first);

/* Load the file of its unit below /etc/systemd/system into .file. Return: as confile_load(). */
int cgunitplan_step_load(struct cgunitplan_step *s, const struct root *root, struct err *e);

#endif
