/* SPDX-License-Identifier: MIT */
/* sibling - what lies beside this program, wherever that was built or installed */
#ifndef HEADROOM_SIBLING_H
#define HEADROOM_SIBLING_H

#include "base.h"
#include <limits.h>

/* @relative: named from the folder of this program: "cgctl", "../cgctl/cgctl". Nobody looks
 * whether it is there. Return: 0 or a negated errno. */
int sibling_path(const char *relative, char out[static PATH_MAX]);

#endif
