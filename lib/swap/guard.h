/* SPDX-License-Identifier: MIT */
/*
 * guard - the attribute that keeps a file from being opened for writing, cut, renamed or deleted
 *
 * The kernel protects a swap file by itself, but not the file behind a loop device. chattr(1)
 * knows two attributes for that: immutable, and append-only, which leaves no more than appending.
 * Some file systems (ext4, f2fs) look at the first one at each write, also through a descriptor
 * that was opened before: swapping through the loop device would fail. So that is tried out.
 */
#ifndef HEADROOM_GUARD_H
#define HEADROOM_GUARD_H

#include "plan.h"

enum guard {
    GUARD_NONE = 0,
    GUARD_IMMUTABLE = 1 << 0,
    GUARD_APPEND_ONLY = 1 << 1,
};

/* What the file has, bits of enum guard; GUARD_NONE also where the file system has no such thing.
 */
unsigned guard_get(int fd);

/* Set exactly these. @fd: any descriptor but O_PATH. Return: 0, or a negated errno of ioctl(2). */
int guard_set(int fd, unsigned guard, const char *path, struct err *e);

/**
 * guard_put() - guard a file that goes on being written through a descriptor
 * @writable: open for reading and writing, since before; its first page is written back as it is
 * @was:      what the file had before; set on success
 *
 * Return: 0; 1 if the file system has no attribute that would do, and the file has none now; or a
 * negated errno.
 */
int guard_put(int writable, const char *path, unsigned *was, struct err *e);

/* Open for writing what has a guard, which is off for that moment. @fd: as for guard_set(). Return:
 * a descriptor (caller closes), or a negated errno. */
int guard_open(int fd, const char *path, struct err *e);

/* What the step "unprotect" works on. */
struct guard_step {
    const int *file;  /* borrowed: its descriptor */
    const char *path; /* borrowed */
    unsigned was;
};

/* Add the step "unprotect", which takes the guard away. Return: 0, 1 if there is none, or -ENOMEM.
 */
int guard_plan_off(struct guard_step *s, const int *file, const char *path, struct plan *plan,
                   struct err *e);

#endif
