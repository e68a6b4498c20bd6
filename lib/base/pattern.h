/* SPDX-License-Identifier: MIT */
/*
 * pattern - a pattern that a name or a command line is compared with
 *
 * An extended regular expression, regex(7), or a piece of text. Bytes are compared, whatever the
 * locale; letters of ASCII alone have two cases.
 */
#ifndef HEADROOM_PATTERN_H
#define HEADROOM_PATTERN_H

#include "err.h"
#include <regex.h>

enum pattern_flags {
    PATTERN_LITERAL = 1 << 0,     /* a piece of text */
    PATTERN_EXACT = 1 << 1,       /* the whole of it, not a part */
    PATTERN_IGNORE_CASE = 1 << 2, /* of letters */
};

struct pattern {
    char *text; /* owned */
    size_t len;
    unsigned flags;
    bool compiled;
    regex_t regex;
};

/**
 * pattern_compile() - prepare a pattern
 *
 * A regular expression in which nothing is special is compared as text, which is faster.
 *
 * Return: 0; -EINVAL as ERR_USAGE for an empty pattern or a bad expression; -ENOMEM.
 */
int pattern_compile(const char *text, unsigned flags, struct pattern *out, struct err *e);
void pattern_clear(struct pattern *p);

/* Does a text of @len bytes match? @text is NUL-terminated there. */
bool pattern_test(const struct pattern *p, const char *text, size_t len);

#endif
