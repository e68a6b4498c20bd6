/* SPDX-License-Identifier: MIT */
/* swaptag - which swap area is meant by UUID=, LABEL=, PARTUUID= or PARTLABEL= */
#ifndef HEADROOM_SWAPTAG_H
#define HEADROOM_SWAPTAG_H

#include "swaps.h"

/* Does it begin as a tag does? */
bool swaptag_is(const char *text);

/**
 * swaptag_find() - the one area that has a tag
 * @swaps: the active areas
 * @path:  of the file or device, caller frees
 *
 * Looked at are the active areas, the swap files that fstab and the units in /etc/systemd/system
 * declare, and on the live root all block devices that libblkid finds. UUID= and LABEL= are those
 * of swap areas only; PARTUUID= and PARTLABEL= may be those of any partition.
 *
 * Return: 0; -ENODEV if nothing has it; -EACCES if nothing that could be looked at; -ENOTUNIQ
 * (refused) if several have, and the message names two; -EINVAL as ERR_USAGE; or another negated
 * errno.
 */
int swaptag_find(const struct root *root, const struct swaps *swaps, const char *tag, char **path,
                 struct err *e);

#endif
