/* SPDX-License-Identifier: MIT */
/*
 * session - what every swapctl subcommand that changes something needs first, and how it answers
 *
 * One lock for all of them (/run/headroom/swap.lock; a foreign root itself), the privilege, signals
 * held back so that steps are undone, and the active areas as they are once the lock is ours.
 */
#ifndef HEADROOM_SWAPCTL_SESSION_H
#define HEADROOM_SWAPCTL_SESSION_H

#include "cmd.h"
#include "persist.h"
#include "swapfile.h"
#include "swaps.h"

struct session {
    struct cmd_context *ctx; /* borrowed */
    int lock_fd;
    struct swaps swaps;
    struct swapwatch watch; /* shows how far a deactivation is, if anybody sees it */
};

#define SESSION_INIT ((struct session){.lock_fd = -1})

/**
 * session_begin() - take the lock, check the privilege, read the active areas
 * @kernel: the subcommand talks to the running kernel: it needs CAP_SYS_ADMIN, and with a foreign
 * root it can only be tried out (--dry-run)
 *
 * A dry run takes no lock, because it writes nothing, not even a lock file.
 *
 * Return: 0 or a negated errno with a message.
 */
int session_begin(struct cmd_context *ctx, bool kernel, struct session *out, struct err *e);
void session_end(struct session *s);

/* The active areas anew, after something was changed. */
int session_reread(struct session *s, struct err *e);

/* The active areas without a lock; a foreign root without /proc/swaps has none. */
int session_read_swaps(const struct root *root, struct swaps *out, struct err *e);

/* For declarations: what is known of the file. The result borrows from @f. */
struct declaration_target session_target(const struct swapfile *f);

/* Where a file or device is declared, as far as that can be told. @h: its header. */
enum persist_how session_declared(const struct session *s, const char *path, const struct stat *st,
                                  const struct swapheader *h);

/* What a subcommand says when it is done. */
struct session_answer {
    const char *path;
    const char *device; /* what the kernel swaps to; NULL: nothing */
    uint64_t size;      /* bytes, header page included; 0: unknown */
    bool active;
    int priority; /* when active */
    const struct plan *plan;
    enum persist_how persisted;
};

/* Print "changed" or "unchanged", or the JSON object. Return: CMD_OK. */
int session_answer(const struct cmd_context *ctx, const struct session_answer *a);

/* Warn about a swap file that others may read. */
void session_warn_access(const struct cmd_context *ctx, const char *path, const struct stat *st);

#endif
