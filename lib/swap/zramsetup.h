/* SPDX-License-Identifier: MIT */
/*
 * zramsetup - make a zram device that is swap, change it, take it away
 *
 * The kernel takes the settings in one order only: algorithm, size, header, activation; and takes
 * the first two back by a reset alone, which wants the device unused. Programs that look at new
 * devices (udev) keep it busy for a moment, so that is tried again for two seconds.
 */
#ifndef HEADROOM_ZRAMSETUP_H
#define HEADROOM_ZRAMSETUP_H

#include "plan.h"
#include "swaps.h"
#include "zram.h"

/* What zram-generator takes: before any disk. */
enum { ZRAMSETUP_PRIORITY = 100 };

struct zramsetup_wish {
    uint64_t size;         /* bytes, whole pages; 0: as it is */
    const char *algorithm; /* NULL: as it is, or the kernel's choice */
    int64_t limit;         /* bytes, 0: none; -1: as it is, or none */
    int priority;          /* -1: as it is, or ZRAMSETUP_PRIORITY */
    bool force;            /* do not ask whether what it holds fits elsewhere */
};

/* What the steps work on; must outlive the plan. */
struct zramsetup {
    const struct root *root; /* borrowed */
    struct zram now;         /* as found; .size 0: not set up */
    int number;              /* -1: to be made by a step */
    bool load;               /* the kernel module comes first */
    int old_priority;        /* of the active area */

    /* wanted; borrowed from the wish */
    const char *algorithm;
    uint64_t size, limit;
    int priority;
};

#define ZRAMSETUP_INIT ((struct zramsetup){.number = -1})

void zramsetup_clear(struct zramsetup *s);

/**
 * zramsetup_find() - which device is it about?
 * @number: this one, which must be ours or not set up; -1: the first of ours, or one to be made
 *
 * Return: 0; -ENODEV for a number that is not there; -EBUSY (refused) if somebody else set it up;
 * -EOPNOTSUPP (unsupported) if this kernel has no zram and modprobe no module for it.
 */
int zramsetup_find(const struct root *root, int number, struct zramsetup *s, struct err *e);

/**
 * zramsetup_plan() - make it so; steps "load-module", "add-device", "deactivate", "reset",
 * "set-algorithm", "set-size", "set-mem-limit", "format", "activate"
 * @s: from zramsetup_find()
 *
 * Another size or algorithm of a device that is in use wants deactivation; refused if what it holds
 * would not fit elsewhere. An algorithm that the kernel does not list is -EOPNOTSUPP with the list;
 * it is known at planning time if there is a device, else the step fails.
 *
 * Return: 0 or a negated errno.
 */
int zramsetup_plan(struct zramsetup *s, const struct zramsetup_wish *wish,
                   const struct swaps *swaps, struct plan *plan, struct err *e);

/**
 * zramsetup_plan_remove() - take it away; the steps "deactivate" and "remove-device"
 * @s: from zramsetup_find() with a number; what is not ours is refused
 *
 * Return: 0 or a negated errno.
 */
int zramsetup_plan_remove(struct zramsetup *s, const struct swaps *swaps, bool force,
                          struct plan *plan, struct err *e);

#endif
