/* SPDX-License-Identifier: MIT */
/*
 * swaphelper - a temporary swap area that holds what another area must give up for a moment
 *
 * An active area cannot be resized, so it has to be deactivated; where its content fits neither
 * into RAM nor into the other areas, a helper takes it. It is a swap file of its own in the same
 * folder, ".headroom-INODE.swap" after the area that it helps, so that the next run finds one that
 * a killed process left behind.
 */
#ifndef HEADROOM_SWAPHELPER_H
#define HEADROOM_SWAPHELPER_H

#include "plan.h"
#include "swaparea.h"
#include "swapmake.h"

enum { SWAPHELPER_NAME_MAX = 48 };

struct swaphelper {
    struct swapmake make; /* .dir_fd, .fs and .watch are borrowed from whoever planned it */
    char name[SWAPHELPER_NAME_MAX];
    char *path; /* owned */
};

#define SWAPHELPER_INIT ((struct swaphelper){.make = {.fd = -1}})

void swaphelper_clear(struct swaphelper *h);

/**
 * swaphelper_prepare() - name the helper of a file
 * @dir_fd: the folder, borrowed; @path: of the file that is helped; @st: that file
 *
 * Return: 0; 1 if a helper is there already, left behind by an earlier run (h->make.st is set);
 * -EEXIST (refused) if something else has its name; or a negated errno.
 */
int swaphelper_prepare(int dir_fd, const char *path, const struct stat *st,
                       const struct filesystem *fs, const struct swapmake_watch *watch,
                       struct swaphelper *h, struct err *e);

/* Add the step "helper-on": make a helper of @bytes and activate it. Return: 0 or a negated errno.
 */
int swaphelper_plan_on(struct swaphelper *h, uint64_t bytes, struct plan *plan, struct err *e);

/* Add the step "helper-off": deactivate and delete it; it may be one that was left behind. */
int swaphelper_plan_off(struct swaphelper *h, struct plan *plan, struct err *e);

#endif
