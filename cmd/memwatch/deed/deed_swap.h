/* SPDX-License-Identifier: MIT */
/* deed_swap - which file is to be one more swap area: DIR/headroom-1.swap, then headroom-2.swap */
#ifndef HEADROOM_MEMWATCH_DEED_SWAP_H
#define HEADROOM_MEMWATCH_DEED_SWAP_H

#include "root.h"

struct deed_swap_bounds {
    uint64_t total;   /* what all such files of the folder may take together */
    uint64_t reserve; /* bytes that stay free on the disk */
};

struct deed_swap {
    char *path;    /* owned */
    uint64_t size; /* bytes */
    bool there;    /* it is a swap area already, which only is not active: after a reboot, say */
};

#define DEED_SWAP_INIT ((struct deed_swap){.path = NULL})

void deed_swap_clear(struct deed_swap *s);

/* The number of a file of ours, 0 if it is none; pure. */
unsigned deed_swap_number(const char *name);

/**
 * deed_swap_choose() - look what there is, and choose
 * @dir:  absolute
 * @size: of a new one
 *
 * One that is there and not active goes before a new one, and takes no space. What is called so and
 * is no swap area is left alone. May hang where the disk does.
 *
 * Return: 0; -EDQUOT (refused) beyond the total; -ENOSPC (refused) where the disk would have less
 * than the reserve; or another negated errno.
 */
int deed_swap_choose(const struct root *root, const char *dir, uint64_t size,
                     const struct deed_swap_bounds *bounds, struct deed_swap *out, struct err *e);

#endif
