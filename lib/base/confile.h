/* SPDX-License-Identifier: MIT */
/*
 * confile - replace a configuration file without ever losing it
 *
 * A file such as /etc/fstab is read whole, its new text is made by somebody else, and then it is
 * replaced at once: symbolic links are followed to the real file (inside the root), a temporary
 * file beside it takes over mode, owner and extended attributes (ACL and SELinux label among them),
 * is fsynced and renamed over it, and the directory is fsynced. A crash leaves the old or the new
 * text. The file is locked (flock(2)) meanwhile, and one whose text changed since it was loaded is
 * not overwritten (-ESTALE): not by others who know the lock, and, looked at once more after it was
 * exchanged for the new one, not by others who rename their own file over it. The temporary file has
 * the name of aside.h; one that a killed process left is deleted by the next.
 */
#ifndef HEADROOM_CONFILE_H
#define HEADROOM_CONFILE_H

#include "plan.h"
#include "root.h"

struct confile {
    const struct root *root; /* borrowed */
    char *path;              /* as asked for */
    bool exists;             /* it was there when it was loaded */
    struct stat st;          /* then */
    char *text;              /* its content then, NUL-terminated; "" if it was absent */
    size_t len;
    char *new_text; /* what confile_apply() writes; NULL: delete the file */
    bool changes;   /* confile_prepare() found something to do */
};

#define CONFILE_INIT ((struct confile){.root = NULL})

void confile_clear(struct confile *f);

/**
 * confile_load() - read @path below @root
 * @out: set on success; an absent file is one (exists = false)
 *
 * Return: 0; -EINVAL (refused) for what is not a regular file; or a negated errno.
 */
int confile_load(const struct root *root, const char *path, struct confile *out, struct err *e);

/**
 * confile_plan() - add the step that gives the file a new text
 * @new_text: allocated, taken over unless this fails; NULL deletes the file. A text equal to the
 * old one, or the deletion of an absent file, adds no step.
 * @action:   see plan_add()
 * @what:     the step's text for people ("declare it in /etc/fstab")
 *
 * A new file gets mode 0644, and its directories are made. Undo puts the old text back (or deletes
 * the new file), unless somebody changed it in between. Checks at planning time that the file and
 * its directory (or the nearest one that exists) can be written.
 *
 * Return: 0, 1 if nothing needs doing, or a negated errno.
 */
int confile_plan(struct confile *f, char *new_text, struct plan *plan, const char *action,
                 const char *what, struct err *e);

/* The parts of confile_plan(), for a step of several files; @file is a struct confile. */
int confile_prepare(struct confile *f, char *new_text, struct err *e);
int confile_apply(void *file, struct err *e);
int confile_undo(void *file, struct err *e);

#endif
