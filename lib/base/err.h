/* SPDX-License-Identifier: MIT */
/*
 * err - one message for one failure
 *
 * Functions of this library return 0 for success, a negative errno for a failure, and where the
 * header says so a positive outcome for their caller. The function that first sees a failure writes
 * the message here: the object, the cause, and the remedy where there is one ("/swapfile: is a
 * directory; name a file in it"). Nobody above it adds or repeats. The program prints it once.
 */
#ifndef HEADROOM_ERR_H
#define HEADROOM_ERR_H

#include "base.h"

/* What sort of failure it is, for programs that answer by exit status. */
enum err_kind {
    ERR_FAILED,      /* tried and failed: I/O, no space, missing privilege */
    ERR_USAGE,       /* the request itself makes no sense */
    ERR_UNSUPPORTED, /* this kernel, file system or build cannot do it */
    ERR_REFUSED,     /* could be done, but would endanger data or safety */
    ERR_TIMEOUT,     /* somebody else did not finish in time */
    ERR_INTERRUPTED, /* the user or the system asked us to stop; what was done is undone */
};

struct err {
    enum err_kind kind;
    char *text; /* owned; NULL while nothing failed */
};

#define ERR_INIT ((struct err){.kind = ERR_FAILED, .text = NULL})

/* Releases the text: _cleanup_(err_clear) struct err e = ERR_INIT; */
void err_clear(struct err *e);

/**
 * err_set() - record a failure
 * @e:   where to; NULL records nothing. An older message is replaced.
 * @r:   negative errno; decides the kind: -EOPNOTSUPP is ERR_UNSUPPORTED, -ETIMEDOUT is
 * ERR_TIMEOUT, -EINTR is ERR_INTERRUPTED, all others ERR_FAILED
 * @fmt: the whole message, without a trailing newline or full stop
 *
 * Return: @r, so that a caller can write `return err_set(...)`.
 */
int err_set(struct err *e, int r, const char *fmt, ...) _printf_(3, 4);

/* Like err_set(), and appends ": " and the system's words for @r. */
int err_sys(struct err *e, int r, const char *fmt, ...) _printf_(3, 4);

/* Like err_set() with an explicit kind. */
int err_refuse(struct err *e, int r, const char *fmt, ...) _printf_(3, 4);
int err_unsupported(struct err *e, int r, const char *fmt, ...) _printf_(3, 4);
int err_usage(struct err *e, int r, const char *fmt, ...) _printf_(3, 4);

/* Appends to a recorded message (for an undo that failed as well); nothing if there is none. */
void err_append(struct err *e, const char *fmt, ...) _printf_(2, 3);

/* Records that memory ran out. Return: -ENOMEM. */
int err_oom(struct err *e);

#endif
