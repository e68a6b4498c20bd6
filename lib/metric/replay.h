/* SPDX-License-Identifier: MIT */
/*
 * replay - read histories (history.h), the oldest first, with a bounded amount of memory
 *
 * What is broken is skipped up to the next whole frame and counted. A last record that was cut off
 * (the recorder was killed while it wrote) is no loss: it is told apart.
 */
#ifndef HEADROOM_REPLAY_H
#define HEADROOM_REPLAY_H

#include "history.h"

struct replay;

struct replay_loss {
    uint64_t places; /* where bytes were skipped */
    uint64_t bytes;
    uint64_t torn; /* bytes of records that were cut off at the end of a file */
};

/**
 * replay_open() - begin to read
 * @path: a history; those that were rotated away from it, PATH.1 and on, are read before it,
 *        unless @alone. One of them or itself may be missing: a recorder that was killed while it
 *        rotated leaves that.
 *
 * Refuses (ERR_REFUSED) what is not a regular file.
 *
 * Return: 0 or a negated errno.
 */
int replay_open(const char *path, bool alone, struct replay **out, struct err *e);

/* The same for one open file, which is borrowed; @name is for messages. */
int replay_open_fd(int fd, const char *name, struct replay **out, struct err *e);

/* Releases what replay_open() made. */
void replay_free(struct replay **r);

enum replay_what { REPLAY_END, REPLAY_HEADER, REPLAY_SAMPLE };

/**
 * replay_next() - read on
 *
 * Return: enum replay_what; -EBADMSG if the file holds no header at all; -EPROTONOSUPPORT as
 * ERR_UNSUPPORTED if a later version wrote it; or the negated errno of read(2).
 */
int replay_next(struct replay *r, struct err *e);

/* The last header, and the last sample; valid until the next call. */
const struct history_header *replay_header(const struct replay *r);
const struct history_sample *replay_sample(const struct replay *r);

/* What was lost so far. */
struct replay_loss replay_lost(const struct replay *r);

/* Behind the last whole frame of the file that is read. */
uint64_t replay_position(const struct replay *r);

#endif
