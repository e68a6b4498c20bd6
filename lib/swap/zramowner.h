/* SPDX-License-Identifier: MIT */
/*
 * zramowner - is somebody else configured to set up zram at boot?
 *
 * zram-generator(8) by a section "[zram...]" in zram-generator.conf or its drop-ins, in the folders
 * of zram-generator.conf(5); zram-tools by /etc/default/zramswap or zramswap.service, unless that
 * is masked.
 */
#ifndef HEADROOM_ZRAMOWNER_H
#define HEADROOM_ZRAMOWNER_H

#include "root.h"

/* Return: 0 nobody; -EEXIST (refused) naming the file and its owner; or a negated errno. */
int zramowner_check(const struct root *root, struct err *e);

#endif
