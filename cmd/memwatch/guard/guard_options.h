/* SPDX-License-Identifier: MIT */
/* guard_options - what memwatch guard is told besides its rules, by its command line and its file
 */
#ifndef HEADROOM_MEMWATCH_GUARD_OPTIONS_H
#define HEADROOM_MEMWATCH_GUARD_OPTIONS_H

#include "deed.h"
#include "rulefile.h"
#include "users.h"

enum guard_options_format { GUARD_OPTIONS_TEXT, GUARD_OPTIONS_JSON };

/* As they were given; what was not is NULL, -1 or GUARD_OPTIONS_NONE. */
struct guard_options_words {
    const char *log, *swap_bound, *disk_reserve;
    const char *const *protect;
    uint64_t interval_ms, settle_ms;
    int log_format; /* enum guard_options_format */
    int kill_by;    /* 1: oom_score */
};

#define GUARD_OPTIONS_NONE UINT64_MAX
#define GUARD_OPTIONS_WORDS                                                                        \
    {                                                                                              \
        .interval_ms = GUARD_OPTIONS_NONE, .settle_ms = GUARD_OPTIONS_NONE, .log_format = -1,      \
        .kill_by = -1                                                                              \
    }

/* Their table, whose offsets are those of struct guard_options_words. */
extern const struct opt guard_options_opts[];

/* What counts. Held as long as a plan refers to the policy. */
struct guard_options {
    unsigned refs;
    struct guard_options_words words; /* all of them are set but .log and .protect */
    struct deed_policy policy;
    struct users users;                /* of the policy */
    struct container_names containers; /* the same */
    struct opt_storage *storage;       /* owned; what the words of the file point into */
    const char **protect;              /* owned; of both */
};

/**
 * guard_options_new() - the words of the command line, else those of the file, else the usual ones
 * @given: borrowed for ever
 * @file:  only while this runs; @name of it, for messages
 * @base:  what no option says of the policy: root, dry_run, rank, dying
 *
 * Return: 0 or a negated errno with a message, "FILE:3: ..." or with the option's name.
 */
int guard_options_new(const struct guard_options_words *given, const struct rulefile *file,
                      const char *name, const struct deed_policy *base, struct guard_options **out,
                      struct err *e);
struct guard_options *guard_options_ref(struct guard_options *o);
void guard_options_unref(struct guard_options **o);

#endif
