/* SPDX-License-Identifier: MIT */
/*
 * swaparea - activate and deactivate: swapon(2), swapoff(2), and what their errors mean
 *
 * Both work on the live kernel and take an open descriptor, so no path can be exchanged in between.
 */
#ifndef HEADROOM_SWAPAREA_H
#define HEADROOM_SWAPAREA_H

#include "declaration.h"
#include "plan.h"
#include "swaps.h"
#include "swapwatch.h"

enum { SWAPAREA_PRIORITY_MAX = 32767 };

/**
 * swaparea_find() - the active area that is this file or device, also when its name is no help
 * @fd: any descriptor of it, O_PATH too; @st: its fstat(2)
 *
 * As swaps_find(). But the name of an area that was activated in another mount namespace (by a
 * container, by a unit with ReadWritePaths=) leads nowhere from here, or to another file. So on a
 * live root the kernel is asked whether it swaps to the file, if there is an area that it could be.
 * A file is also the area that lies on a loop device over it.
 *
 * Return: the area, borrowed from @swaps, or NULL.
 */
const struct swaps_area *swaparea_find(const struct root *root, const struct swaps *swaps, int fd,
                                       const struct stat *st);

/**
 * swaparea_on_loop() - the part of swaparea_find() for loop devices, which can fail
 * @file: of a regular file
 *
 * Who activates anything asks this first: the kernel would take the same file twice, once itself
 * and once behind a device.
 *
 * Return: 1 and the area; 0 if there is none; or a negated errno.
 */
int swaparea_on_loop(const struct root *root, const struct swaps *swaps, const struct stat *file,
                     const struct swaps_area **area, struct err *e);

/**
 * swaparea_on() - activate
 * @fd:       the file or block device, open for reading, not O_PATH, and not through an unlinked
 * name
 * @priority: 0 to SWAPAREA_PRIORITY_MAX, or -1: the kernel chooses
 *
 * Return: 0; 1 if it is active already; -ENOSPC if the kernel takes no more areas (it says EPERM);
 * -EPERM without the privilege; -EINVAL when the kernel does not like the file, with the cause as
 * far as it can be found out; -EROFS, -ENOMEM, or another errno of swapon(2).
 */
int swaparea_on(int fd, const char *path, int priority, enum declaration_discard discard,
                struct err *e);

/**
 * swaparea_check_header() - has it a header that the kernel takes?
 * @st: its fstat(2)
 *
 * Return: 0, also if it cannot be read; or -EINVAL, for a hibernation image as ERR_REFUSED.
 */
int swaparea_check_header(int fd, const char *path, const struct stat *st, struct err *e);

/* Deactivate. Return: 0; 1 if it is not active; -ENOMEM if the content fits nowhere; -EINTR (still
 * active); ... */
int swaparea_off(int fd, const char *path, struct err *e);

/* What the steps of one area work on; the caller fills it and keeps it until the plan is done. */
struct swaparea {
    int fd; /* borrowed; as swaparea_on() wants it */
    const int
        *device;      /* borrowed; a loop device over the file, used in place of .fd (swaploop.h) */
    const char *path; /* borrowed */
    int priority;     /* for activation; -1: the kernel's choice */
    int old_priority; /* what undoing a deactivation gives back */
    enum declaration_discard discard;
    const struct swapwatch *watch; /* of deactivation; borrowed; NULL: nobody wants to know */

    const struct swaps_area *was; /* set by swaparea_plan_off(), borrowed */

    /* With a .device: what has to be done before it is activated anew, and after it was
     * deactivated. */
    int (*attach)(void *loop, struct err *e);
    void (*release)(void *loop);
    void *loop; /* borrowed */
};

/* Add the step "activate". Return: 0 or -ENOMEM. */
int swaparea_plan_on(struct swaparea *a, struct plan *plan, struct err *e);

/**
 * swaparea_plan_off() - add the step "deactivate"
 * @area:  the entry of @swaps that @a is; must outlive the plan
 * @force: do not ask swapfit_check()
 *
 * Return: 0 or a negated errno.
 */
int swaparea_plan_off(struct swaparea *a, const struct root *root, const struct swaps *swaps,
                      const struct swaps_area *area, bool force, struct plan *plan, struct err *e);

#endif
