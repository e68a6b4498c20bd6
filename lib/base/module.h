/* SPDX-License-Identifier: MIT */
/* module - kernel modules, through modprobe(8) */
#ifndef HEADROOM_MODULE_H
#define HEADROOM_MODULE_H

#include "err.h"

/* Could modprobe load it, or is it built in? Return: 0; -ENOENT without modprobe or such a module;
 * or another negated errno; no message, because callers know what it is for. */
int module_find(const char *name);

/* Load it with what it needs. Return: 0; -EIO when modprobe fails; or the errno of starting it,
 * negated. */
int module_load(const char *name, struct err *e);

#endif
