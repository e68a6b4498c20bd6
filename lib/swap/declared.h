/* SPDX-License-Identifier: MIT */
/*
 * declared - all swap areas that headroom is to keep true: from fstab and our systemd units
 *
 * From fstab come the entries with the option x-headroom.size= (not those with noauto, unless they
 * are on a loop device), from systemd the units that headroom wrote and that are enabled, with
 * their drop-ins. What cannot be
 * understood is in the list as well, with the reason, so that it stands in nobody else's way.
 */
#ifndef HEADROOM_DECLARED_H
#define HEADROOM_DECLARED_H

#include "persist.h"

struct declared_area {
    struct declaration d; /* its strings are owned by this struct */
    enum persist_how how; /* PERSIST_FSTAB or PERSIST_UNIT */
    char *where;          /* owned: "/etc/fstab:5", "/etc/systemd/system/swapfile.swap" */
    char *path,
        *label; /* owned; what d.path and d.label point to. Path: NULL if not even that is known */
    struct err problem; /* .text: why it cannot be understood; NULL if it can */
    const char
        *said_by; /* .where of the one that counts, when this file is declared twice; or NULL */
};

struct declared {
    struct declared_area *areas; /* owned; fstab's first, in its order, then the units' by name */
    size_t n;
};

#define DECLARED_INIT ((struct declared){.areas = NULL})

void declared_clear(struct declared *d);

/**
 * declared_read() - find them all
 * @out: set on success
 *
 * Of several declarations of a file the unit counts, as in persist_find(), and of several entries
 * the first; the others have .said_by.
 *
 * Return: 0; or a negated errno when fstab or the folder of the units cannot be read.
 */
int declared_read(const struct root *root, struct declared *out, struct err *e);

/**
 * declared_check_mount() - may the file of an area be made at its path now?
 *
 * Not while the file system that fstab mounts there is absent (a disk that comes later, or not at
 * all): the file would lie below the mount point, on another file system. Always right on a foreign
 * root, where nothing is mounted.
 *
 * Return: 0, -ENODEV, or another negated errno.
 */
int declared_check_mount(const struct root *root, const struct declaration *d, struct err *e);

#endif
