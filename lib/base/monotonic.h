/* SPDX-License-Identifier: MIT */
/* monotonic - how late it is, for waiting and measuring: nobody sets this clock */
#ifndef HEADROOM_MONOTONIC_H
#define HEADROOM_MONOTONIC_H

#include "base.h"

/* Milliseconds of CLOCK_MONOTONIC, which stands still while the machine is suspended. */
uint64_t monotonic_ms(void);

/* Milliseconds since boot, of CLOCK_BOOTTIME, which goes on meanwhile; so do the start times of
 * processes. */
uint64_t monotonic_boot_ms(void);

/* So long after @now; UINT64_MAX, which is never, instead of an overflow. */
uint64_t monotonic_after(uint64_t now, uint64_t ms);

#endif
