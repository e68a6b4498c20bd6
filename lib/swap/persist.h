/* SPDX-License-Identifier: MIT */
/*
 * persist - where a swap area is declared for the next boot: in fstab or as a systemd unit
 *
 * Never in both by us. A unit that somebody else wrote is respected and left alone.
 */
#ifndef HEADROOM_PERSIST_H
#define HEADROOM_PERSIST_H

#include "fstab.h"
#include "swapunit.h"

enum persist_how { PERSIST_NONE, PERSIST_FSTAB, PERSIST_UNIT, PERSIST_AUTO };

/* Everything that the steps of one declaration work on; must outlive the plan. */
struct persist {
    struct confile fstab;
    struct swapunit unit;
    enum persist_how how; /* where the area is (or will be) declared once the plan is done */
};

#define PERSIST_INIT ((struct persist){.how = PERSIST_NONE})

void persist_clear(struct persist *p);

/**
 * persist_find() - where is it declared now?
 * @how: PERSIST_FSTAB, PERSIST_UNIT (ours or not; it wins if both), or PERSIST_NONE
 */
int persist_find(const struct root *root, const struct declaration_target *target,
                 enum persist_how *how, struct err *e);

/**
 * persist_backing() - what the kernel shall swap to, as it is declared
 * @p: what was read stays there for persist_plan_declare(); persist_clear() it also after a failure
 *
 * @out is DECLARATION_BACKING_LOOP, or AUTO when nothing is declared that says so.
 */
int persist_backing(const struct root *root, const struct declaration_target *target,
                    struct persist *p, enum declaration_backing *out, struct err *e);

/**
 * persist_plan_declare() - make it declared in exactly one place
 * @how: PERSIST_AUTO: where it already is (somebody else's unit stays as it is); else a unit where
 * systemd is the init and can express the path, else fstab. PERSIST_NONE: leave everything as it is
 * (p->how then says where it is declared). PERSIST_UNIT and PERSIST_FSTAB: there, and a declaration
 * in the other place goes, unless it is somebody else's unit.
 * @d: a priority of -1, DECLARATION_DISCARD_UNSET and DECLARATION_BACKING_AUTO leave what is
 * declared
 * @swapctl: the installed program, for units
 * @p:       persist_clear() it also after a failure
 *
 * Return: 0, 1 if all is so already, or a negated errno.
 */
int persist_plan_declare(const struct root *root, enum persist_how how, const struct declaration *d,
                         const struct declaration_target *target, const char *swapctl,
                         struct persist *p, struct plan *plan, struct err *e);

/**
 * persist_plan_undeclare() - take every declaration back
 *
 * Somebody else's unit stays; p->how is PERSIST_UNIT then, and PERSIST_NONE otherwise.
 *
 * Return: 0, 1 if there is none of ours, or a negated errno.
 */
int persist_plan_undeclare(const struct root *root, const struct declaration_target *target,
                           struct persist *p, struct plan *plan, struct err *e);

#endif
