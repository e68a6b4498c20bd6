/* SPDX-License-Identifier: MIT */
/* script - which file does an interpreter run? */
#ifndef HEADROOM_SCRIPT_H
#define HEADROOM_SCRIPT_H

#include "proc.h"

/**
 * script_find() - the script among the words of a command line; pure
 * @exe:     where the executable lies, or the name of the process
 * @cmdline: as of proc_cmdline_length()
 * @out:     points into @cmdline
 *
 * For the shells, python, perl, ruby, node, php, lua, tcl, awk and their like: the first word that
 * is neither an option nor the value of one. Whoever is told the program itself (sh -c, python -m)
 * runs no file.
 *
 * Return: false if it is no interpreter that is known, or has no script.
 */
bool script_find(struct kv_span exe, struct kv_span cmdline, struct kv_span *out);

#endif
