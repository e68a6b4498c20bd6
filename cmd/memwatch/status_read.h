/* SPDX-License-Identifier: MIT */
/* status_read - what "memwatch status" shows, read once */
#ifndef HEADROOM_MEMWATCH_STATUS_READ_H
#define HEADROOM_MEMWATCH_STATUS_READ_H

#include "consumers.h"
#include "judgement.h"
#include "meminfo.h"
#include "ownlimit.h"
#include "pressure.h"
#include "swaps.h"
#include "zram.h"
#include "zswap.h"

enum { STATUS_READ_TOP = 5, STATUS_READ_GPUS = 16 };
enum status_read_psi {
    STATUS_READ_MEMORY,
    STATUS_READ_CPU,
    STATUS_READ_IO,
    STATUS_READ_PSI,
};

struct status_read_group {
    char *path; /* owned; "/a/b" */
    uint64_t bytes;
};

struct status_read {
    struct meminfo meminfo;
    struct swaps swaps;
    struct zram_list zram;
    struct zswap zswap;
    bool has_zswap;
    struct pressure psi[STATUS_READ_PSI];
    bool has_psi[STATUS_READ_PSI];
    struct ownlimit limit; /* .group NULL: none */
    struct users users;
    struct consumers top;
    struct status_read_group groups[STATUS_READ_TOP]; /* the largest that have none in them */
    size_t n_groups;
    struct {
        bool known;
        double percent, used;
    } gpus[STATUS_READ_GPUS];
    enum judgement judgement;
    char reason[JUDGEMENT_TEXT_MAX];
    size_t broken; /* parts that make no sense or cannot be read */
};

void status_read_clear(struct status_read *s);

/**
 * status_read_all() - read it
 * @broken: told of every part that makes no sense; the others are shown
 *
 * Return: 0, or a negated errno if even /proc/meminfo cannot be read.
 */
int status_read_all(const struct root *root, struct status_read *out,
                    void (*broken)(void *arg, const struct err *e), void *arg, struct err *e);

/* "memory", "cpu", "io" */
const char *status_read_psi_word(enum status_read_psi which);

#endif
