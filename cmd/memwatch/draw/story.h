/* SPDX-License-Identifier: MIT */
/* story - the samples of the histories that a command line names, in the order of time */
#ifndef HEADROOM_STORY_H
#define HEADROOM_STORY_H

#include "cmd.h"
#include "survey.h"

/* The options that replay and plot share; the first member of their structs. */
struct story_args {
    const char *from, *to;
    bool alone;
};

extern const struct opt story_opts[];

struct story {
    const char *
        *paths; /* of the operands: files first, then metrics; owned, what they point to not */
    size_t n_paths;
    const char **metrics; /* NULL-terminated; none: all */
    struct survey survey;
    uint64_t from_ms, to_ms; /* as the options say, or of the first and last sample */
    bool alone;

    size_t at; /* the file that is read */
    struct replay *replay;
    int *map;
    double *values; /* of the survey's metrics in the sample; NAN: absent */
    uint64_t time_ms;
};

#define STORY_INIT ((struct story){.n_paths = 0})

void story_clear(struct story *s);

/**
 * story_begin() - read the operands and options, and look through the files once
 *
 * The first operand is a file. A further one is a metric if it is the name of one, and a file if
 * there is one of that name.
 *
 * Return: 0, or a negated errno with a message; either way to be released by story_clear().
 */
int story_begin(const struct cmd_context *ctx, const struct story_args *args, struct story *s,
                struct err *e);

/* The next sample from .from_ms to .to_ms. Return: 1, 0 at the end, or a negated errno. */
int story_next(struct story *s, struct err *e);

/* After the end: say what was damaged. Return: CMD_OK, CMD_NO without any sample at all, or
 * CMD_PARTIAL. */
int story_end(const struct cmd_context *ctx, const struct story *s, bool any);

/* "45.23", "17179869184": plain, as short as the file's precision allows, the same in every
 * locale. */
enum { STORY_NUMBER_MAX = 48 };
const char *story_number(double value, char out[static STORY_NUMBER_MAX]);

/* @name as a terminal can show it: control characters and what is no UTF-8 as \xNN. Caller frees.
 */
char *story_clean(const char *name);

#endif
