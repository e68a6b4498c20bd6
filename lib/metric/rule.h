/* SPDX-License-Identifier: MIT */
/*
 * rule - when something is to be done, and what: one line of memwatch guard
 *
 *     CONDITION [and CONDITION]... [for DURATION] : ACTION[, ACTION]...
 *         [then ACTION[, ACTION]...]... [cooldown DURATION] [until CONDITION]
 *
 * Words stand between blanks and are quoted as for a shell (words.h). A ":" or "," that a blank or
 * the end follows, outside quotes, is punctuation, and behind the name of an action a "," always
 * is: so "disk:/data>80%", "--euid a,b" and "warn,stop" mean what they seem to. The words of the
 * grammar (and, for, then, cooldown, until, timeout) have no meaning within quotes. "until" may
 * stand before "cooldown". Nothing can follow "stop", for it would never be done.
 */
#ifndef HEADROOM_RULE_H
#define HEADROOM_RULE_H

#include "condition.h"

enum rule_verb {
    RULE_WARN,        /* no words */
    RULE_DROP_CACHES, /* no words */
    RULE_RECLAIM,     /* GROUP SIZE */
    RULE_EXEC,        /* COMMAND [WORD]... */
    RULE_SIGNAL,      /* SIG CRITERIA... */
    RULE_KILL,        /* CRITERIA... */
    RULE_LIMIT,       /* CRITERIA LIMIT...: the first word holds all of the criteria */
    RULE_SWAP_ADD,    /* SIZE DIR */
    RULE_STOP,        /* no words */
    RULE_VERBS,
};

struct rule_action {
    enum rule_verb verb;
    size_t at;    /* offset in the rule where it begins, for messages */
    char **words; /* owned; behind the name, without quotes; NULL-terminated */
    size_t n_words;
    char *text;          /* owned; the same as it was written, for criteria_read(); without SIG */
    int signal;          /* of RULE_SIGNAL */
    uint64_t bytes;      /* of RULE_RECLAIM and RULE_SWAP_ADD */
    uint64_t timeout_ms; /* "timeout DURATION" behind it (not of what is done at once: warn, signal
                            and stop), or RULE_NO_TIMEOUT */
};

#define RULE_NO_TIMEOUT UINT64_MAX

struct rule_step {
    struct rule_action *actions; /* owned; in their order */
    size_t n;
};

struct rule {
    char *text;                   /* owned; as it was written */
    struct condition *conditions; /* owned; all of them have to hold */
    size_t n_conditions;
    uint64_t for_ms;         /* 0: at once */
    struct rule_step *steps; /* owned; each is the escalation of the one before */
    size_t n_steps;
    uint64_t cooldown_ms; /* 0: fires once until it is armed again */
    bool has_until;
    struct condition until;
};

#define RULE_INIT ((struct rule){.until = CONDITION_INIT})

void rule_clear(struct rule *r);

/**
 * rule_parse() - read one rule; pure
 * @out: set on success; release with rule_clear()
 *
 * Words that only the caller can judge (criteria, limits, groups, commands) are kept as they are.
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE, "character 12: ..." with what was expected there and
 * the closest word there is; -ENOMEM.
 */
int rule_parse(const char *text, struct rule *out, struct err *e);

/* "warn", "drop-caches" */
const char *rule_verb_word(enum rule_verb verb);

#endif
