/* SPDX-License-Identifier: MIT */
/* proctree - who is whose parent, of all processes at one time */
#ifndef HEADROOM_PROCTREE_H
#define HEADROOM_PROCTREE_H

#include "procscan.h"

struct proctree {
    struct proctree_node {
        pid_t pid, ppid;
    } * nodes; /* owned; by number */
    size_t n, size;
};

#define PROCTREE_INIT ((struct proctree){.nodes = NULL})

void proctree_clear(struct proctree *t);

/* Read it; the walk begins anew. Return: 0, or a negated errno with a message. */
int proctree_read(struct proctree *t, struct procscan *s, struct err *e);

/* The parent of a process, 0 if it has none or is not known. */
pid_t proctree_parent(const struct proctree *t, pid_t pid);

/* Is it @top, or its child, or a child of one of those...? */
bool proctree_is_below(const struct proctree *t, pid_t pid, pid_t top);

#endif
