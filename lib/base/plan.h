/* SPDX-License-Identifier: MIT */
/*
 * plan - a list of steps, made first, then shown or done
 *
 * An actor's NOUN_plan function makes every check, writes nothing, and adds steps. Then either
 * somebody prints them (--dry-run), or plan_apply() walks them and undoes what it did when one
 * fails or the user interrupts. There is no other place where a dry run differs from a real one.
 */
#ifndef HEADROOM_PLAN_H
#define HEADROOM_PLAN_H

#include "err.h"

struct plan_step {
    const char *action; /* short stable word for JSON and scripts: "create", "activate"; static */
    char *text;         /* for people: "create /swapfile, 2 GiB"; owned by the plan */
    int (*apply)(void *ctx, struct err *e);
    int (*undo)(void *ctx, struct err *e); /* NULL: nothing to undo */
    void *ctx;                             /* borrowed: must outlive the plan */
};

struct plan {
    struct plan_step *steps;
    size_t n;
    size_t n_done;
};

#define PLAN_INIT ((struct plan){.steps = NULL})

void plan_clear(struct plan *plan);

/**
 * plan_add() - add a step
 * @apply: does it; 0, or a negated errno with a message
 * @undo:  takes back what @apply did; called in reverse order, and only for steps that succeeded,
 * so an
 *         @apply that fails must have cleaned up after itself
 *
 * Return: 0 or -ENOMEM with a message.
 */
int plan_add(struct plan *plan, const char *action, int (*apply)(void *, struct err *),
             int (*undo)(void *, struct err *), void *ctx, struct err *e, const char *fmt, ...)
    _printf_(7, 8);

/* How plan_apply() talks to the program that runs it; every member may be NULL. */
struct plan_watch {
    bool (*interrupted)(void *arg); /* asked before each step; true stops with -EINTR */
    void (*step)(void *arg, const struct plan_step *step); /* told before each step */
    /* told after a step that succeeded, and after it was undone */
    void (*done)(void *arg, const struct plan_step *step, bool undone);
    void *arg;
};

/**
 * plan_apply() - do the steps in order
 *
 * When a step fails, the earlier ones are undone in reverse; an undo that fails too is appended to
 * the message.
 *
 * Return: 0, or what the failing step returned.
 */
int plan_apply(struct plan *plan, const struct plan_watch *watch, struct err *e);

/* Undo everything that plan_apply() did, when something later, outside the plan, failed. */
void plan_undo(struct plan *plan, struct err *e);

#endif
