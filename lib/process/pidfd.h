/* SPDX-License-Identifier: MIT */
/*
 * pidfd - a process held by a descriptor, pidfd_open(2)
 *
 * The number of a process may be given to another as soon as it has ended; a descriptor stays with
 * the one. In between lies the moment of opening: so the start time is looked at again behind it.
 */
#ifndef HEADROOM_PIDFD_H
#define HEADROOM_PIDFD_H

#include "err.h"
#include <sys/types.h>

/**
 * pidfd_open_same() - open the process that was seen before
 * @proc:  descriptor of /proc
 * @start: its start time, of struct proc_stat
 * @fd:    set on success; caller closes
 *
 * Return: 0; -ESRCH if it has ended, whoever has its number now; -EOPNOTSUPP on kernels without
 * (before 5.3); or another negated errno. A message for all but -ESRCH.
 */
int pidfd_open_same(int proc, pid_t pid, uint64_t start, int *fd, struct err *e);

/* Send a signal. Return: 0, or a negated errno of pidfd_send_signal(2), without a message. */
int pidfd_signal(int fd, int number);

/* The same with a number, which goes to its handler as si_value, sigaction(2). */
int pidfd_signal_value(int fd, int number, int value);

/* Give back the memory of a process that is being killed, without waiting for it to do so. Return:
 * 0, or a negated errno of process_mrelease(2), Linux 5.15, without a message. */
int pidfd_release_memory(int fd);

/* The inode of the process in pidfs, which names it as long as the machine runs. Return: 0;
 * -EOPNOTSUPP before Linux 6.9; or another negated errno. */
int pidfd_inode(int fd, uint64_t *out, struct err *e);

/* How a process that was reaped has ended, as waitpid(2) tells it. Return: 0; -ENODATA if the
 * kernel does not tell (before 6.15), or not yet. */
int pidfd_status(int fd, int *out);

#endif
