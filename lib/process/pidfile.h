/* SPDX-License-Identifier: MIT */
/* pidfile - the number of a process that stands in a file */
#ifndef HEADROOM_PIDFILE_H
#define HEADROOM_PIDFILE_H

#include "askers.h"
#include "root.h"

struct pidfile {
    pid_t pid;
    bool locked;            /* flock(2) or fcntl(2), as daemons do while they run */
    struct timespec mtime;  /* when it was written */
    bool outlives_no_start; /* it is in memory: what is older than the machine is not, but its clock
                               has been set since */
};

/**
 * pidfile_read() - read the number in its first line
 * @path: as somebody typed it, see root_open_named()
 * @out:  set on success
 *
 * Return: 0; 1: there is no such file; -EINVAL as ERR_USAGE if it holds no number; or another
 * negated errno with a message.
 */
int pidfile_read(const struct root *root, const char *path, struct pidfile *out, struct err *e);

/**
 * pidfile_read_within() - the same for who asks again and again, and waits for no dead server
 * @ms: how long to wait for what lies on no disk of this machine, nor in its memory, and is read by
 *      a child; while one hangs there it is not waited for at all
 *
 * Return: the same; or -ETIMEDOUT with a message.
 */
int pidfile_read_within(struct askers *askers, const struct root *root, const char *path,
                        uint64_t ms, struct pidfile *out, struct err *e);

/* Has the process of that number started after the file was written? Then it is another one than
 * was meant. Some seconds are no proof, for clocks are set, and none is if nobody has the number.
 */
bool pidfile_is_older(const struct pidfile *file, const struct root *root);

#endif
