/* SPDX-License-Identifier: MIT */
/*
 * guard_loop - memwatch guard while it runs
 *
 * One poll(2) waits for everything: the next look at the metrics, the actions under way, the
 * kernel's sign of pressure, the service manager's watchdog, and signals. SIGHUP reads the
 * configuration anew, SIGINT and SIGTERM end it; beside a command all of them are for the command,
 * and it ends with that.
 */
#ifndef HEADROOM_MEMWATCH_GUARD_LOOP_H
#define HEADROOM_MEMWATCH_GUARD_LOOP_H

#include "cmd.h"
#include "guard_act.h"
#include "guard_command.h"
#include "guard_reader.h"
#include "notify.h"

struct guard_loop {
    struct cmd_context *ctx;
    const struct guard_config_source *source; /* borrowed; without .text */
    struct guard_config config;
    size_t rehearsed;           /* so many of its plans */
    struct guard_reader reader; /* of the next one */
    struct guard_log log;
    struct guard_act act;
    struct notify notify;
    int trigger;                     /* of pressure; -1: the kernel tells none */
    uint64_t pressure;               /* when there was a sign of it */
    bool pressed;                    /* and it counts still */
    uint64_t next[GUARD_GAUGE_WAYS]; /* when to measure; ALARM_NEVER */
    uint64_t watchdog;               /* when to feed it */
    struct pollfd *fds;              /* owned; room for all of them */
    enum sampler_state *told;        /* owned; of each metric */
    sigset_t open;                   /* signals while it waits */
    struct guard_command *command;   /* borrowed; NULL: none runs beside it */
    bool ending;                     /* the command was told to end */
    bool ended;                      /* and has */
};

#define GUARD_LOOP_INIT                                                                            \
    ((struct guard_loop){                                                                          \
        .reader = GUARD_READER_INIT, .log = GUARD_LOG_INIT, .notify = NOTIFY_INIT, .trigger = -1})

void guard_loop_clear(struct guard_loop *l);

/* Room for what the configuration needs. Return: 0 or a negated errno with a message. */
int guard_loop_prepare(struct guard_loop *l, struct err *e);

/* Rehearse the next one of the plans. Return: true, or false if there was none left. */
bool guard_loop_rehearse(struct guard_loop *l);

/* From here on signals come only while it waits. .command is set before. */
void guard_loop_hold_signals(struct guard_loop *l);

enum guard_loop_end { GUARD_LOOP_SIGNAL, GUARD_LOOP_STOP, GUARD_LOOP_COMMAND };

/* Until it is to end. Return: an enum guard_loop_end, or a negated errno with a message. */
int guard_loop_run(struct guard_loop *l, struct err *e);

#endif
