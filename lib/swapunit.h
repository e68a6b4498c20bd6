/* SPDX-License-Identifier: MIT */
/*
 * swapunit - a swap area declared as native systemd units
 *
 * Two files in /etc/systemd/system, plus the link in swap.target.wants/ that enables the first:
 *   ESCAPED.swap                  systemd.swap(5); its name must be the escaped path of the area
 *   headroom-create-ESCAPED.service  a oneshot before it that runs "swapctl create PATH --size N ...", so that a file lost with
 *                                 an ephemeral disk comes back; it does nothing when the file is there
 * A unit file of that name that headroom did not write (it lacks our "X-Headroom=" marker section... see swapunit.c) is
 * never changed or deleted.
 */
#ifndef HEADROOM_SWAPUNIT_H
#define HEADROOM_SWAPUNIT_H

#include "confile.h"
#include "declaration.h"

/* systemd-escape --path: "/var/my swap" -> "var-my\x20swap". Return: allocated text; NULL out of memory. Pure. */
char *swapunit_escape(const char *path);

/* The texts of the two files; pure. @swapctl: absolute path of the program that the service runs. */
int swapunit_swap_text(const struct declaration *d, char **out, struct err *e);
int swapunit_service_text(const struct declaration *d, const char *swapctl, char **out, struct err *e);

struct swapunit {
    const struct root *root;
    struct confile swap, service;
    char *link;    /* swap.target.wants/ESCAPED.swap */
    char *target;  /* what the link points to */
    bool reload;   /* systemd runs here and is told */
};

#define SWAPUNIT_INIT ((struct swapunit){.root = NULL})

void swapunit_clear(struct swapunit *u);

/* Is there a unit file for this path? Return: 1 written by headroom, 2 somebody else's, 0 none, or a negated errno. */
int swapunit_find(const struct root *root, const char *path, struct err *e);

/* systemd is the init of the live system: sd_booted(3). For a foreign root: it holds /etc/systemd or /lib/systemd/systemd. */
bool swapunit_available(const struct root *root);

/**
 * swapunit_plan_declare() - write and enable the units; then reload systemd where it runs
 * @u: must outlive the plan
 * @swapctl: absolute path of the installed program
 *
 * Return: 0; 1 if all is so already; -EEXIST (refused) when a unit of that name is not ours; -ENAMETOOLONG; -EINVAL for a path
 *         that a unit cannot express (control characters, trailing blank), saying to use fstab; or a negated errno.
 */
int swapunit_plan_declare(const struct root *root, const struct declaration *d, const char *swapctl, struct swapunit *u,
                          struct plan *plan, struct err *e);

/* Delete both and the link, reload. Return: 0, 1 if there are none of ours, or a negated errno. */
int swapunit_plan_undeclare(const struct root *root, const char *path, struct swapunit *u, struct plan *plan,
                            struct err *e);

#endif
