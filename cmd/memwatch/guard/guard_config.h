/* SPDX-License-Identifier: MIT */
/* guard_config - the rules of memwatch guard, from its command line and its file, ready to be used
 */
#ifndef HEADROOM_MEMWATCH_GUARD_CONFIG_H
#define HEADROOM_MEMWATCH_GUARD_CONFIG_H

#include "guard_gauge.h"
#include "guard_options.h"

/* A rule, and how it stands. It may outlive its configuration as .before of another. */
struct guard_config_rule {
    struct rule rule;
    char *where;                   /* owned; "--rule" or "FILE:3" */
    struct guard_options *options; /* owned reference: the plans' policy */
    struct deed_plan **plans;      /* owned; of all actions of all steps, in their order */
    size_t n_plans;
    const struct guard_gauge_value **values; /* owned; of each condition, then of "until" */
    struct alarm alarm;
    /* of the step that is under way */
    struct deed *deed;                   /* owned; NULL: none */
    struct guard_config_rule *before;    /* owned; of an older configuration, which began .deed */
    struct guard_config_rule *successor; /* of such a one */
    size_t action;                       /* of the step */
    bool failed;                         /* an action of it */
};

struct guard_config {
    struct guard_config_rule **rules; /* owned */
    size_t n;
    struct guard_options *options;
    struct guard_gauge *gauge;
};

#define GUARD_CONFIG_INIT ((struct guard_config){.rules = NULL})

void guard_config_clear(struct guard_config *c);

struct guard_config_source {
    const struct root *root;
    const char *const *rules; /* of --rule; NULL: none */
    const char *file;         /* of --config, or NULL */
    const char *text;         /* that stands in it; see guard_reader.h */
    size_t text_len;
    const char *names;      /* who users and groups are, of users_list(); NULL: look them up */
    const char *containers; /* the same of container_names_list() */
    bool makes_log;         /* who reads it makes the log if it is absent */
    const struct guard_options_words *words;
    struct deed_policy base; /* as of guard_options_new() */
};

/**
 * guard_config_read() - understand all of it, and make it ready
 * @out: set on success; release with guard_config_clear()
 *
 * Return: 0 or a negated errno with a message, "--rule: character 12: ..." or
 * "FILE:3: character 12: ..."; without any rule -ENOENT as ERR_USAGE.
 */
int guard_config_read(const struct guard_config_source *source, struct guard_config *out,
                      struct err *e);

/* What somebody who waits has found out for who does not. */
struct guard_config_found {
    char *text;       /* owned; that stands in the file; empty without one */
    char *names;      /* owned; see .names of the source */
    char *containers; /* owned; the same */
};

#define GUARD_CONFIG_FOUND_INIT ((struct guard_config_found){.text = NULL})

void guard_config_found_clear(struct guard_config_found *f);

/* The same with that, borrowed, and nothing else is to be waited for. */
struct guard_config_source guard_config_with(const struct guard_config_source *source,
                                             const struct guard_config_found *found);

/* What is under way of it is over, or to be. */
void guard_config_forget_deed(struct guard_config_rule *r);

/* Rules of the same text stand as they stood in @old; their actions under way go on. */
void guard_config_adopt(struct guard_config *c, struct guard_config *old);

/* The plan of an action. */
struct deed_plan *guard_config_plan(const struct guard_config_rule *r, size_t step, size_t action);

/* "kill -x leak", as it was written. Return: @out. */
enum { GUARD_CONFIG_ACTION = 512 };
const char *guard_config_action(const struct rule_action *a, char out[static GUARD_CONFIG_ACTION]);

/* Print what the rule means, on a line. */
void guard_config_describe(FILE *out, const struct guard_config_rule *r);

#endif
