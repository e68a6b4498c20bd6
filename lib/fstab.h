/* SPDX-License-Identifier: MIT */
/*
 * fstab - swap entries of /etc/fstab
 *
 * Lines are understood by libmount (one line at a time) and changed by splicing bytes, because libmount's own
 * writer drops comments and reflows everything: whatever is not the wanted entry stays byte-identical. A CR before
 * the newline, a missing final newline, lines that nobody can parse: all kept.
 *
 * An entry written here: PATH none swap sw,nofail,x-headroom.size=BYTES[,pri=N][,discard[=once|pages]] 0 0
 * Blanks in PATH are escaped as fstab(5) wants. Options that begin with "x-" are comments to swapon(8) and systemd.
 */
#ifndef HEADROOM_FSTAB_H
#define HEADROOM_FSTAB_H

#include "confile.h"
#include "declaration.h"

/**
 * fstab_find() - the first swap entry for a file or device, however it is spelled
 * @text:   the file
 * @target: compared with the entry's path by identity where both exist below @root, else as canonical text; and with
 *          UUID= and LABEL=
 * @begin, @end: set to the offsets of the entry's line, newline included
 *
 * Return: 1 found, 0 not found, or a negated errno (-ENOMEM).
 */
int fstab_find(const struct root *root, const char *text, const struct declaration_target *target, size_t *begin,
               size_t *end, struct err *e);

/**
 * fstab_plan_declare() - one swap entry for the area
 * @f: loaded by confile_load(root, "/etc/fstab"); must outlive the plan
 *
 * An existing entry for @target is updated in place: a source given as a path stays as spelled, UUID= or LABEL= becomes the
 * path (a swap file cannot be found by tag at boot); options that we do not set stay, pri=, discard and x-headroom.size= become
 * those of @d, noauto goes. Without one, a line is appended.
 *
 * Return: 0, 1 if it says all that already, or a negated errno.
 */
int fstab_plan_declare(struct confile *f, const struct declaration *d, const struct declaration_target *target,
                       struct plan *plan, struct err *e);

/* Every swap entry for @target goes. Return: 0, 1 if there is none, or a negated errno. */
int fstab_plan_undeclare(struct confile *f, const struct declaration_target *target, struct plan *plan,
                         struct err *e);

#endif
