/* SPDX-License-Identifier: MIT */
/* search - what is being looked for, and what was found */
#ifndef HEADROOM_PROCFIND_SEARCH_H
#define HEADROOM_PROCFIND_SEARCH_H

#include "args.h"

struct search {
    struct cmd_context *ctx;
    const struct args *args;
    struct container_names names; /* of who waits for a start, or follows */
    struct match match;
    struct finder finder;
    struct finder_result result;
    bool nothing;      /* no process can match */
    uint64_t deadline; /* CLOCK_MONOTONIC, ms; ARGS_NO_DURATION: none */
};

/* Make criteria of the options, and open /proc. Return: 0, or a negated errno with a message. */
int search_open(struct search *s, struct cmd_context *ctx, const struct args *args, struct err *e);
void search_clear(struct search *s);

/* Look. Return: 0, or a negated errno with a message. */
int search_run(struct search *s, struct err *e);

/* Tell what was left out (--verbose) and what could not be seen. */
void search_tell(const struct search *s);

/* The exit status of what was found: CMD_OK, CMD_NO, or CMD_PARTIAL when nothing was found, and not
 * everything could be seen. */
int search_status(const struct search *s);

/* Look at a process that was found before. Return: false if it is gone. */
bool search_look_again(struct search *s, const struct finder_item *item);

#endif
