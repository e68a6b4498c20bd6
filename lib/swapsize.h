/* SPDX-License-Identifier: MIT */
/* swapsize - from what a user wrote for a swap area's size to bytes; pure */
#ifndef HEADROOM_SWAPSIZE_H
#define HEADROOM_SWAPSIZE_H

#include "err.h"

/* What the relative sizes relate to; all in bytes. */
struct swapsize_basis {
    uint64_t ram;
    uint64_t available; /* free on the target file system */
    uint64_t existing;  /* of the swap area that is at the path already; 0 if there is none */
};

/**
 * swapsize_auto() - the rule of "auto"
 *
 * As much as RAM below 4 GiB of it, 4 GiB below 16 GiB, then the square root of its GiB, rounded,
 * in GiB; at most a quarter of the space that is free.
 */
uint64_t swapsize_auto(uint64_t ram, uint64_t available);

/**
 * swapsize_resolve() - read a size
 * @text: as size_parse(), "50%" of RAM, or "auto"
 *
 * The relative forms must not make a second run refuse what the first one made: "auto" keeps the
 * size of an existing area, and a percentage keeps one that differs by at most a sixteenth (RAM
 * differs a little from kernel to kernel).
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE; -ENOSPC when "auto" finds too little free space.
 */
int swapsize_resolve(const char *text, const struct swapsize_basis *basis, uint64_t *bytes,
                     struct err *e);

#endif
