/* SPDX-License-Identifier: MIT */
/*
 * cgvalue - the files of a control group, and the kinds of text they hold
 *
 * Documentation/admin-guide/cgroup-v2.rst, "Interface Files": a single value, where the word "max"
 * stands for no limit; lines of a key and a number ("flat keyed"); and lines of a name and several
 * KEY=NUMBER ("nested keyed").
 *
 * Files are named relative to the group's directory; cgroup_read() reads one whole. None of these
 * functions writes a message: the group may be gone (ENOENT, ENODEV), or lack the file because its
 * controller is not enabled, and what that means is known to the caller only.
 */
#ifndef HEADROOM_CGVALUE_H
#define HEADROOM_CGVALUE_H

#include "cgroup.h"
#include "kv.h"

#define CGVALUE_MAX UINT64_MAX /* the word "max" */

enum { CGVALUE_TEXT = 32 }; /* room for any single value and its NUL */

/* A single value; pure. One newline at the end is no part of it. Return: 0, -EBADMSG or -EOVERFLOW.
 */
int cgvalue_parse(struct kv_span text, uint64_t *out);

/* The other way round: "max" or digits. Return: @buf. */
const char *cgvalue_format(uint64_t value, char buf[static CGVALUE_TEXT]);

/* A flat keyed number; pure. Return: 0; -ENODATA without the key; -EBADMSG or -EOVERFLOW. */
int cgvalue_flat(const char *text, const char *key, uint64_t *out);

/**
 * cgvalue_nested() - a number of a nested keyed text; pure
 * @name: what the line begins with: "8:0", "some"
 * @key:  "rbps", "total"; a fraction of the number is dropped
 *
 * Return: 0; -ENODATA without that line or key in it; -EBADMSG or -EOVERFLOW.
 */
int cgvalue_nested(const char *text, const char *name, const char *key, uint64_t *out);

/* Step through the words of a line, separated by blanks. Return: false at its end. */
bool cgvalue_word(struct kv_span *line, struct kv_span *word);

/* A file with a single value, by three system calls. Return: 0, -EBADMSG, -EOVERFLOW, or the
 * negated errno of open(2) or read(2). */
int cgvalue_read(int dir, const char *file, uint64_t *out);

/* Write a file by one write(2). Return: 0 or a negated errno. */
int cgvalue_write(int dir, const char *file, const char *text);

#endif
