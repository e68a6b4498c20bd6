/* SPDX-License-Identifier: MIT */
/* limits - the options that set limits, and what several subcommands do with them */
#ifndef HEADROOM_CGCTL_LIMITS_H
#define HEADROOM_CGCTL_LIMITS_H

#include "cgunitplan.h"
#include "cgwork.h"

/* The beginning of the struct of every subcommand that takes limits. */
struct limits_args {
    struct cglimit_words words;
    bool force;
    int manager; /* enum cgwork_manager */
    bool persist;
};

extern const struct opt limits_opts[];
extern const struct opt limits_persist_opts[]; /* of those who change a group that stays */
extern const char limits_title[];

/* cglimit_read(), and a warning for each that was rounded. */
int limits_read(struct cmd_context *ctx, const struct limits_args *args, struct cglimits *out,
                struct err *e);

/* Warn about limits that do not do what people think. @group: the group's directory, or -1 for a
 * new one. */
void limits_warn(const struct cmd_context *ctx, const struct cglimits *limits, int group,
                 const char *path);

/* What the steps of one group work on, whoever manages it; must outlive the plan. */
struct limits_work {
    struct cgplan files;
    struct cgunitplan unit;
};

#define LIMITS_WORK_INIT ((struct limits_work){.files = CGPLAN_INIT, .unit = CGUNITPLAN_INIT})

void limits_work_clear(struct limits_work *work);

/* Plan to set the limits of a group, by its files or through systemd, and warn. @flags: enum
 * cgplan_flags. Return: as cgplan_limits(), cgunitplan_limits() and cgwork_way(). */
int limits_plan(struct cgwork *w, const struct limits_args *args, const char *path,
                const struct cglimits *limits, const char *wished, unsigned flags,
                struct limits_work *work, struct plan *plan, struct err *e);

/* The same for a unit by its name, which need not run; @path: of its group if it does, or "",
 * caller frees. */
int limits_plan_unit(struct cgwork *w, const struct limits_args *args, const char *name,
                     const struct cglimits *limits, unsigned flags, struct limits_work *work,
                     char **path, struct plan *plan, struct err *e);

/* Plan and do what "create" and "set" do with their operand, and answer. @flags: enum cgplan_flags.
 * Return: the exit status. */
int limits_run(struct cmd_context *ctx, const struct limits_args *args, const char *wished,
               unsigned flags);

#endif
