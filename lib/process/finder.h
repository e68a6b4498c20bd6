/* SPDX-License-Identifier: MIT */
/*
 * finder - which processes match?
 *
 * One walk over /proc asks every process; what belongs to the caller (caller.h) and wrappers are
 * left out unless wanted; and a number never comes with the facts of two processes: what started
 * while we looked is looked at twice.
 */
#ifndef HEADROOM_FINDER_H
#define HEADROOM_FINDER_H

#include "caller.h"
#include "match.h"

enum finder_reason {
    FINDER_FOUND,
    FINDER_CALLER,  /* left out: it belongs to the caller, .caller says how */
    FINDER_WRAPPER, /* left out: its words end with those of a match that it has started */
};

enum finder_pick { FINDER_ALL, FINDER_NEWEST, FINDER_OLDEST };

struct finder_item {
    pid_t pid, ppid; /* .pid: with finder.threads that of the thread */
    uint64_t start;  /* clock ticks since boot */
    enum finder_reason reason;
    enum caller_reason caller;
};

struct finder_result {
    struct finder_item *found; /* owned; by number */
    size_t n, size;
    struct finder_item *left_out; /* owned */
    size_t n_left_out, left_out_size;
    size_t unreadable; /* processes that may match, but could not be looked into */
    bool hidden;       /* /proc does not show the processes of others (hidepid) */
};

#define FINDER_RESULT_INIT ((struct finder_result){.found = NULL})

void finder_result_clear(struct finder_result *r);

struct finder {
    const struct root *root; /* borrowed */
    struct match *match;     /* borrowed; what to look for */
    bool include_self;       /* the caller and what belongs to it */
    enum caller_reason only; /* of these leave out the caller alone (CALLER_SELF), or it and its
                                ancestors; CALLER_NOT: all */
    bool threads;            /* ask each thread, and find those */
    bool include_wrappers;
    enum finder_pick pick;
    struct procscan scan;
    struct process process, spare;
    struct caller caller;
    uint64_t began;    /* clock ticks since boot when the walk began */
    bool last_matched; /* the process before this one */
};

#define FINDER_INIT                                                                                \
    ((struct finder){.scan = PROCSCAN_INIT,                                                        \
                     .process = PROCESS_INIT,                                                      \
                     .spare = PROCESS_INIT,                                                        \
                     .caller = CALLER_INIT})

void finder_clear(struct finder *f);

/* Open /proc and look at the caller. The options may be set before or after. Return: 0, or a
 * negated errno with a message. */
int finder_open(struct finder *f, const struct root *root, struct match *match, struct err *e);

/* Find all; what @out held is replaced. Processes that match_numbers(MATCH_PID) named are asked
 * without a walk. Return: 0, or a negated errno with a message. */
int finder_run(struct finder *f, struct finder_result *out, struct err *e);

/**
 * finder_each() - hand out those that match as they come, and keep nothing
 * @fn: gets the process, whose files may be asked for; what it returns but 0 ends the walk
 *
 * For those who must do without memory: once a walk has made the room that reading takes, the next
 * one needs no more, but where files have grown. So wrappers are not told apart, nothing is
 * picked, and what cannot be looked at is passed over.
 *
 * Return: 0; what @fn returned; or a negated errno with a message.
 */
typedef int finder_visit(void *arg, const struct finder_item *item, struct process *p);
int finder_each(struct finder *f, finder_visit *fn, void *arg, struct err *e);

/* In finder_each() with include_self: how does the process at hand belong to the caller? For those
 * who ask it of few, because more files have to be read for it. */
enum caller_reason finder_relation(struct finder *f);

/* Does this one match, whoever else does? Wrappers do. Return: 1, 0, or a negated errno with a
 * message. */
int finder_test(struct finder *f, pid_t pid, struct err *e);

/* Clock ticks since boot, as the start times of processes count. */
uint64_t finder_now(void);

/* Does the /proc at hand show the PID namespace that this process is in? Otherwise its numbers are
 * none for kill(2) and its like. */
bool finder_sees_own_namespace(const struct finder *f);

#endif
