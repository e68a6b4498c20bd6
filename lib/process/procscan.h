/* SPDX-License-Identifier: MIT */
/*
 * procscan - a walk over the processes of the system
 *
 * One stream of getdents64(2) with a large buffer, names relative to one descriptor of /proc, one
 * read(2) for each file, and no allocation for each process: a walk over thousands of processes
 * costs little more than the kernel's own work.
 *
 * A process may end at any moment: -ENOENT and -ESRCH after its number was handed out are nothing
 * to report.
 */
#ifndef HEADROOM_PROCSCAN_H
#define HEADROOM_PROCSCAN_H

#include "proc.h"
#include "root.h"

/* Room for the text of one file, which grows when it must. */
struct procscan_text {
    char *p; /* owned; NUL-terminated after a read */
    size_t n;
    size_t size;
};

struct procscan {
    int fd;         /* of /proc */
    char *entries;  /* owned */
    size_t at;      /* where the next entry begins */
    size_t end;     /* where the entries end */
    bool saw_first; /* process 1 came by: see procscan_next() */
    struct procscan_text text;
};

#define PROCSCAN_INIT ((struct procscan){.fd = -1})

void procscan_clear(struct procscan *s);
void procscan_text_clear(struct procscan_text *t);

/* Make room for more. Return: 0, -ENOMEM, or -EFBIG above 64 MiB. */
int procscan_text_grow(struct procscan_text *t);

/* Begin a walk. Return: 0; -EOPNOTSUPP if there is no /proc; or another negated errno. */
int procscan_begin(const struct root *root, struct procscan *out, struct err *e);

/* Begin again from the first process. Return: 0, or a negated errno with a message. */
int procscan_rewind(struct procscan *s, struct err *e);

/**
 * procscan_next() - the number of the next process
 *
 * Threads are not handed out. Every PID namespace has a process 1; a walk that did not meet it
 * (.saw_first) shows only a part: /proc is mounted with hidepid, see proc(5).
 *
 * Return: 1, 0 at the end, or the negated errno of getdents64(2).
 */
int procscan_next(struct procscan *s, pid_t *pid, struct err *e);

/**
 * procscan_read() - read a file of a process whole
 * @name: "status"
 * @text: NUL-terminated; belongs to the walk, until the next call
 *
 * Return: the length, or a negated errno as of procscan_read_text().
 */
ssize_t procscan_read(struct procscan *s, pid_t pid, const char *name, const char **text);

/**
 * procscan_read_text() - read a file below a folder whole, into room that grows
 * @dir:  descriptor of /proc
 * @path: "12/cmdline"
 *
 * The kernel hands all it has out in one read if there is room for it, so it is asked again only
 * when the room was full. Writes no message, because callers differ in what they make of a process
 * that is gone.
 *
 * Return: 0, or a negated errno: -ENOENT and -ESRCH gone; -EACCES and -EPERM not to be seen; -EFBIG
 * above 64 MiB; -ENOMEM.
 */
int procscan_read_text(int dir, const char *path, struct procscan_text *t);

#endif
