/* SPDX-License-Identifier: MIT */
/* compat_criteria - whom pgrep, pkill and pidwait are asked for */
#ifndef HEADROOM_PROCFIND_COMPAT_CRITERIA_H
#define HEADROOM_PROCFIND_COMPAT_CRITERIA_H

#include "cmd.h"
#include "finder.h"

struct compat_criteria_options {
    bool full, ignore_case, exact, newest, oldest, inverse, ignore_ancestors, locked, handler;
    const char *numbers[MATCH_NUMBERS], *ids[MATCH_IDS];
    const char *older, *pidfile, *terminals, *states, *cgroups, *variables, *ns, *nslist;
    const char *signal;
};

/* The options of the three, without --inverse, whose letter is not theirs all. */
extern const struct opt compat_criteria_opts[];

struct compat_criteria {
    struct match match;
    const struct compat_criteria_options *options; /* borrowed */
    struct pattern line;                           /* with --full */
    bool has_line;
    int signal;
};

#define COMPAT_CRITERIA_INIT ((struct compat_criteria){.match = MATCH_INIT})

void compat_criteria_clear(struct compat_criteria *c);

/**
 * compat_criteria_read() - make criteria of the options
 * @ctx:     for its root
 * @options: must live as long as @c
 * @pattern: NULL: none
 * @c:       must stay where it is
 * @status:  what the program ends with where it fails by no fault of the command line
 *
 * Return: 0, or a negated errno with a message.
 */
int compat_criteria_read(const struct cmd_context *ctx,
                         const struct compat_criteria_options *options, const char *pattern,
                         struct compat_criteria *c, int *status, struct err *e);

/* The command line in one text, as ps(1) has it: "[name]" where there is none. Return: 0, or a
 * negated errno as of process.h; @out: caller frees. */
int compat_criteria_line(struct process *p, char **out);

#endif
