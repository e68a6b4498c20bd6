/* SPDX-License-Identifier: MIT */
/* probe - what is in this file or device? by libblkid, for messages and before a device is touched
 */
#ifndef HEADROOM_PROBE_H
#define HEADROOM_PROBE_H

#include "err.h"
#include <sys/types.h>

/**
 * probe_content() - name what libblkid recognises
 * @out: "ext4 file system", "gpt partition table"; caller frees; NULL if nothing is recognised,
 * which says nothing about whether the data is precious
 *
 * Return: 0 or a negated errno.
 */
int probe_content(int fd, const char *name, char **out, struct err *e);

/* The block device that carries a tag ("UUID=...", "LABEL=..."); caller frees. Return: 0; -ENODEV
 * if there is none; -EINVAL. */
int probe_resolve_tag(const char *tag, char **out, struct err *e);

/**
 * probe_device_uuid() - the UUID of the file system on a block device
 * @dev:  its number: st_dev of a file on it
 * @name: the file, for messages
 * @out:  caller frees
 *
 * Return: 0; -ENODEV if there is no such device or no UUID on it; or the negated errno of open(2).
 */
int probe_device_uuid(dev_t dev, const char *name, char **out, struct err *e);

#endif
