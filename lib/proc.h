/* SPDX-License-Identifier: MIT */
/*
 * proc - the processes of the system: a walk over /proc, and what /proc/PID/status says, proc(5)
 *
 * One stream of getdents64(2) with a large buffer, names relative to one descriptor of /proc, one
 * read(2) for each file, and no allocation for each process: a walk over thousands of processes
 * costs little more than the kernel's own work.
 *
 * A process may end at any moment: -ENOENT and -ESRCH after its number was handed out are nothing
 * to report.
 */
#ifndef HEADROOM_PROC_H
#define HEADROOM_PROC_H

#include "root.h"
#include <sys/types.h>

struct proc_walk {
    int fd;         /* of /proc */
    char *buf;      /* owned; directory entries, and behind them room for the text of one file */
    size_t at;      /* where the next entry begins */
    size_t end;     /* where the entries end */
    bool saw_first; /* process 1 came by: see proc_walk_next() */
};

#define PROC_WALK_INIT ((struct proc_walk){.fd = -1})

void proc_walk_clear(struct proc_walk *w);

/* Begin a walk. Return: 0; -EOPNOTSUPP if there is no /proc; or another negated errno. */
int proc_walk_begin(const struct root *root, struct proc_walk *out, struct err *e);

/**
 * proc_walk_next() - the number of the next process
 *
 * Threads are not handed out. Every PID namespace has a process 1; a walk that did not meet it
 * (.saw_first) shows only a part: /proc is mounted with hidepid, see proc(5).
 *
 * Return: 1, 0 at the end, or the negated errno of getdents64(2).
 */
int proc_walk_next(struct proc_walk *w, pid_t *pid, struct err *e);

/**
 * proc_walk_read() - read a file of a process whole
 * @name: "status"
 * @text: NUL-terminated; belongs to the walk, until the next call
 *
 * For files that the kernel makes as one record: it hands those out in one read, however long.
 * Writes no message, because callers differ in what they make of a process that is gone.
 *
 * Return: the length, or a negated errno: -ENOENT and -ESRCH gone; -EACCES and -EPERM not to be
 * seen; -EFBIG above 64 KiB.
 */
ssize_t proc_walk_read(struct proc_walk *w, pid_t pid, const char *name, const char **text);

/* A kernel thread's name may be longer than the 15 bytes of a process. */
enum { PROC_NAME_MAX = 64 };

/* What is asked of /proc/PID/status. */
struct proc_status {
    char name[PROC_NAME_MAX]; /* the kernel's escapes undone; cut if longer */
    uid_t uid;                /* effective: whose rights it has */
    bool has_swap;            /* false: no memory of its own, a kernel thread or a zombie */
    uint64_t swap;            /* bytes of anonymous memory that are swapped out (VmSwap) */
};

/**
 * proc_status_parse() - read the text of /proc/PID/status; pure
 *
 * Return: 0; -ENODATA without Name or Uid; -EBADMSG or -EOVERFLOW if a value is not a number.
 */
int proc_status_parse(const char *text, struct proc_status *out);

#endif
