/* SPDX-License-Identifier: MIT */
/* guard_act - the rules of memwatch guard at work: from what was measured to what is done */
#ifndef HEADROOM_MEMWATCH_GUARD_ACT_H
#define HEADROOM_MEMWATCH_GUARD_ACT_H

#include "guard_config.h"
#include "guard_log.h"

struct guard_act {
    struct guard_log *log; /* borrowed */
    bool stopped;          /* a rule has said "stop" */
};

/* A sample has come, or a rule's time. */
void guard_act_feed(struct guard_act *x, struct guard_config_rule *r, uint64_t now);

/* What a rule waits for while an action is under way: as deed_poll(). */
size_t guard_act_poll(const struct guard_config_rule *r, struct pollfd fds[static DEED_FDS],
                      uint64_t *until);

/* Something of that may have come. Return: true when an action has ended. */
bool guard_act_continue(struct guard_act *x, struct guard_config_rule *r, uint64_t now);

#endif
