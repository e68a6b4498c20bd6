/* SPDX-License-Identifier: MIT */
/* oomadj - how soon the kernel kills this process when memory is over: /proc/self/oom_score_adj */
#ifndef HEADROOM_OOMADJ_H
#define HEADROOM_OOMADJ_H

#include "root.h"

enum { OOMADJ_NEVER = -1000, OOMADJ_USUAL = 0, OOMADJ_FIRST = 1000 };

/* Return: 0; the negated errno of open(2) or read(2); or -EBADMSG; no message. */
int oomadj_read(const struct root *root, int *out);

/* Return: 0 or the negated errno of open(2) or write(2): -EACCES to have it lower than before
 * without CAP_SYS_RESOURCE; no message. */
int oomadj_write(const struct root *root, int value);

#endif
