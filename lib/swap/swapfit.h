/* SPDX-License-Identifier: MIT */
/*
 * swapfit - would what a swap area holds find room elsewhere?
 *
 * swapoff(2) brings every page back and answers too late: it fills the memory first, and then the
 * kernel kills somebody. A page comes back into the control group that it is charged to, so a
 * group at its limit loses a process while the machine has memory left.
 */
#ifndef HEADROOM_SWAPFIT_H
#define HEADROOM_SWAPFIT_H

#include "swaps.h"

/**
 * swapfit_check() - may the area go?
 * @area:  one of @swaps
 * @extra: bytes that other areas will have free besides, because one is about to be activated
 *
 * On the machine: what is used must fit into the RAM that is available and the free part of the
 * other areas. Those in RAM (zram) do not count, because what moves there takes RAM again.
 *
 * In each control group that holds swapped pages, of version 2 or 1 (cgroup.h), with the groups in
 * it: what comes back must fit below its memory limit. Clean page cache in the group counts as
 * room, and so does what can be swapped out again to other areas, within memory.swap.max. Which
 * area a group's pages are in is not known to anybody, so all that it holds counts, up to what
 * is used of this area.
 *
 * Groups are not looked at where none counts memory and swap, and a foreign root may have none.
 *
 * Return: 0; -ENOMEM as ERR_REFUSED, with the name of the group if it is one; or another negated
 * errno.
 */
int swapfit_check(const struct root *root, const struct swaps *swaps, const struct swaps_area *area,
                  uint64_t extra, struct err *e);

#endif
