/* SPDX-License-Identifier: MIT */
/*
 * guard_writer - append lines to a file, and never wait for its disk
 *
 * Who writes to a file waits: for a disk that hangs, and, when memory is over, until the kernel has
 * written back enough of what others wrote. So another process writes, in the order in which it was
 * told to, and says of each line what became of it.
 */
#ifndef HEADROOM_MEMWATCH_GUARD_WRITER_H
#define HEADROOM_MEMWATCH_GUARD_WRITER_H

#include "bounded.h"

struct guard_writer {
    struct bounded child;
    int to;    /* it reads from there; -1: not begun */
    bool well; /* the last that it tells of was written */
    bool torn; /* the last line has no end */
};

#define GUARD_WRITER_INIT ((struct guard_writer){.child = BOUNDED_INIT, .to = -1})

/**
 * guard_writer_start() - begin it
 * @fd:   of the file, borrowed; ours can be closed then, which may wait for the disk as well
 * @path: opened there when @fd is -1, as by message_log_open()
 *
 * Return: 0 or a negated errno with a message.
 */
int guard_writer_start(struct guard_writer *w, int fd, const char *path, struct err *e);

/* @line: with its end. Return: 0; -EAGAIN: as much as it may keep waits already; -EPIPE: it has
 * ended. */
int guard_writer_put(struct guard_writer *w, const char *line);

/* How many lines it could not write, of those that it has told of since this was asked last. */
uint64_t guard_writer_lost(struct guard_writer *w);

/* Wait for so long at most until it has written all, and forget it: it goes on by itself, and is
 * @left then, which may be NULL. */
void guard_writer_end(struct guard_writer *w, uint64_t timeout_ms, struct bounded_left *left);

#endif
