/* SPDX-License-Identifier: MIT */
/* make - the common half of "ensure" and "create" */
#ifndef HEADROOM_SWAPCTL_MAKE_H
#define HEADROOM_SWAPCTL_MAKE_H

#include "session.h"

struct make_request {
    const char *size;  /* as the user wrote it */
    const char *label; /* NULL: none wanted */
    int priority;      /* -1: none wanted */
    enum declaration_discard discard;
    bool activate;
    bool resize;     /* an area of another size is made longer or shorter */
    bool must_exist; /* make nothing new */
    bool force;
    enum persist_how persist;
    int64_t swappiness; /* -1: none wanted */
};

/* Make the file at the operand so, and answer. Return: the exit status. */
int make_run(struct cmd_context *ctx, const struct make_request *request);

/* What --size takes besides sizes. */
extern const char *const make_size_words[];

/* --discard and --persist: the words, in the order of their enums. */
extern const char *const make_discard_words[];
extern const char *const make_persist_words[];

#endif
