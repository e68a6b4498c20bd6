/* SPDX-License-Identifier: MIT */
/* limits - the options that set limits, and what several subcommands do with them */
#ifndef HEADROOM_CGCTL_LIMITS_H
#define HEADROOM_CGCTL_LIMITS_H

#include "cglimit.h"
#include "cgwork.h"

/* The beginning of the struct of every subcommand that takes limits. */
struct limits_args {
    struct cglimit_words words;
    bool force;
    int manager; /* enum cgwork_manager */
};

extern const struct opt limits_opts[];
extern const char limits_title[];

/* cglimit_read(), and a warning for each that was rounded. */
int limits_read(struct cmd_context *ctx, const struct limits_args *args, struct cglimits *out,
                struct err *e);

/* Warn about limits that do not do what people think. @group: the group's directory, or -1 for a
 * new one. */
void limits_warn(const struct cmd_context *ctx, const struct cglimits *limits, int group,
                 const char *path);

/* The same limits as options of systemd-run(1): " -p MemoryMax=67108864"; caller frees. What systemd has
 * no property for is left out. Return: NULL without memory. */
char *limits_for_systemd(const struct cglimits *limits);

/* Plan and do what "create" and "set" do with their operand, and answer. @flags: enum cgplan_flags.
 * Return: the exit status. */
int limits_run(struct cmd_context *ctx, const struct limits_args *args, const char *wished,
               unsigned flags);

#endif
