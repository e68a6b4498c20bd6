/* SPDX-License-Identifier: MIT */
/* export_sources - what "memwatch export" tells of the machine, one source after the other */
#ifndef HEADROOM_MEMWATCH_EXPORT_SOURCES_H
#define HEADROOM_MEMWATCH_EXPORT_SOURCES_H

#include "exposition.h"
#include "root.h"

struct export_sources {
    const struct root *root; /* borrowed */
    struct exposition *x;    /* borrowed */
    bool all;                /* what node_exporter has as well */
};

/**
 * export_sources_fn - write what a source has
 *
 * What this kernel lacks is left out and no failure.
 *
 * Return: 0 or a negated errno; nothing was written then.
 */
typedef int export_sources_fn(const struct export_sources *s, struct err *e);

export_sources_fn export_sources_swap, export_sources_declared, export_sources_zram,
    export_sources_zswap, export_sources_reclaim;

#endif
