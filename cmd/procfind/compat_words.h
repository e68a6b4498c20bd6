/* SPDX-License-Identifier: MIT */
/*
 * compat_words - options as getopt_long(3) reads them
 *
 * Long names may be cut short, options may stand behind operands, and the messages are those that
 * callers of procps know. Apart from that the tables are those of opt.h, and so is --help.
 */
#ifndef HEADROOM_PROCFIND_COMPAT_WORDS_H
#define HEADROOM_PROCFIND_COMPAT_WORDS_H

#include "cmd.h"
#include "kv.h"

/**
 * compat_words_parse() - read the options
 * @argv:     put in order, operands last
 * @groups:   of OPT_FLAG and OPT_STRING, the last of which counts, and OPT_STRINGS, one of which
 * has room for @argc texts
 * @operands: the first of them in @argv
 *
 * Return: 0, or -EINVAL as ERR_USAGE.
 */
int compat_words_parse(int argc, char **argv, const struct opt_group *groups, int *operands,
                       struct err *e);

/* The next of the words between commas; words of no length do not count. Return: false at the end.
 */
bool compat_words_next(const char **list, struct kv_span *word);

/* "pgrep: MESSAGE" */
void compat_words_say(const struct cmd_context *ctx, const char *fmt, ...) _printf_(2, 3);

/* What --help prints, and --version. */
void compat_words_help(const struct cmd_context *ctx, const char *about,
                       const struct opt_group *groups, const char *statuses);
void compat_words_version(const struct cmd_context *ctx);

#endif
