/* SPDX-License-Identifier: MIT */
/*
 * swapwatch - tell how far a deactivation is
 *
 * swapoff(2) comes back when everything is moved, which can take minutes. Meanwhile /proc/swaps
 * shows how much the area still holds, and only another thread can look.
 */
#ifndef HEADROOM_SWAPWATCH_H
#define HEADROOM_SWAPWATCH_H

#include "swaps.h"

/* Who wants to know; .progress is called from another thread, @done and @total in bytes. NULL:
 * nobody. */
struct swapwatch {
    void (*progress)(void *arg, const char *path, uint64_t done, uint64_t total);
    void *arg;
};

struct swapwatch_run;

/**
 * swapwatch_begin() - tell that nothing is moved yet, and look again five times a second
 * @area: as /proc/swaps shows it now; copied
 * @path: what .progress is told; borrowed until the end
 *
 * The thread takes no signals: they are for the one that waits for swapoff(2).
 *
 * Return: what swapwatch_end() takes, or NULL: then nobody looks, which is no failure.
 */
struct swapwatch_run *swapwatch_begin(const struct swapwatch *watch, const struct swaps_area *area,
                                      const char *path);

/* Wait for the thread. @done: it is all moved, which .progress is told. @run may be NULL. */
void swapwatch_end(struct swapwatch_run *run, bool done);

#endif
