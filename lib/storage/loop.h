/* SPDX-License-Identifier: MIT */
/*
 * loop - loop devices: which file is behind which, attach, detach; loop(4)
 *
 * A loop device belongs to a file by device and inode, as LOOP_GET_STATUS64 tells them. Its name in
 * sysfs is for people: it follows neither mounts nor deleted files. Only who may not open the
 * device, or looks at a foreign root, has to take that name instead, and looks at the file there.
 */
#ifndef HEADROOM_LOOP_H
#define HEADROOM_LOOP_H

#include "root.h"

enum { LOOP_PATH_MAX = 24 };

struct loop {
    unsigned number;
    dev_t rdev;         /* of the device itself */
    char *backing_file; /* owned; as the kernel names it */
    bool identified;    /* the next two are known */
    dev_t dev;          /* of the file */
    ino_t ino;
    uint64_t size;   /* bytes, of the device */
    uint64_t offset; /* bytes, into the file */
    bool autoclear;  /* it goes when the last one closes it */
    bool direct_io;
    bool read_only;
};

struct loop_list {
    struct loop *loops; /* owned; by number */
    size_t n;
};

#define LOOP_LIST_INIT ((struct loop_list){.loops = NULL})

void loop_list_clear(struct loop_list *list);

/* "/dev/loop3". Return: @buf. */
const char *loop_path(unsigned number, char buf[static LOOP_PATH_MAX]);

/* Is this a loop device, or a partition of one? */
bool loop_is(const struct stat *st);

/**
 * loop_list_read() - the loop devices that have a file
 * @file: only those of this file; NULL: all
 *
 * From /sys/block/loopN/loop. None where there is no such thing.
 *
 * Return: 0 or a negated errno.
 */
int loop_list_read(const struct root *root, const struct stat *file, struct loop_list *out,
                   struct err *e);

/**
 * loop_open() - open a loop device and make sure that its file is this one
 * @number: as in a struct loop
 * @flags:  of open(2)
 *
 * Return: a descriptor; -ENXIO without a message if it has another file now, or none; or another
 * negated errno.
 */
int loop_open(unsigned number, const struct stat *file, int flags, struct err *e);

/* A device that loop_attach() made. */
struct loop_device {
    int fd; /* open for reading and writing; the caller closes it */
    unsigned number;
    bool direct_io; /* the kernel took it */
};

/**
 * loop_attach() - give a file a new loop device
 * @file:      open for reading and writing; @path: for messages and for the device's own note
 * @autoclear: the device goes when the last one closes it: hold it open until swapon(2) does
 *
 * With blocks of 4096 bytes and direct I/O where the file system does it. Free devices are asked
 * for again when another process was faster (LOOP_CTL_GET_FREE reserves nothing).
 *
 * Return: 0; -EOPNOTSUPP if this kernel has no loop devices; -EPERM, -EACCES; -EBUSY if all
 * attempts were overtaken; or another negated errno.
 */
int loop_attach(int file, const char *path, bool autoclear, struct loop_device *out, struct err *e);

/* The device takes notice that its file has another length, and forgets what it has cached. Return:
 * 0 or a negated errno. */
int loop_refresh(int device, const char *path, struct err *e);

/**
 * loop_detach() - take the device away from the file
 * @file: which it must have; @path: its name, for messages
 *
 * LOOP_CLR_FD says 0 for a device that somebody has open and only marks it, so sysfs is asked
 * whether it is gone, for up to five seconds.
 *
 * Return: 0; 1 if it did not have that file any more; -EBUSY if it is mounted or otherwise held,
 * or still there; or another negated errno.
 */
int loop_detach(const struct root *root, unsigned number, const struct stat *file, const char *path,
                struct err *e);

/* Wait up to five seconds for a device to lose that file by itself. Return: is it gone? */
bool loop_wait_gone(const struct root *root, unsigned number, const struct stat *file);

#endif
