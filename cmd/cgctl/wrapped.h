/* SPDX-License-Identifier: MIT */
/*
 * wrapped - run somebody's command as if we were not there: in a group, with signals forwarded and
 * its status handed on
 */
#ifndef HEADROOM_CGCTL_WRAPPED_H
#define HEADROOM_CGCTL_WRAPPED_H

#include "cmd.h"
#include <sys/types.h>

/* Whom it runs as. */
struct wrapped_user {
    bool set;
    uid_t uid;
    gid_t gid;
    char *name, *home; /* owned; NULL: unknown */
};

void wrapped_user_clear(struct wrapped_user *u);

/* Find a user by name or number. Return: 0; -ENOENT (usage); or another negated errno. */
int wrapped_find_user(const char *name, struct wrapped_user *out, struct err *e);

/* Where it is to run. */
struct wrapped_place {
    int group;        /* directory of the group, where it starts */
    const char *path; /* of the group */
    /* In place of both, if it is not NULL: puts a child that waits for it where it belongs. Return:
     * 0 or a negated errno. */
    int (*enter)(void *arg, pid_t child, struct err *e);
    void *arg;
};

/**
 * wrapped_run() - start it, and wait for its end
 * @argv:  the command; NULL-terminated
 * @status: as a shell would say it: 126 cannot be run, 127 not found, 128 + signal
 *
 * What the terminal sends goes to both of us by itself and is not forwarded. When the command is
 * stopped, so are we. Afterwards those signals stay blocked: one that comes late, or twice, must
 * not keep us from tidying up.
 *
 * Return: 0 or a negated errno: it was not started.
 */
int wrapped_run(const struct cmd_context *ctx, const struct wrapped_place *place,
                const struct wrapped_user *user, const char *const *argv, int *status,
                struct err *e);

#endif
