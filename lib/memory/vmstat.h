/* SPDX-License-Identifier: MIT */
/*
 * vmstat - the event counters of /proc/vmstat, memory.stat and the node's vmstat
 *
 * Counters come and go with kernels, so they are kept by name, in the kernel's order, and an absent
 * one is absent, not 0.
 */
#ifndef HEADROOM_VMSTAT_H
#define HEADROOM_VMSTAT_H

#include "root.h"

struct vmstat_item {
    const char *name; /* points into the owner's text */
    uint64_t value;
};

struct vmstat {
    char *text; /* owned; names point into it */
    struct vmstat_item *items;
    size_t n;
};

#define VMSTAT_INIT ((struct vmstat){.text = NULL})

void vmstat_clear(struct vmstat *v);

/**
 * vmstat_parse() - take a text of "name number" lines apart
 * @text: allocated; owned by @out on success, still the caller's on failure (its content may have
 * been changed)
 *
 * Return: 0; -EBADMSG for a line that is not "name number"; -EOVERFLOW; -ENOMEM.
 */
int vmstat_parse(char *text, struct vmstat *out, struct err *e);

/* @path: "/proc/vmstat", "/sys/devices/system/node/node0/vmstat". Return: 0 or a negated errno. */
int vmstat_read(const struct root *root, const char *path, struct vmstat *out, struct err *e);

/* Return: false if this kernel has no such counter. */
bool vmstat_get(const struct vmstat *v, const char *name, uint64_t *out);

/* How much a counter grew. Return: false if it is absent from one of them or went backwards. */
bool vmstat_delta(const struct vmstat *before, const struct vmstat *after, const char *name,
                  uint64_t *out);

#endif
