/* SPDX-License-Identifier: MIT */
/*
 * aside - take a name away, or give it to another file, only if it stands for the file that was meant
 *
 * No system call deletes or replaces "this inode under this name": between a look at the name and
 * unlink(2) or rename(2) another program can exchange the file, which would then be lost. Here the
 * name is first moved to a second one in the same directory in one step, what came along is looked
 * at, and a stranger is moved back. The second name is ".NAME.headroom"; only a process that is
 * killed between two system calls leaves it behind.
 *
 * The functions know the files by device and inode. They return 0 or a negated errno; the messages
 * are the caller's.
 */
#ifndef HEADROOM_ASIDE_H
#define HEADROOM_ASIDE_H

#include "base.h"
#include <limits.h>
#include <sys/stat.h>

/* The second name of @name, which it shares with names that begin with the same 240 bytes. */
void aside_name(const char *name, char aside[static NAME_MAX + 1]);

/* The first name of a second one of at most 240 bytes. Return: false if @aside is no second name. */
bool aside_first_name(const char *aside, char name[static NAME_MAX + 1]);

/**
 * aside_move() - give the file the second name instead of the first
 * @meant: only this one
 *
 * Return: 0; -ESTALE if the name stands for another file, which has kept it; -EUCLEAN if another
 * file was moved and could not be moved back, because its name was taken at once; -EEXIST if the
 * second name is taken; -EOPNOTSUPP if the file system cannot do it; or a negated errno.
 */
int aside_move(int dir_fd, const char *name, const char *aside, const struct stat *meant);

/* Back again, unless somebody has taken the name. Return: 0 or a negated errno. */
int aside_move_back(int dir_fd, const char *name, const char *aside);

/**
 * aside_exchange() - let the two files have each other's name
 * @meant: the file that has to be found at @name
 * @ours:  the one at @aside
 *
 * Return: 0; -ESTALE if another file had the name, which it has again; -EUCLEAN if names are changed
 * so fast that something else than @ours is left at @aside; -EOPNOTSUPP if the file system cannot do
 * it; or a negated errno.
 */
int aside_exchange(int dir_fd, const char *name, const char *aside, const struct stat *meant,
                   const struct stat *ours);

#endif
