/* SPDX-License-Identifier: MIT */
/*
 * ownlimit - the lowest limit on memory that this process has to live with: in a container, that of
 * the container
 *
 * Version 2: memory.max of its own control group and of those above, as far as they are to be seen;
 * version 1: hierarchical_memory_limit in memory.stat.
 */
#ifndef HEADROOM_OWNLIMIT_H
#define HEADROOM_OWNLIMIT_H

#include "root.h"

struct ownlimit {
    char *group;    /* owned; whose limit it is, "/a/b" from the top that is seen; of version 1 the
                       process' own */
    uint64_t limit; /* bytes */
    uint64_t used;  /* bytes charged to that group, less cached files that nobody used lately */
};

#define OWNLIMIT_INIT ((struct ownlimit){.group = NULL})

void ownlimit_clear(struct ownlimit *l);

/* Find it. Return: 1; 0 if there is none, or no control groups; or a negated errno. */
int ownlimit_read(const struct root *root, struct ownlimit *out, struct err *e);

#endif
