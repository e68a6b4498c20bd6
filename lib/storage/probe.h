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

/**
 * probe_wipe() - make whatever libblkid recognises unrecognisable
 * @fd: open for reading and writing
 *
 * All of it: of a gpt partition table also the copy at the end, of a file system also what lies
 * under it.
 *
 * Return: 0 or a negated errno.
 */
int probe_wipe(int fd, const char *name, struct err *e);

/**
 * probe_split_tag() - "LABEL=swap" -> "LABEL", "swap"
 * @type, @value: callers frees both; quotes around the value go
 *
 * Return: 0; -EINVAL as ERR_USAGE if it is not of that form.
 */
int probe_split_tag(const char *tag, char **type, char **value, struct err *e);

/* Told of one device. @kind: what is on it, as libblkid calls it: "swap", "ext4"; NULL: nothing
 * known. Return: 0, or what ends the walk. */
typedef int probe_each_fn(void *arg, const char *device, const char *kind, struct err *e);

/**
 * probe_each_tagged() - walk over all block devices that carry a tag now
 *
 * Looks at the devices themselves, not at the links of udev, which show one of several that are
 * alike.
 *
 * Return: 0, what @fn returned, or a negated errno.
 */
int probe_each_tagged(const char *type, const char *value, probe_each_fn *fn, void *arg,
                      struct err *e);

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
