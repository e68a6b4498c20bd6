/* SPDX-License-Identifier: MIT */
/*
 * resume - where the kernel finds a swap file before any file system is mounted
 *
 * After hibernation the kernel looks for the image on a device (resume=), so many pages from its
 * beginning (resume_offset=): Documentation/power/swsusp-and-swap-files.rst.
 */
#ifndef HEADROOM_RESUME_H
#define HEADROOM_RESUME_H

#include "root.h"
#include "swapheader.h"

struct resume {
    uint64_t offset;                 /* of the file's first page on the device, in pages */
    char uuid[SWAPHEADER_UUID_TEXT]; /* of the file system that the file is on */
};

/**
 * resume_find() - find a swap file on its device
 * @fd:   open for reading
 * @name: for messages
 *
 * Return: 0; -EINVAL for what is no swap file; -EOPNOTSUPP for a file system where it cannot be
 * told, or not by one device and one number; or another negated errno.
 */
int resume_find(int fd, const char *name, struct resume *out, struct err *e);

#endif
