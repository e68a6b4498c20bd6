/* SPDX-License-Identifier: MIT */
/*
 * fstab - swap entries of /etc/fstab
 *
 * Lines are understood by libmount (one line at a time) and changed by splicing bytes, because
 * libmount's own writer drops comments and reflows everything: whatever is not the wanted entry
 * stays byte-identical. A CR before the newline, a missing final newline, lines that nobody can
 * parse: all kept.
 *
 * An entry written here, on one line:
 *   PATH none swap sw,nofail,x-headroom.size=BYTES[,pri=N][,discard[=once|pages]]
 *       [,x-headroom.label=LABEL] 0 0
 * One that is swapped to through a loop device, which neither swapon(8) nor systemd can, has in
 * place of the discard option:
 *   noauto,x-headroom.backing=loop
 * Blanks in PATH are escaped as fstab(5) wants. Options that begin with "x-" are comments to
 * swapon(8) and systemd.
 *
 * When is an entry the one for a target? Its source is
 * - a path: where both exist below the root, by device and inode; else as canonical text;
 * - UUID= or LABEL=: by text, but on the live root not if another block device has that tag now.
 */
#ifndef HEADROOM_FSTAB_H
#define HEADROOM_FSTAB_H

#include "confile.h"
#include "declaration.h"

/**
 * fstab_find() - the first swap entry for a file or device, however it is spelled
 * @root:   NULL compares by text only
 * @text:   the file
 * @begin, @end: set to the offsets of the entry's line, newline included
 *
 * Return: 1 found, 0 not found, or a negated errno (-ENOMEM).
 */
int fstab_find(const struct root *root, const char *text, const struct declaration_target *target,
               size_t *begin, size_t *end, struct err *e);

/* The path of the next swap file that is declared (not a device, nor by a tag); caller frees.
 * @cursor: begins at the text. Return: 1, 0 if there is none, or -ENOMEM. */
int fstab_next_file(const char **cursor, char **path, struct err *e);

/**
 * fstab_declare_text() - the text with exactly one swap entry for the target
 * @root: NULL compares by text only; the function is pure then
 * @out:  allocated; set on success, also when it equals @text
 *
 * The first entry for @target is updated in place: a source given as a path stays as spelled, UUID=
 * or LABEL= becomes the path (a swap file cannot be found by tag at boot); pri=, discard, noauto,
 * x-headroom.size=, x-headroom.label= and x-headroom.backing= become those of @d, all other options
 * stay. Further entries for it go. Without one, a line is appended.
 *
 * Return: 0; -EBADMSG when the options of the entry cannot be read; -ENOMEM.
 */
int fstab_declare_text(const struct root *root, const char *text, const struct declaration *d,
                       const struct declaration_target *target, char **out, struct err *e);

/* The text without any swap entry for @target. As fstab_declare_text(). */
int fstab_undeclare_text(const struct root *root, const char *text,
                         const struct declaration_target *target, char **out, struct err *e);

/**
 * fstab_plan_declare() - the step that makes the file say fstab_declare_text()
 * @f: loaded by confile_load(root, "/etc/fstab"); must outlive the plan
 *
 * Return: 0, 1 if it says all that already, or a negated errno.
 */
int fstab_plan_declare(struct confile *f, const struct declaration *d,
                       const struct declaration_target *target, struct plan *plan, struct err *e);

/* Every swap entry for @target goes. Return: 0, 1 if there is none, or a negated errno. */
int fstab_plan_undeclare(struct confile *f, const struct declaration_target *target,
                         struct plan *plan, struct err *e);

/**
 * fstab_declared() - what the first entry for @target says about priority, discard and backing
 * @d: these are set where the entry says something and @d does not (-1, UNSET, AUTO)
 *
 * Return: 1 if there is an entry, 0 if not, or a negated errno (-ENOMEM).
 */
int fstab_declared(const struct root *root, const char *text,
                   const struct declaration_target *target, struct declaration *d, struct err *e);

#endif
