/* SPDX-License-Identifier: MIT */
/*
 * askers - ask what may hang, again and again, and never wait long
 *
 * A child asks, and has some time to answer. Who does not come back is not killed, because by that
 * he tells when somebody may be sent again: there is one for each question, however often it is
 * asked, and nobody waits for him a second time.
 */
#ifndef HEADROOM_ASKERS_H
#define HEADROOM_ASKERS_H

#include "bounded.h"

/* Those who were sent and from whom nobody has taken the answer. */
struct askers {
    struct asker {
        bounded_fn *fn;
        char *key; /* owned */
        struct bounded child;
    } * v; /* owned */
    size_t n;
    struct bounded_left *left; /* borrowed; may be NULL */
};

#define ASKERS_INIT ((struct askers){.v = NULL})

/* Ends all of them. */
void askers_clear(struct askers *a);

/* Bury those who are back; what they said is kept. From time to time. */
void askers_reap(struct askers *a);

/**
 * askers_ask() - send somebody
 * @key:    the question, together with @fn, which writes @size bytes, at most PIPE_BUF
 * @ms:     how long to wait for him; one who was sent before and is not back is not waited for
 * @answer: may be spoiled if there is none
 *
 * Return: 0; ASKERS_LATE: that is what one said who was sent earlier, for this one does not come
 * back in time; -ETIMEDOUT without a message; or another negated errno with one, -ECHILD for who
 * ended without an answer.
 */
enum { ASKERS_LATE = 1 };
int askers_ask(struct askers *a, const char *key, bounded_fn *fn, void *arg, uint64_t ms,
               void *answer, size_t size, struct err *e);

#endif
