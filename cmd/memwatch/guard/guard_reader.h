/* SPDX-License-Identifier: MIT */
/*
 * guard_reader - the configuration of memwatch guard, read by somebody for whom nobody waits
 *
 * A file on a server that is dead, or the executable that a rule names there, would stop whoever
 * looks at it; and so would a name of a user whom only such a server knows. So a child reads the
 * file and makes all of it ready, and only what went well there is made ready here, from the text
 * that the child has read and the users and containers that it has found.
 */
#ifndef HEADROOM_MEMWATCH_GUARD_READER_H
#define HEADROOM_MEMWATCH_GUARD_READER_H

#include "bounded.h"
#include "guard_config.h"
#include <poll.h>

enum { GUARD_READER_LIMIT_MS = 10000, GUARD_READER_FILE_MAX = 1024 * 1024 };

struct guard_reader {
    struct bounded child;
    const char *name; /* borrowed; of the file, for messages */
    uint64_t until;   /* when it is late */
    char *answer;     /* owned */
    size_t n, size;
    struct bounded_left *left; /* borrowed, of the source; children that do not die */
};

#define GUARD_READER_INIT ((struct guard_reader){.child = BOUNDED_INIT})

void guard_reader_clear(struct guard_reader *r);

/* Begin. @source: as guard_config_read() there is to get it, without .text. Return: 0 or a negated
 * errno with a message. */
int guard_reader_start(struct guard_reader *r, const struct guard_config_source *source,
                       uint64_t now, struct err *e);

/* Is it under way? */
bool guard_reader_is_busy(const struct guard_reader *r);

/* What to poll for, and until when: 0 or 1 descriptors. */
size_t guard_reader_poll(const struct guard_reader *r, struct pollfd *fd, uint64_t *until);

/**
 * guard_reader_continue() - something of that may have come
 * @out: set when it is there
 *
 * Return: 1: all went well; 0: nobody reads, or it is under way; -ETIMEDOUT with a message; or what
 * guard_config_read() said there.
 */
int guard_reader_continue(struct guard_reader *r, uint64_t now, struct guard_config_found *out,
                          struct err *e);

/* From the beginning to the end, and wait here. Return: 0 and @out, or as above. */
int guard_reader_read(const struct guard_config_source *source, struct guard_config_found *out,
                      struct err *e);

#endif
