/* SPDX-License-Identifier: MIT */
/* args - the options of procfind: beside the criteria, what to do with those that meet them */
#ifndef HEADROOM_PROCFIND_ARGS_H
#define HEADROOM_PROCFIND_ARGS_H

#include "cmd.h"
#include "criteria.h"

enum args_wait { ARGS_WAIT_NOT = -1, ARGS_WAIT_START, ARGS_WAIT_EXIT };

struct args {
    struct criteria criteria; /* first: two tables of options have their values here */
    bool all;
    const char *delimiter, *sort, *signal;
    bool null, count, list_name, list_full, tree, handle, one, follow;
    int compat;       /* index into compat_names; -1: not given */
    int wait;         /* enum args_wait */
    uint64_t timeout; /* ms; ARGS_NO_DURATION */
};

#define ARGS_NO_DURATION CRITERIA_NO_DURATION

extern const struct opt args_opts[];
extern const struct args args_defaults;

/* Do the options go together, and is anything looked for at all? Return: 0, or -EINVAL as ERR_USAGE
 * or ERR_REFUSED. */
int args_check(const struct args *args, const struct table_options *table, const struct match *m,
               struct err *e);

#endif
