/* SPDX-License-Identifier: MIT */
/*
 * swapfile - make it true that a path is a swap file as wanted
 *
 * swapfile_inspect() looks at what is there and touches nothing. The swapfile_plan_*() functions
 * judge it, refuse what would cost somebody's data or safety, and add the steps that are still
 * missing, which may be none.
 */
#ifndef HEADROOM_SWAPFILE_H
#define HEADROOM_SWAPFILE_H

#include "plan.h"
#include "selinux.h"
#include "swaparea.h"
#include "swaphelper.h"
#include "swaploop.h"
#include "swapmake.h"

enum swapfile_found {
    SWAPFILE_ABSENT,
    SWAPFILE_EMPTY, /* no bytes at all */
    SWAPFILE_AREA,  /* a swap header; see .header.kind for whether this kernel would take it */
    SWAPFILE_OTHER, /* bytes that are no swap area */
};

struct swapfile {
    const struct root *root;   /* borrowed */
    const struct swaps *swaps; /* borrowed */
    char *path;                /* owned; absolute, all symbolic links of the folder resolved */
    const char *name;          /* its last component, in .path */
    int dir_fd;                /* owned; the folder */
    struct filesystem fs;      /* under the file, or under the folder if the file is absent */
    enum swapfile_found found;
    int fd; /* owned; the file, open for reading; -1 if absent or not readable */
    struct stat st;
    struct swapheader header;        /* valid unless ABSENT */
    const struct swaps_area *active; /* in .swaps, or NULL */
    bool on_loop;                    /* through a loop device, which .loop has */
    struct swaploop loop;
    char uuid[SWAPHEADER_UUID_TEXT]; /* of the header; of the new one once a creation is planned */

    /* what the steps work with */
    const struct swapwatch *watch; /* borrowed, set by the caller; NULL: nobody watches */
    struct swapmake make;
    bool made;                        /* .make.fd is the file now */
    struct swaparea area;             /* as it is to be activated */
    struct swaparea old_area;         /* as it is active now */
    enum declaration_backing backing; /* what the plan makes of it; never AUTO */
    struct guard_step guard;
    struct selinux_step selinux;
    bool unguarded; /* a step takes the guard away */
    struct swaphelper helper;
    bool helped;        /* .helper is on, or will be, and has to go at the end */
    uint64_t new_pages; /* what a resize makes of .header.pages */
    char label[SWAPHEADER_LABEL_MAX + 1];
};

#define SWAPFILE_INIT                                                                              \
    ((struct swapfile){.dir_fd = -1,                                                               \
                       .fd = -1,                                                                   \
                       .loop = SWAPLOOP_INIT,                                                      \
                       .make = {.fd = -1},                                                         \
                       .helper = SWAPHELPER_INIT})

void swapfile_clear(struct swapfile *f);

/**
 * swapfile_inspect() - look at what is at a path
 * @path:  absolute, or relative to the working directory (live root) or the root (foreign root)
 * @swaps: the active areas
 *
 * Return: 0; refused (ERR_REFUSED) for anything that is not a regular file or absent: symbolic link
 * -ELOOP, directory -EISDIR, everything else -EINVAL; -ENOENT if the folder is missing; or another
 * errno, negated.
 */
int swapfile_inspect(const struct root *root, const char *path, const struct swaps *swaps,
                     struct swapfile *out, struct err *e);

/* The same for the file of this name in an open folder, which the function does not keep. */
int swapfile_inspect_at(const struct root *root, int folder, const char *name,
                        const struct swaps *swaps, struct swapfile *out, struct err *e);

struct swapfile_want {
    uint64_t size;                    /* bytes, rounded down to pages */
    const char *label;                /* NULL: leave it, none on a new file */
    int priority;                     /* -1: leave it, the kernel's choice on activation */
    enum declaration_discard discard; /* applies when the area is activated */
    enum declaration_backing backing; /* AUTO: as it is active, else a loop device where the kernel
                                         can swap to nothing else */
    bool activate;
    bool resize; /* an area of another size is made longer or shorter */
    bool force;  /* re-make what is swap but unusable, or zeros */
    struct swapmake_watch watch;
};

/* Is this a label that fits the header and prints? Return: 0, or -EINVAL as ERR_USAGE. */
int swapfile_check_label(const char *label, struct err *e);

/**
 * swapfile_plan() - the steps that make @f as wanted
 *
 * Actions: create, remake, unprotect, chmod, chown, helper-on, deactivate, resize, label, attach,
 * protect, activate, helper-off. An active area whose content fits nowhere else gets a helper while
 * it is off (swaphelper.h); it is never made smaller than what it holds and a margin.
 *
 * Return: 0; -ERANGE as ERR_USAGE for a size that the format cannot hold; ERR_REFUSED for
 * everything that --force or a human must decide; ERR_UNSUPPORTED for a file system that cannot;
 * other failures.
 */
int swapfile_plan(struct swapfile *f, const struct swapfile_want *want, struct plan *plan,
                  struct err *e);

/**
 * swapfile_plan_finish() - the steps that come last of all, behind those of other actors:
 * helper-off
 *
 * Also takes away a helper that a killed run left behind.
 */
int swapfile_plan_finish(struct swapfile *f, struct plan *plan, struct err *e);

/* The parts of swapfile_plan() for an area of another size: may it be so small, and the step
 * "resize". */
int swapfile_resize_check(const struct swapfile *f, uint64_t pages, struct err *e);
int swapfile_resize_plan(struct swapfile *f, uint64_t pages, const struct swapmake_watch *watch,
                         struct plan *plan, struct err *e);

/* The parts of swapfile_plan() for areas on a loop device, and for what keeps their files from
 * being changed (guard.h). */
void swapfile_loop_prepare(struct swapfile *f, enum declaration_discard discard);
int swapfile_loop_choose(struct swapfile *f, const struct swapfile_want *want, struct err *e);
bool swapfile_loop_moves(const struct swapfile *f, const struct swapfile_want *want);
int swapfile_loop_unguard(struct swapfile *f, struct plan *plan, struct err *e);

/* Deactivate if active, and detach the loop devices that somebody attached to stay (these steps are
 * "detach"). @force: even if the content may not fit elsewhere. Return: 0, 1 if there is nothing to
 * do, or an error. */
int swapfile_plan_off(struct swapfile *f, bool force, struct plan *plan, struct err *e);

/* Delete the file, "unprotect" before, which must be a swap area (any state but a hibernation
 * image) or absent. Return: 0, 1 if absent, or an error. */
int swapfile_plan_unlink(struct swapfile *f, struct plan *plan, struct err *e);

#endif
