/* SPDX-License-Identifier: MIT */
/*
 * swapmake - make a swap file that is whole from the moment its name appears
 *
 * The file is made without a name (O_TMPFILE), filled, given its header, synced, and only then
 * linked to its name, which never overwrites anything. A name is only ever taken from the file that
 * was meant, see aside.h. A process that is killed leaves nothing, or a file aside, which the next
 * one that works on the same name deletes: where the file system lacks O_TMPFILE, where a file is
 * replaced, and where one is deleted.
 */
#ifndef HEADROOM_SWAPMAKE_H
#define HEADROOM_SWAPMAKE_H

#include "filesystem.h"
#include "swapheader.h"
#include <sys/stat.h>

/* Lets the program interrupt a long allocation and show how far it is; members may be NULL. */
struct swapmake_watch {
    bool (*interrupted)(void *arg);
    void (*progress)(void *arg, const char *path, uint64_t done, uint64_t total);
    void *arg;
};

struct swapmake {
    /* what is wanted; all borrowed */
    int dir_fd;
    const char *name;
    const char *path; /* for messages */
    const struct filesystem *fs;
    struct swapheader header;    /* pages, page_size, uuid, label */
    const struct stat *replaces; /* a file whose name is taken over, or NULL */
    bool selinux;                /* it gets the SELinux type of swap files */
    struct swapmake_watch watch;

    /* what was made */
    int fd; /* owned; open for reading by its name, ready for swaparea_on(); -1 before */
    struct stat st;
    bool written; /* zeros were written; otherwise the blocks are allocated only */
};

/* Closes what was made; the file stays. */
void swapmake_clear(struct swapmake *m);

/**
 * swapmake_publish() - make the file and give it its name
 *
 * Allocates by fallocate(2), or by writing zeros where the file system has no such thing. On
 * failure nothing is left and the space is free again.
 *
 * Return: 0; -ENOSPC, -EDQUOT, -EFBIG with remedies; -EEXIST if something has taken the name;
 * -EINTR; or a negated errno.
 */
int swapmake_publish(struct swapmake *m, struct err *e);

/* Take the name away again, if it still is the file that was made; if that fails, it has its name.
 * Return: 0 or a negated errno. */
int swapmake_withdraw(struct swapmake *m, struct err *e);

/**
 * swapmake_left() - did a killed run leave something aside?
 *
 * Only dir_fd, name and path of @m are looked at.
 *
 * Return: 1 yes, 0 no; refused if it is neither an area nor zeros, so that it may be somebody's.
 */
int swapmake_left(const struct swapmake *m, struct err *e);

/* Deletes that. Return: 0 or a negated errno. */
int swapmake_tidy(const struct swapmake *m, struct err *e);

/**
 * swapmake_write() - write zeros over the blocks that were only allocated, header excepted
 *
 * Some kernels (XFS before 4.18, ext4 in 5.7 to 5.9) refuse to swap to blocks that were never
 * written. The file must not be active.
 *
 * Return: as swapmake_publish().
 */
int swapmake_write(struct swapmake *m, struct err *e);

/**
 * swapmake_extend() - allocate what is missing of an existing file, and sync it
 * @fd:   the file, open for reading and writing, not active
 * @from: its size now, in bytes; the new size is that of m->header
 *
 * On failure the file has its old size again.
 *
 * Return: as swapmake_publish().
 */
int swapmake_extend(struct swapmake *m, int fd, uint64_t from, struct err *e);

#endif
