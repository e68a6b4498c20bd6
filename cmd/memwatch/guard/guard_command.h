/* SPDX-License-Identifier: MIT */
/*
 * guard_command - "memwatch guard ... -- CMD": the command that is run while the guard watches
 *
 * It has our terminal, our process group and our standard files, so that it does not notice us;
 * with limits "cgctl run" runs it, which knows groups, and systemd beside them. Memory before and
 * after is told on stderr, the graphics processors' too where there are any.
 */
#ifndef HEADROOM_MEMWATCH_GUARD_COMMAND_H
#define HEADROOM_MEMWATCH_GUARD_COMMAND_H

#include "deed_child.h"
#include "root.h"
#include <poll.h>
#include <signal.h>

struct guard_command_want {
    const char *const *words;          /* NULL-terminated */
    const char *memory_max, *swap_max; /* NULL: no limit */
    const char *workload;              /* for "swapctl recommend"; NULL: its usual one */
    struct deed_child_rank rank;       /* as of struct deed_policy */
    const sigset_t *mask;              /* that the command gets; NULL: ours */
};

struct guard_command {
    const struct root *root; /* borrowed */
    pid_t pid;               /* 0: none runs */
    int fd;                  /* pidfd; -1: none, or this kernel has none */
    bool grouped;            /* cgctl runs it */
    uint64_t kill_at;        /* guard_command_end(): when SIGTERM was not enough */
    int status;              /* when it has ended: to exit with; 128 + the signal that killed it */
};

#define GUARD_COMMAND_INIT ((struct guard_command){.fd = -1, .kill_at = UINT64_MAX})

/* Tell of the memory, warn when there is less swap than "swapctl recommend" says, and run it. What
 * cannot be run ends with 126 or 127, as in a shell. Return: 0; -ENOENT as ERR_UNSUPPORTED without
 * cgctl, where limits need it; or another negated errno with a message. */
int guard_command_start(struct guard_command *c, const struct root *root,
                        const struct guard_command_want *want, struct err *e);

/* As deed_poll(): 0 or 1 descriptors. */
size_t guard_command_poll(const struct guard_command *c, struct pollfd *fd, uint64_t *until);

/* Something of that may have come. Return: true when it has ended; the memory was told. */
bool guard_command_continue(struct guard_command *c, uint64_t now);

/* Hand a signal on that was sent to us. What the terminal sends (si_code SI_KERNEL) the command
 * gets by itself. */
void guard_command_signal(const struct guard_command *c, int number);

/* It is to end: SIGTERM, and SIGKILL ten seconds later. Limited commands do not get that one: it
 * would reach cgctl and not them. */
void guard_command_end(struct guard_command *c, uint64_t now);

#endif
