/* SPDX-License-Identifier: MIT */
/* footprint - what a program that sleeps for days keeps in memory */
#ifndef HEADROOM_FOOTPRINT_H
#define HEADROOM_FOOTPRINT_H

/**
 * footprint_trim() - forget the pages of code and constants that only the start needed
 *
 * They are never written to, so the kernel maps them anew from the file where they are still needed
 * (MADV_DONTNEED, madvise(2)). To be called once, before the first long sleep.
 */
void footprint_trim(void);

#endif
