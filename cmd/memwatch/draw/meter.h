/* SPDX-License-Identifier: MIT */
/* meter - measure what a command line names, at equal distances, until a signal says enough */
#ifndef HEADROOM_MEMWATCH_METER_H
#define HEADROOM_MEMWATCH_METER_H

#include "history.h"
#include "root.h"
#include "sampler.h"
#include "ticker.h"

struct meter {
    struct metric *metrics;       /* owned */
    struct history_metric *names; /* the same, as a history has them; owned */
    size_t n;
    struct sampler *sampler;
    struct ticker ticker;
    struct history_sample sample; /* the last one */
    sigset_t open;                /* signals while it sleeps */
};

#define METER_INIT ((struct meter){.n = 0})

void meter_clear(struct meter *m);

/* @names: NULL-terminated; none: the usual ones. Return: 0 or a negated errno. */
int meter_begin(struct meter *m, const struct root *root, const char *const *names, struct err *e);

/* From here on signals end it: they come while it sleeps, and at no other moment. The first tick is
 * one interval from now. */
void meter_start(struct meter *m, uint64_t interval_ms);

/* Measure, into .sample. */
void meter_take(struct meter *m);

/* Sleep until the next tick. Return: 0 or a negated errno; -EINTR after any signal. */
int meter_wait(struct meter *m);

#endif
