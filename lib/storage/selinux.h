/* SPDX-License-Identifier: MIT */
/*
 * selinux - the label of a swap file, where SELinux is on
 *
 * A policy lets those who swap at boot open files of the type swapfile_t only, and a new file has a
 * type from its folder. So mkswap(8) changes the type and leaves the rest of the label, and so does
 * this. The label is an extended attribute, xattr(7): it takes no library.
 */
#ifndef HEADROOM_SELINUX_H
#define HEADROOM_SELINUX_H

#include "plan.h"
#include "root.h"

/* Is it on? As for libselinux: is its file system where it belongs? */
bool selinux_is_on(const struct root *root);

/**
 * selinux_label_swap() - give a file the type of swap files
 * @fd: any descriptor but O_PATH
 *
 * Return: 0, also where a file has no label; or a negated errno of fsetxattr(2).
 */
int selinux_label_swap(int fd, const char *path, struct err *e);

/* What the step "chcon" works on. */
struct selinux_step {
    const int *file;  /* borrowed: its descriptor */
    const char *path; /* borrowed */
    char *was;        /* owned */
};

void selinux_clear(struct selinux_step *s);

/**
 * selinux_plan_swap() - add the step "chcon", which gives a file the type of swap files
 *
 * Nothing is to be done where SELinux is off, the type is right, or the file's mount has one label
 * for all its files (mount option context=).
 *
 * Return: 0 or a negated errno.
 */
int selinux_plan_swap(struct selinux_step *s, const struct root *root, const int *file,
                      const char *path, struct plan *plan, struct err *e);

#endif
