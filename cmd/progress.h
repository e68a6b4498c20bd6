/* SPDX-License-Identifier: MIT */
/* progress - how far a long step is: a bar on stderr, with rate and time left */
#ifndef HEADROOM_PROGRESS_H
#define HEADROOM_PROGRESS_H

#include "cmd.h"

/* Does anybody see it? On a terminal, unless --progress says otherwise. */
bool progress_wanted(const struct cmd_context *ctx);

/**
 * progress_show() - draw the bar anew, at most ten times a second
 * @what: what is worked on, a path
 * @done, @total: bytes; how far the same @what came. At the end the bar is wiped.
 *
 * Where stderr is no terminal (--progress always) it is a line of its own, at most once a second.
 * To be called by one thread at a time.
 */
void progress_show(const struct cmd_context *ctx, const char *what, uint64_t done, uint64_t total);

/* Wipe the bar if one stands there. */
void progress_end(void);

#endif
