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
    uint64_t promised;  /* to programs, beyond what RAM can keep (Committed_AS of /proc/meminfo) */
};

/* What the machine is for. */
enum swapsize_workload {
    SWAPSIZE_GENERAL,   /* nothing special: the rule of "auto" */
    SWAPSIZE_BATCH,     /* large jobs that come in steps */
    SWAPSIZE_LLM,       /* a server of models that are as large as the RAM */
    SWAPSIZE_HIBERNATE, /* the content of RAM must fit as well */
};

struct swapsize_advice {
    uint64_t bytes;
    const char *rule;   /* one word for programs; static */
    const char *reason; /* for people; static */
};

/**
 * swapsize_advise() - how much swap should there be?
 * @basis: .existing counts as free space: it can be taken away and made anew
 *
 * general: as much as RAM below 4 GiB of it, 4 GiB below 16 GiB, then the square root of its GiB,
 * rounded, in GiB. batch: half of RAM, at most 32 GiB. llm: as much as RAM, at most 64 GiB; both at
 * least what general says, and what was promised beyond RAM, up to as much as RAM again. hibernate:
 * RAM and what general says. All but hibernate at most a quarter of the space that is free.
 *
 * Return: 0; 1 if the free space allows for less than 64 MiB, and for less than RAM; @out is set
 * then too.
 */
int swapsize_advise(enum swapsize_workload workload, const struct swapsize_basis *basis,
                    struct swapsize_advice *out);

/**
 * swapsize_resolve() - read a size
 * @text: as size_parse(), "50%" of RAM, or "auto"
 *
 * The relative forms must not make a second run refuse what the first one made: "auto" is what
 * swapsize_advise() says for SWAPSIZE_GENERAL, and keeps the size of an existing area, and a
 * percentage keeps one that differs by at most a sixteenth (RAM differs a little from kernel to
 * kernel).
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE; -ENOSPC when "auto" finds too little free space.
 */
int swapsize_resolve(const char *text, const struct swapsize_basis *basis, uint64_t *bytes,
                     struct err *e);

#endif
