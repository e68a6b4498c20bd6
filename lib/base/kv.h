/* SPDX-License-Identifier: MIT */
/*
 * kv - "key value" lines of /proc and /sys, matched whole
 *
 * The peers search such text with strstr(3) and find SwapCached when they look for Swap. Here a key
 * is a whole word at the beginning of a line. Text is never changed.
 */
#ifndef HEADROOM_KV_H
#define HEADROOM_KV_H

#include "base.h"

/* A piece of somebody else's text. */
struct kv_span {
    const char *p;
    size_t n;
};

/* One line cut into key and value; blanks around both are not part of them. */
struct kv {
    struct kv_span key;
    struct kv_span value;
};

/**
 * kv_next() - step through the lines of a text
 * @cursor: starts at the text, is moved behind the line
 * @sep:    what ends the key: ':' (meminfo; "ShadowCallStack:10373888 kB" has no blank), ' '
 * (vmstat; one or more blanks or tabs), '=' (environment files)
 *
 * Lines without the separator are skipped.
 *
 * Return: false at the end of the text.
 */
bool kv_next(const char **cursor, char sep, struct kv *out);

/* Find @key in the text; the first one counts. Return: false if absent. */
bool kv_find(const char *text, char sep, const char *key, struct kv_span *value);

/* What lies between, without the blanks and tabs around it. */
struct kv_span kv_trim(const char *begin, const char *end);

/* Does the span hold exactly this text? */
bool kv_span_eq(struct kv_span span, const char *s);

/* Does the span end in @ending, with something before it? */
bool kv_span_ends(struct kv_span span, const char *ending);

/**
 * kv_u64() - the decimal number that a span begins with
 * @rest: what follows it without leading blanks (a unit such as "kB"); NULL demands that nothing
 * follows
 *
 * Return: 0; -EBADMSG if there is no number or something unexpected follows; -EOVERFLOW if it does
 * not fit.
 */
int kv_u64(struct kv_span span, uint64_t *out, struct kv_span *rest);

/* A kibibyte count with or without the unit ("123 kB") in bytes. Return: as kv_u64(). */
int kv_kib(struct kv_span span, uint64_t *bytes);

#endif
