/* SPDX-License-Identifier: MIT */
/* signame - the names of signals, signal(7) */
#ifndef HEADROOM_SIGNAME_H
#define HEADROOM_SIGNAME_H

#include "err.h"

/* "TERM", "sigterm", "15", "RTMIN+3", "RTMAX-1"; 0 is the one that only asks whether the process
 * is there. Return: 0, or -EINVAL as ERR_USAGE. */
int signame_parse(const char *text, int *out, struct err *e);

enum { SIGNAME_MAX = 16 };

/* "SIGTERM", "SIGRTMIN+3", or the number where there is no name. Return: @buf. */
const char *signame_format(int number, char buf[static SIGNAME_MAX]);

#endif
