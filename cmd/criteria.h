/* SPDX-License-Identifier: MIT */
/*
 * criteria - which processes are meant: the options of procfind that choose, for every tool
 *
 * procfind has them as options; others take all of them as one text, "-x server --user www".
 */
#ifndef HEADROOM_CRITERIA_H
#define HEADROOM_CRITERIA_H

#include "finder.h"
#include "opt.h"

struct criteria {
    bool full, literal, exact, ignore_case;
    const char *const *arguments, *const *variables, *const *cgroups, *const *containers;
    const char *const *namespaces, *const *states, *const *terminals;
    const char *const *numbers[MATCH_NUMBERS], *const *ids[MATCH_IDS];
    const char *const *sizes[MATCH_SIZES];
    const char *words, *exe, *script, *pidfile;
    int64_t subtree;       /* 0: not given */
    uint64_t older, newer; /* ms; CRITERIA_NO_DURATION */
    bool newest, oldest, kthread, locked, invert, include_self, include_wrappers;
};

#define CRITERIA_NO_DURATION UINT64_MAX
#define CRITERIA_DEFAULTS                                                                          \
    {                                                                                              \
        .older = CRITERIA_NO_DURATION, .newer = CRITERIA_NO_DURATION                               \
    }

extern const struct opt criteria_opts[];
extern const struct criteria criteria_defaults;

/**
 * criteria_match() - what is asked for, prepared for asking processes
 * @patterns: NULL-terminated
 * @nothing:  set if no process can match (there is no such file as --pidfile names)
 *
 * Return: 0, or a negated errno; what the user got wrong is ERR_USAGE and names the option.
 */
int criteria_match(const struct criteria *c, const struct root *root, const char *const *patterns,
                   struct match *m, bool *nothing, struct err *e);

/* Do they go together? Return: 0, or -EINVAL as ERR_USAGE. */
int criteria_check(const struct criteria *c, const char *const *patterns, struct err *e);

/* Those criteria that are not asked of one process alone. */
void criteria_choose(const struct criteria *c, const struct match *m, struct finder *f);

/**
 * criteria_read() - all of it from one text
 * @option: whose value the text is, for messages
 * @text:   options and patterns, quoted as for a shell, see words_split()
 *
 * Nothing that is wrong, and no empty text, ever means every process.
 *
 * Return: as criteria_match(); -EINVAL as ERR_USAGE without a criterion, and as ERR_REFUSED with
 * --invert.
 */
int criteria_read(const char *option, const char *text, const struct root *root, struct match *m,
                  struct finder *f, bool *nothing, struct err *e);

#endif
