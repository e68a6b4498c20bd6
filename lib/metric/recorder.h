/* SPDX-License-Identifier: MIT */
/*
 * recorder - append samples to a history (history.h)
 *
 * Each sample is one pwrite(2) at the end of what is whole. One that fails or is cut short (a full
 * disk) is taken back, so the file never holds half a record for longer than a write takes; killed
 * in the middle of it, the next recorder cuts that off. Nothing waits for the disk while it
 * records: the kernel writes the file back on its own, and fdatasync(2) is called at the end only.
 */
#ifndef HEADROOM_RECORDER_H
#define HEADROOM_RECORDER_H

#include "history.h"

struct recorder;

struct recorder_rotation {
    uint64_t size; /* bytes that FILE does not exceed; 0: no rotation */
    unsigned keep; /* FILE.1 to FILE.keep */
};

/**
 * recorder_open() - begin to append
 * @path:   made with mode 0644 if it is absent
 * @header: what is recorded; taken over, unless this fails. Its times are set from the samples.
 *
 * A history that is there already is appended to behind a new header, also if its metrics are
 * others. Half a record at its end is cut off. The file is locked (flock(2)).
 *
 * Return: 0; as ERR_REFUSED -ELOOP for a symbolic link, -EINVAL for what is not a regular file,
 * -EBADMSG for a file that is no history (FILE.1 to FILE.keep too, since the last of them is going
 * to be replaced), -EBUSY if somebody else records to it; -EPROTONOSUPPORT as ERR_UNSUPPORTED for
 * one of a later version; or a negated errno.
 */
int recorder_open(const char *path, const struct recorder_rotation *rotation,
                  struct history_header *header, struct recorder **out, struct err *e);

/**
 * recorder_add() - append a sample
 *
 * FILE is opened anew if it has been deleted, and looked at anew if somebody else changed its
 * length. If it would exceed the rotation's size, FILE becomes FILE.1 and so on, each by
 * rename(2), and the last one is replaced.
 *
 * Return: 0, or a negated errno: then the file is as before, and the next sample may be tried.
 */
int recorder_add(struct recorder *r, const struct history_sample *s, struct err *e);

/* Open FILE anew by its name, because somebody (logrotate) has renamed it. Return: as
 * recorder_open(); then it still appends to the old file. */
int recorder_reopen(struct recorder *r, struct err *e);

/* What is in the file is on the disk. Return: 0 or the negated errno of fdatasync(2). */
int recorder_sync(struct recorder *r, struct err *e);

/* Release it; nothing waits to be written. */
void recorder_free(struct recorder **r);

#endif
