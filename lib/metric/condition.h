/* SPDX-License-Identifier: MIT */
/*
 * condition - "ram>80%", "ram.available<500M", "psi.memory.some.avg10>=10": a metric, compared
 *
 * Blanks may stand around the operator. Per cent may be written with or without "%", rates with or
 * without "/s". There is no "=": what is measured is hardly ever exactly something.
 */
#ifndef HEADROOM_CONDITION_H
#define HEADROOM_CONDITION_H

#include "metric.h"

enum condition_op {
    CONDITION_ABOVE,    /* > */
    CONDITION_AT_LEAST, /* >= */
    CONDITION_BELOW,    /* < */
    CONDITION_AT_MOST,  /* <= */
};

struct condition {
    struct metric metric;
    enum condition_op op;
    double value; /* in the metric's unit */
};

#define CONDITION_INIT ((struct condition){.metric = METRIC_INIT})

void condition_clear(struct condition *c);

/**
 * condition_parse() - read a condition; pure
 * @out: set on success; release with condition_clear()
 *
 * The last operator of the text counts, so that a path may hold the others.
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE, with the character of the text where it goes wrong;
 * -ENOMEM.
 */
int condition_parse(const char *text, struct condition *out, struct err *e);

/* The same for who tells the place by himself: @at is set to the offset where it goes wrong, and
 * the message holds neither the text nor the place. */
int condition_parse_at(const char *text, struct condition *out, size_t *at, struct err *e);

/**
 * condition_parse_value() - read what a metric could be compared with; pure
 * @text: "80", "80%", "500M", "12M/s", "0.5"
 *
 * Return: 0; -EINVAL or -ERANGE as ERR_USAGE, also for per cent that cannot be reached; no
 * position.
 */
int condition_parse_value(const struct metric_info *info, const char *text, double *out,
                          struct err *e);

/* Is it true of this value of the metric? */
bool condition_holds(const struct condition *c, double value);

/* "above", "at least", "below", "at most"; and ">", ">=", "<", "<=". */
const char *condition_op_words(enum condition_op op);
const char *condition_op_sign(enum condition_op op);

/* Can it be above 100 per cent? Of promised memory and of processors there may be more than all. */
bool condition_may_exceed(const struct metric_info *info);

/* Does a larger value make it true? */
bool condition_is_upward(enum condition_op op);

#endif
