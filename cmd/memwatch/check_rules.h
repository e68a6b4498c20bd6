/* SPDX-License-Identifier: MIT */
/* check_rules - what "memwatch check" was asked to look at */
#ifndef HEADROOM_MEMWATCH_CHECK_RULES_H
#define HEADROOM_MEMWATCH_CHECK_RULES_H

#include "condition.h"

/* What was said on the command line; NULL: nothing. The lists are NULL-terminated. */
struct check_rules_words {
    const char *ram, *swap;
    const char *const *psi, *const *disk, *const *gpu, *const *cgroup;
    const char *const *warning, *const *critical;
};

struct check_rules_level {
    bool set;
    enum condition_op op;
    double value;
};

struct check_rules_rule {
    struct check_rules_level warning, critical;
    bool one_of_gpus; /* nobody knows whether it is there; one of them has to be */
};

struct check_rules {
    struct metric *metrics; /* owned; side by side, as a sampler wants them */
    struct check_rules_rule *rules;
    size_t n;
};

#define CHECK_RULES_INIT ((struct check_rules){.metrics = NULL})

void check_rules_clear(struct check_rules *r);

/**
 * check_rules_read() - understand them
 *
 * A condition for a warning and one that is critical about the same metric become one rule.
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE, also for levels in the wrong order; or -ENOMEM.
 */
int check_rules_read(const struct check_rules_words *words, struct check_rules *out, struct err *e);

#endif
