/* SPDX-License-Identifier: MIT */
/* removal - take a swap file away, and with it what declares it: "remove" and "clean" */
#ifndef HEADROOM_SWAPCTL_REMOVAL_H
#define HEADROOM_SWAPCTL_REMOVAL_H

#include "session.h"

/* What the steps of one file work on. */
struct removal {
    struct swapfile file;
    struct persist persist;
};

#define REMOVAL_INIT ((struct removal){.file = SWAPFILE_INIT, .persist = PERSIST_INIT})

void removal_clear(struct removal *w);

/**
 * removal_plan() - deactivate, undeclare and delete a file
 * @force: even if what is swapped out may not fit elsewhere
 * @w:     .file is inspected; must outlive the plan
 *
 * On a foreign root nothing is deactivated. Refuses what is not a swap file.
 *
 * Return: 0, 1 if the file is absent, or a negated errno with a message.
 */
int removal_plan(struct session *s, bool force, struct removal *w, struct plan *plan,
                 struct err *e);

/* The folder is gone with its disk: what can be left of the area is its declaration. Return: 0, 1
 * if there is none, or a negated errno. */
int removal_plan_lost(struct session *s, const char *path, struct removal *w, struct plan *plan,
                      struct err *e);

#endif
