/* SPDX-License-Identifier: MIT */
/*
 * swapdevice - a block device as a swap area: its header is made, changed and wiped
 *
 * An inactive device is claimed while we have it open (blockdev.h), so nobody mounts it meanwhile.
 * What is on it is anybody's guess: only when libblkid recognises nothing, or by force, a header is
 * written. Never over a hibernation image, and never on a device that is in use.
 */
#ifndef HEADROOM_SWAPDEVICE_H
#define HEADROOM_SWAPDEVICE_H

#include "plan.h"
#include "swaparea.h"
#include "swapheader.h"

struct swapdevice {
    const struct root *root; /* borrowed */
    char *path;              /* owned; as the kernel has it, not as a link to it */
    int fd;                  /* owned; open for reading; claimed unless it is active */
    struct stat st;
    uint64_t size; /* bytes */
    struct swapheader header;
    const struct swaps_area *active; /* borrowed, or NULL */
    char uuid[SWAPHEADER_UUID_TEXT]; /* of the header; of the new one once that is planned */

    /* what the steps work with */
    const struct swapwatch *watch; /* borrowed, set by the caller; NULL: nobody watches */
    struct swapheader make;
    bool wipe; /* what libblkid recognises goes first */
    struct swaparea area;
};

#define SWAPDEVICE_INIT ((struct swapdevice){.fd = -1})

void swapdevice_clear(struct swapdevice *d);

/**
 * swapdevice_inspect() - look at a device, and claim it unless it is active
 * @path: of it, or a symbolic link to it
 *
 * Return: 0; refused: -ENOTBLK for anything else, -EBUSY for one in use; -EOPNOTSUPP on a foreign
 * root; or another negated errno.
 */
int swapdevice_inspect(const struct root *root, const char *path, const struct swaps *swaps,
                       struct swapdevice *out, struct err *e);

struct swapdevice_want {
    uint64_t size;     /* bytes; 0: all of it */
    const char *label; /* NULL: leave it, none on a new area */
    bool force;        /* over anything that is not in use */
};

/**
 * swapdevice_plan_make() - the steps that make it an area as wanted; they may be none
 *
 * Actions: create, remake, label.
 *
 * Return: 0; -ERANGE as ERR_USAGE for a size that the format cannot hold; -ENOSPC for one that the
 * device cannot hold; ERR_REFUSED for what --force or a human must decide; or another error.
 */
int swapdevice_plan_make(struct swapdevice *d, const struct swapdevice_want *want,
                         struct plan *plan, struct err *e);

/* Is it an area that may be wiped? Return: 0, or refused: -EEXIST, -EBUSY for a hibernation image.
 */
int swapdevice_check_wipe(const struct swapdevice *d, struct err *e);

/* Deactivate if active. @force: even if the content may not fit elsewhere. Return: 0, 1 if it is
 * not active, or an error. */
int swapdevice_plan_off(struct swapdevice *d, const struct swaps *swaps, bool force,
                        struct plan *plan, struct err *e);

/* Take the signature of the swap area away; the step "wipe". Return: 0 or an error. */
int swapdevice_plan_wipe(struct swapdevice *d, struct plan *plan, struct err *e);

#endif
