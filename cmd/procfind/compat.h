/* SPDX-License-Identifier: MIT */
/*
 * compat - the names of procps, answered as its programs do
 *
 * pgrep, pkill, pidwait and pidof find what those find, by the rules of those: the name that the
 * kernel has cut to 15 bytes, zombies and the caller's own shell among them. What they must not do
 * they do not do here either: see "PGREP, PKILL, PIDWAIT, PIDOF" in procfind(1).
 */
#ifndef HEADROOM_PROCFIND_COMPAT_H
#define HEADROOM_PROCFIND_COMPAT_H

#include "cmd.h"

/**
 * compat_choose() - which program is it that was called?
 * @argc, @argv: moved behind "procfind --compat", if the line begins so
 *
 * Return: the tool named by the first word's last part, or behind --compat; NULL: none of them.
 */
const struct tool *compat_choose(int *argc, char ***argv);

/* Their names; NULL-terminated. */
extern const char *const compat_names[];

#endif
