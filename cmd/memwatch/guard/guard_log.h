/* SPDX-License-Identifier: MIT */
/*
 * guard_log - what memwatch guard tells: a line for each event, as text or JSON
 *
 * Into a file, or to stderr; there a terminal or the journal reads. Who does not read stderr loses
 * lines, and so does a disk that hangs for long, for nobody who watches memory waits for that.
 */
#ifndef HEADROOM_MEMWATCH_GUARD_LOG_H
#define HEADROOM_MEMWATCH_GUARD_LOG_H

#include "guard_writer.h"
#include "message.h"
#include "metric.h"

struct guard_log {
    char *path; /* owned; NULL: stderr */
    int fd;     /* of a pipe or terminal; -1 */
    bool json;
    bool on_disk; /* then nobody but the writer has it open */
    struct guard_writer writer;
    uint64_t lost;             /* lines that nobody took, since that was said last */
    struct bounded_left *left; /* borrowed; writers that are not done; may be NULL */
};

#define GUARD_LOG_INIT ((struct guard_log){.fd = -1, .writer = GUARD_WRITER_INIT})

/* What is not known is NULL. */
struct guard_log_event {
    const char *event; /* "fired" */
    enum message_level level;
    const char *rule;            /* its text */
    const struct metric *metric; /* of its first condition */
    const double *value;
    size_t step;        /* from 1; 0: none */
    const char *action; /* as it was written */
    const char *result; /* "done", "failed", "begun" */
    const char *text;   /* what came of it, or happened */
    const char *output; /* of a command */
};

/* Return: 0 or a negated errno with a message; then it is as it was. */
int guard_log_open(struct guard_log *log, const char *path, bool json, struct err *e);
void guard_log_close(struct guard_log *log);

/* Takes the time. Never fails: a line that cannot be written is counted. */
void guard_log_write(struct guard_log *log, const struct guard_log_event *event);

#endif
