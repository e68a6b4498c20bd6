/* SPDX-License-Identifier: MIT */
/* freezing - what "freeze" and "thaw" have in common */
#ifndef HEADROOM_CGCTL_FREEZING_H
#define HEADROOM_CGCTL_FREEZING_H

#include "cmd.h"

struct freezing_args {
    bool wait;
    uint64_t timeout_ms;
};

extern const struct opt freezing_opts[];

/* Do it, and answer. Return: the exit status. */
int freezing_run(struct cmd_context *ctx, const struct freezing_args *args, bool freeze);

#endif
