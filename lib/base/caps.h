/* SPDX-License-Identifier: MIT */
/* caps - do we have the privilege? by libcap, capabilities(7) */
#ifndef HEADROOM_CAPS_H
#define HEADROOM_CAPS_H

#include "err.h"

/* Is CAP_SYS_ADMIN (swapon, swapoff, mount) effective in this process? Without libcap: maybe, and
 * the kernel will tell. */
bool caps_sys_admin(void);

/* Return: 0, or -EPERM: "@what needs CAP_SYS_ADMIN: run it as root (sudo), or in a container with
 * --cap-add SYS_ADMIN". */
int caps_need_sys_admin(const char *what, struct err *e);

#endif
