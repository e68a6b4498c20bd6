/* SPDX-License-Identifier: MIT */
/*
 * kswapd - the kernel's threads that reclaim in the background, one for each node with memory
 *
 * They are called kswapd0, kswapd1 and so on, as any program may call itself: a kernel thread is
 * told by its flags. In a PID namespace of their own, as in containers, none is to be seen, and
 * what they use is unknown.
 */
#ifndef HEADROOM_KSWAPD_H
#define HEADROOM_KSWAPD_H

#include "proc.h"
#include "root.h"

enum { KSWAPD_MAX = 64 }; /* more nodes than that are left out */

struct kswapd_node {
    unsigned node;
    pid_t pid;
    uint64_t start; /* with the number its identity */
};

struct kswapd {
    struct kswapd_node nodes[KSWAPD_MAX]; /* in the order of the nodes */
    size_t n;
};

/* "kswapd12" is of node 12; pure. Return: false if it is none. */
bool kswapd_parse_name(const char *name, unsigned *node);

/* Look for them among all processes. Return: 0, also if none was found; or a negated errno. */
int kswapd_find(const struct root *root, struct kswapd *out, struct err *e);

/* The clock ticks that one has used since boot. Return: false if that is not known (any more). */
bool kswapd_ticks(const struct root *root, const struct kswapd_node *node, uint64_t *out);

#endif
