/* SPDX-License-Identifier: MIT */
/*
 * guard_gauge - what the rules of memwatch guard speak of, measured
 *
 * In three ways: levels, when somebody asks; what is told for the time between two samples, at
 * equal distances; and what may hang (a dead file system, the driver of a GPU, a stuck process) by
 * a child of its own, for which nobody waits.
 */
#ifndef HEADROOM_MEMWATCH_GUARD_GAUGE_H
#define HEADROOM_MEMWATCH_GUARD_GAUGE_H

#include "bounded.h"
#include "pace.h"
#include "root.h"
#include "sampler_state.h"
#include <poll.h>

enum guard_gauge_way {
    GUARD_GAUGE_LEVEL,
    GUARD_GAUGE_RATE,
    GUARD_GAUGE_SLOW,
    GUARD_GAUGE_WAYS,
};

/* So often, and so long. */
enum { GUARD_GAUGE_SLOW_MS = 5000, GUARD_GAUGE_SLOW_LIMIT_MS = 10000, GUARD_GAUGE_WHY = 256 };

struct guard_gauge_value {
    const struct metric *metric; /* the gauge's own */
    enum guard_gauge_way way;
    enum sampler_state state;
    double value;
    char why[GUARD_GAUGE_WHY]; /* while there is no number */
};

struct guard_gauge;

/* @metrics: of all rules; each is measured once, whoever names it. Return: 0 or a
 * negated errno with a message. @left: takes children that hang when it is freed; may be NULL. */
int guard_gauge_new(const struct root *root, const struct metric *const *metrics, size_t n,
                    struct bounded_left *left, struct guard_gauge **out, struct err *e);
void guard_gauge_free(struct guard_gauge **g);

/* By the name of a metric that was given. */
const struct guard_gauge_value *guard_gauge_find(const struct guard_gauge *g, const char *name);

/* All of them, for who tells which are lost; @n is set. */
const struct guard_gauge_value *guard_gauge_all(const struct guard_gauge *g, size_t *n);

/* Are there any? */
bool guard_gauge_has(const struct guard_gauge *g, enum guard_gauge_way way);

/* Measure levels or rates now, or begin to measure what is slow and not under way. */
void guard_gauge_take(struct guard_gauge *g, enum guard_gauge_way way, uint64_t now);

/* The children that are under way: what to poll, at most guard_gauge_fds() of them, and when one of
 * them is late at the earliest. */
size_t guard_gauge_fds(const struct guard_gauge *g);
size_t guard_gauge_poll(const struct guard_gauge *g, struct pollfd *fds, uint64_t *until);

/* Something of that has come. Return: true if a value is new. */
bool guard_gauge_continue(struct guard_gauge *g, uint64_t now);

/* How much RAM and swap there is. */
const struct pace_machine *guard_gauge_machine(const struct guard_gauge *g);
void guard_gauge_measure_machine(struct guard_gauge *g);

/* What is known of a metric, for a rule's condition, and for its "until". What is not there makes
 * no condition true; and it ends nothing. */
enum alarm_truth guard_gauge_truth(const struct guard_gauge_value *v, const struct condition *c);
enum alarm_truth guard_gauge_truth_of_end(const struct guard_gauge_value *v,
                                          const struct condition *c);

#endif
