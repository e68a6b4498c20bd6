/* SPDX-License-Identifier: MIT */
/*
 * rulefile - the configuration of memwatch guard: a rule on each line, and options
 *
 *     # page somebody before it is too late
 *     set interval 5s
 *     ram>80% for 30s: warn, exec page-me   # until it is over
 *
 * A "#" at the beginning of a word, outside quotes, begins a comment, as in a shell.
 */
#ifndef HEADROOM_RULEFILE_H
#define HEADROOM_RULEFILE_H

#include "rule.h"

/* "set NAME VALUE"; which names there are is the caller's business. */
struct rulefile_option {
    char *name, *value; /* owned; without quotes */
    size_t line;        /* from 1 */
};

struct rulefile_rule {
    struct rule rule;
    size_t line;
};

struct rulefile {
    struct rulefile_rule *rules; /* owned; in the order of the file */
    size_t n_rules;
    struct rulefile_option *options; /* owned; the same */
    size_t n_options;
};

#define RULEFILE_INIT ((struct rulefile){.rules = NULL})

enum { RULEFILE_LINE_MAX = 4096 }; /* bytes */

void rulefile_clear(struct rulefile *f);

/**
 * rulefile_parse() - read such a text; pure
 * @name: of the file, for messages
 * @text: @len bytes; the last line need not end with a newline, and lines may end as DOS' do
 * @out:  set on success; release with rulefile_clear()
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE, "NAME:3: character 12: ..."; -ENOMEM.
 */
int rulefile_parse(const char *name, const char *text, size_t len, struct rulefile *out,
                   struct err *e);

#endif
