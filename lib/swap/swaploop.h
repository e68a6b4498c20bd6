/* SPDX-License-Identifier: MIT */
/*
 * swaploop - swap to a file through a loop device, where the kernel cannot swap to the file itself
 *
 * The file has the same content as a plain swap file: a header at its beginning, every block
 * allocated. The device goes by itself when the area is deactivated (autoclear), and the file has a
 * guard while it is active (guard.h), because the kernel protects the device and not the file. A
 * device that somebody attached to stay is used as it is, and stays.
 */
#ifndef HEADROOM_SWAPLOOP_H
#define HEADROOM_SWAPLOOP_H

#include "guard.h"
#include "loop.h"
#include "swaparea.h"

/* What the steps of one area on a loop device work on. */
struct swaploop {
    /* set by the caller before anything is planned; borrowed */
    const struct root *root;
    const char *path; /* of the file */
    const int *file;  /* its descriptor, which may come only with an earlier step */
    bool stay;        /* a device that is made does not go by itself */

    int device;   /* owned; -1 while there is none */
    int writable; /* owned; the file, open since before it got its guard */
    unsigned number;
    struct stat st; /* of the file: device and inode are set once .device is */
    bool kept;      /* the device stays when it is not used any more */
    bool extended;  /* it begins behind the beginning of the file, so it is not ours */
    unsigned was;   /* the guard that undoing gives back */
    bool all;       /* what "detach" is about */
    unsigned detached;

    /* for the program to tell about, once the plan is done */
    bool buffered;  /* without direct I/O, so what is swapped out is cached in RAM once more */
    bool unguarded; /* the file system has no attribute that would do */
    bool lingers;   /* it was deactivated, but another process keeps the device open */
};

#define SWAPLOOP_INIT ((struct swaploop){.device = -1, .writable = -1})

void swaploop_clear(struct swaploop *l);

/**
 * swaploop_adopt() - open the loop device that an active area lies on
 *
 * Return: 0; 1 if the area lies on no loop device (or on a partition of one); or a negated errno.
 */
int swaploop_adopt(const struct root *root, const struct swaps_area *area, struct swaploop *l,
                   struct err *e);

/* The file of an adopted device, by the name that the kernel has for it. Return: a descriptor
 * (caller closes), or -ENOENT if that name leads to no or another file; no message. */
int swaploop_open_file(const struct root *root, const struct swaploop *l);

/**
 * swaploop_check() - may a loop device over this file be swapped to?
 * @fd: the file
 *
 * All its blocks must be on a disk already: a write that needs a new one fails when the file system
 * is full, and hangs when it needs memory for that.
 *
 * Return: 0; refused for holes and shared blocks; -EOPNOTSUPP where nobody can tell.
 */
int swaploop_check(int fd, const char *path, struct err *e);

/* Discarding would make holes in the file. Return: 0, or -EINVAL as ERR_REFUSED. */
int swaploop_check_discard(const char *path, enum declaration_discard discard, struct err *e);

/* Now: find or make the device, l->device. A device of another size or that begins elsewhere in the
 * file is not used. Return: 0 or a negated errno. */
int swaploop_attach(struct swaploop *l, struct err *e);

/* Now: let go of the device, which goes by itself unless it is kept. */
void swaploop_release(struct swaploop *l);

/* Let the steps of @a work on the device. */
void swaploop_bind(struct swaploop *l, struct swaparea *a);

/* Add the step "attach". */
int swaploop_plan_attach(struct swaploop *l, struct plan *plan, struct err *e);

/* Add the steps "attach", "protect" and "activate". Return: 0 or -ENOMEM. */
int swaploop_plan_on(struct swaploop *l, struct swaparea *a, struct plan *plan, struct err *e);

/* Add the step "protect". */
int swaploop_plan_guard(struct swaploop *l, struct plan *plan, struct err *e);

/**
 * swaploop_plan_detach() - add the step "detach": take the file's loop devices away
 * @all: also those that go by themselves when whoever has them open closes them
 *
 * What is active on them has to be deactivated by an earlier step. Undoing attaches as many
 * devices, perhaps others.
 *
 * Return: 0, 1 if there are none, or a negated errno.
 */
int swaploop_plan_detach(struct swaploop *l, bool all, struct plan *plan, struct err *e);

/* Now: deactivate what is active on loop devices over this file. Return: 0 or a negated errno. */
int swaploop_off_all(int fd, const char *path, struct err *e);

#endif
