/* SPDX-License-Identifier: MIT */
/* args - the options of procfind, and the criteria that they ask for */
#ifndef HEADROOM_PROCFIND_ARGS_H
#define HEADROOM_PROCFIND_ARGS_H

#include "cmd.h"
#include "finder.h"

enum args_wait { ARGS_WAIT_NOT = -1, ARGS_WAIT_START, ARGS_WAIT_EXIT };

struct args {
    bool full, literal, exact, ignore_case;
    const char *const *arguments, *const *variables, *const *cgroups, *const *containers;
    const char *const *namespaces, *const *states, *const *terminals;
    const char *const *numbers[MATCH_NUMBERS], *const *ids[MATCH_IDS];
    const char *const *sizes[MATCH_SIZES];
    const char *words, *exe, *script, *pidfile;
    int64_t subtree;       /* 0: not given */
    uint64_t older, newer; /* ms; ARGS_NO_DURATION */
    bool newest, oldest, kthread, locked, invert, all, include_self, include_wrappers;
    const char *delimiter, *sort, *signal;
    bool null, count, list_name, list_full, tree, handle, one, follow;
    int compat;       /* index into compat_names; -1: not given */
    int wait;         /* enum args_wait */
    uint64_t timeout; /* ms; ARGS_NO_DURATION */
};

#define ARGS_NO_DURATION UINT64_MAX

extern const struct opt args_opts[];
extern const struct args args_defaults;

/**
 * args_match() - make criteria of options and patterns
 * @patterns: NULL-terminated
 * @nothing:  set if no process can match (there is no such file as --pidfile names)
 *
 * Return: 0, or a negated errno; what the user got wrong is ERR_USAGE and names the option.
 */
int args_match(const struct args *args, const struct root *root, const char *const *patterns,
               struct match *m, bool *nothing, struct err *e);

/* Do the options go together, and is anything looked for at all? Return: 0, or -EINVAL as ERR_USAGE
 * or ERR_REFUSED. */
int args_check(const struct args *args, const struct table_options *table,
               const char *const *patterns, const struct match *m, struct err *e);

#endif
