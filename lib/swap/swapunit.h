/* SPDX-License-Identifier: MIT */
/*
 * swapunit - a swap area declared as native systemd units
 *
 * Two files in /etc/systemd/system, plus the link in swap.target.wants/ that enables the first:
 *   ESCAPED.swap                     systemd.swap(5); its name must be the escaped path
 *   headroom-create-ESCAPED.service  a oneshot before it: "swapctl create PATH --size N ..."
 * The service brings back a file that was lost with an ephemeral disk; systemd skips it while the
 * file is there. Both are wanted, not required: boot goes on without the swap.
 *
 * An area on a loop device has the service alone, which runs "swapctl ensure PATH ... --backing
 * loop", and the link enables that.
 *
 * A unit file is ours if it has the section "[X-Headroom]" (systemd ignores sections that begin
 * with "X-"). Any other file of that name, and any symbolic link, is never changed or deleted;
 * neither are drop-in folders.
 */
#ifndef HEADROOM_SWAPUNIT_H
#define HEADROOM_SWAPUNIT_H

#include "confile.h"
#include "declaration.h"

struct swapunit_link {
    char *path;   /* /etc/systemd/system/swap.target.wants/UNIT */
    char *target; /* what it points to, or will */
    bool exists, wanted;
};

enum { SWAPUNIT_LINKS = 2 }; /* of the swap unit, of the service */

struct swapunit {
    const struct root *root; /* borrowed */
    struct confile swap, service;
    struct swapunit_link links[SWAPUNIT_LINKS];
    bool reload;   /* systemd runs here and is told */
    bool reloaded; /* it was told, so it must be told of an undo too */
};

#define SWAPUNIT_INIT ((struct swapunit){.root = NULL})

void swapunit_clear(struct swapunit *u);

/* Is there a unit file for this path? Return: 1 written by headroom, 2 somebody else's, 0 none, or
 * a negated errno. */
int swapunit_find(const struct root *root, const char *path, struct err *e);

/* What our units for d->path say about priority, discard and backing, where @d does not:
 * unittext_declared(). Return: 0 or a negated errno. */
int swapunit_declared(const struct root *root, struct declaration *d, struct err *e);

/**
 * swapunit_plan_declare() - write and enable the units; the steps "persist-unit" and "enable-unit"
 * @u: must outlive the plan; swapunit_clear() it also after a failure
 * @swapctl: absolute path of the installed program
 *
 * Return: 0; 1 if all is so already; -EEXIST (refused) when a unit of that name is not ours; as
 *         unittext_service(); or a negated errno.
 */
int swapunit_plan_declare(const struct root *root, const struct declaration *d, const char *swapctl,
                          struct swapunit *u, struct plan *plan, struct err *e);

/* Delete both and the link; the step "unpersist-unit". Return: 0, 1 if there are none of ours, or a
 * negated errno. */
int swapunit_plan_undeclare(const struct root *root, const char *path, struct swapunit *u,
                            struct plan *plan, struct err *e);

/**
 * swapunit_plan_reload() - tell a running systemd of the steps planned with @u; the step
 * "reload-systemd"
 *
 * Runs "systemctl daemon-reload" for at most 90 seconds. Once it was told, the undo of the earlier
 * steps tells it again, when the old files are back.
 *
 * Return: 0, 1 if nothing was planned with @u or systemd does not run here, or -ENOMEM.
 */
int swapunit_plan_reload(struct swapunit *u, struct plan *plan, struct err *e);

#endif
