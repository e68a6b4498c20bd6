/* SPDX-License-Identifier: MIT */
/*
 * sampler_family - what the sampler's families have in common; for lib/sampler*.c only
 *
 * A family opens what it needs, and at each sample says something of every one of its slots.
 */
#ifndef HEADROOM_SAMPLER_FAMILY_H
#define HEADROOM_SAMPLER_FAMILY_H

#include "kept.h"
#include "keyed.h"
#include "metric.h"
#include "sampler_state.h"

/* What is known of one metric. */
struct sampler_slot {
    const struct metric *metric;
    struct sampler_slot *next; /* of the same family */
    enum sampler_state state;
    double value;
    const char *why; /* cause and remedy, no object; or the whole message of a reader */
    bool whole;      /* it is such a whole message */
    int error;       /* errno that belongs to it, or 0 */
};

struct sampler_call {
    const struct root *root;
    struct sampler_slot *first; /* of the family */
    struct procscan_text *text; /* room for any file */
    uint64_t time, interval;    /* nanoseconds; interval 0 in the first sample */
};

struct sampler_family {
    /* @out is handed to the others. Return: 0, -ENOMEM or -EMFILE, with a message. */
    int (*open)(const struct sampler_call *call, void **out, struct err *e);
    void (*take)(void *own, const struct sampler_call *call);
    void (*close)(void *own);
};

extern const struct sampler_family sampler_cgroup_family;
extern const struct sampler_family sampler_disk_family;
extern const struct sampler_family sampler_gpu_family;
extern const struct sampler_family sampler_kswapd_family;
extern const struct sampler_family sampler_memory_family;
extern const struct sampler_family sampler_proc_family;
extern const struct sampler_family sampler_psi_family;
extern const struct sampler_family sampler_vmstat_family;

static inline void sampler_slot_number(struct sampler_slot *s, double value)
{
    s->state = SAMPLER_NUMBER;
    s->value = value;
}

static inline void sampler_slot_say(struct sampler_slot *s, enum sampler_state state, int error,
                                    const char *why)
{
    s->state = state;
    s->why = why;
    s->whole = false;
    s->error = error;
}

/* A reader has said what is wrong. */
static inline void sampler_slot_broken(struct sampler_slot *s, const struct err *e)
{
    sampler_slot_say(s, SAMPLER_BROKEN, 0, e->text ? e->text : "out of memory");
    s->whole = true;
}

/* A file could not be read: @absent is said if that is because there is none. */
static inline void sampler_slot_unread(struct sampler_slot *s, int r, const char *absent)
{
    if (r == -ENOENT || r == -ENOTDIR || r == -EOPNOTSUPP || r == -ENODEV || r == -ESRCH)
        sampler_slot_say(s, SAMPLER_ABSENT, 0, absent);
    else
        sampler_slot_say(s, SAMPLER_BROKEN, -r, "cannot be read");
}

/* Percent of a whole; absent when the whole is nothing. */
static inline void sampler_slot_percent(struct sampler_slot *s, uint64_t part, uint64_t whole,
                                        const char *absent)
{
    if (whole == 0)
        sampler_slot_say(s, SAMPLER_ABSENT, 0, absent);
    else
        sampler_slot_number(s, 100.0 * (double)part / (double)whole);
}

#endif
