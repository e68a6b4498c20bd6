/* SPDX-License-Identifier: MIT */
/*
 * cgwork - what every cgctl subcommand needs first: the hierarchy, whose it is, and one at a time
 */
#ifndef HEADROOM_CGCTL_CGWORK_H
#define HEADROOM_CGCTL_CGWORK_H

#include "cgevents.h"
#include "cgtree.h"
#include "cgunit.h"
#include "cmd.h"

struct cgwork {
    struct cmd_context *ctx; /* borrowed */
    struct cgtree tree;
    bool systemd; /* it manages the hierarchy */
    int lock_fd;
};

#define CGWORK_INIT ((struct cgwork){.tree = CGTREE_INIT, .lock_fd = -1})

/* How a subcommand goes about it when systemd manages the hierarchy. */
enum cgwork_manager { CGWORK_AUTO, CGWORK_SYSTEMD, CGWORK_CGROUPFS };
extern const char *const cgwork_managers[];

/**
 * cgwork_look() - for those who only look, or only do what lasts no longer than its target
 *
 * Return: 0 or a negated errno with a message.
 */
int cgwork_look(struct cmd_context *ctx, struct cgwork *out, struct err *e);

/**
 * cgwork_live() - the answer to who would change groups of a tree that is not the running system's
 *
 * Return: 0, also for a dry run; -EOPNOTSUPP as ERR_UNSUPPORTED.
 */
int cgwork_live(const struct cmd_context *ctx, struct err *e);

/**
 * cgwork_change() - for those who change groups: signals are held back so that steps are undone,
 * and as root a lock is taken
 *
 * Others than root work in groups of their own, and /run is not theirs.
 *
 * Return: as cgwork_look().
 */
int cgwork_change(struct cmd_context *ctx, struct cgwork *out, struct err *e);
void cgwork_end(struct cgwork *w);

/* The group that a user means: as cgtree_path(), but beside systemd a name without a leading "/" is
 * a slice of ours, or, where we are in what was delegated, below our own group. */
int cgwork_path(const struct cgwork *w, const char *name, char **out, struct err *e);

/* Whose manager of systemd is asked: struct cgunit. */
uid_t cgwork_whose(void);

/* The slice of ours that a name stands for beside systemd. Return: as cgunit_slice(). */
int cgwork_slice_path(const char *name, char **out, struct err *e);

/* The scope of this name in our slice: "a" is ".../headroom.slice/a.scope". Return: 0 or -ENOMEM.
 */
int cgwork_scope_path(const char *name, char **out, struct err *e);

/* Does it lie below a unit with Delegate=yes? */
bool cgwork_is_delegated(const struct cgwork *w, const char *path);

enum cgwork_way {
    CGWORK_BY_FILES, /* nobody else writes there */
    CGWORK_BY_UNIT,  /* it is the group of a unit, and systemd must be asked */
};

/**
 * cgwork_way() - how is this group changed?
 * @unit: set with CGWORK_BY_UNIT; borrows @path
 *
 * Beside systemd only what lies below a unit that it delegated is changed by hand: the rest it
 * resets as it likes.
 *
 * Return: enum cgwork_way; -EPERM (refused) for what is neither, unless @force and CGWORK_CGROUPFS
 * were both given; -EOPNOTSUPP for CGWORK_SYSTEMD without it.
 */
int cgwork_way(const struct cgwork *w, const char *path, int manager, bool force,
               struct cgunit *unit, struct err *e);

/* Warn of the memory controller if it is not offered: its numbers are missing then. */
void cgwork_warn_memory(const struct cgwork *w);

/* What a subcommand says when it is done: "changed", or {"group":"/a","changed":true,"actions":[]}.
 * Return: CMD_OK. */
int cgwork_answer(const struct cmd_context *ctx, const char *path, const struct plan *plan);

/* The same without a plan. */
int cgwork_answer_word(const struct cmd_context *ctx, const char *path, const char *action,
                       bool changed);

/* Until the time is over, or a signal comes. @timeout_ms: 0 is forever. */
struct cgevents_patience cgwork_patience(uint64_t timeout_ms);

#endif
