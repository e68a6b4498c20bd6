/* SPDX-License-Identifier: MIT */
/* lock - one at a time: flock(2) on a file below /run/headroom */
#ifndef HEADROOM_LOCK_H
#define HEADROOM_LOCK_H

#include "root.h"

/**
 * lock_take() - take a lock, waiting for whoever has it
 * @path:       "/run/headroom/swap.lock"; the folder is made (0755), the file too (0600, never
 * deleted)
 * @timeout_ms: how long to wait at most; 0: not at all
 * @interrupted: asked while waiting; may be NULL
 * @fd:         set on success; closing it releases the lock. The kernel does so when the process
 * dies.
 *
 * A symbolic link or a file of another owner in its place is refused.
 *
 * Return: 0; -ETIMEDOUT naming the holder's PID where the file tells it (the holder writes it
 * there); -EINTR; or a negated errno.
 */
int lock_take(const struct root *root, const char *path, uint64_t timeout_ms,
              bool (*interrupted)(void *), void *arg, int *fd, struct err *e);

/**
 * lock_take_root() - take the lock on a whole foreign root
 *
 * flock(2) on its directory itself, so that nothing of ours is left in a tree that becomes an
 * image.
 *
 * Return: as lock_take(), but nobody knows the holder's PID.
 */
int lock_take_root(const struct root *root, uint64_t timeout_ms, bool (*interrupted)(void *),
                   void *arg, int *fd, struct err *e);

#endif
