/* SPDX-License-Identifier: MIT */
/* deed_kind - what a deed is made of, for those who do them: deed*.c alone */
#ifndef HEADROOM_MEMWATCH_DEED_KIND_H
#define HEADROOM_MEMWATCH_DEED_KIND_H

#include "deed.h"
#include "deed_child.h"
#include "deed_hold.h"
#include "deed_target.h"

enum { DEED_KIND_TEXT = 512 };

/* How one verb is done. */
struct deed_kind {
    const char *name; /* that of the verb */
    /* Look at the words, and reserve. Return: as deed_plan_new(). NULL: nothing to be looked at. */
    int (*prepare)(struct deed_plan *plan, struct err *e);
    /* deed_plan_rehearse(); NULL: nothing. */
    void (*rehearse)(struct deed_plan *plan);
    /* Sets .state. */
    void (*start)(struct deed *d, const struct deed_cause *cause, uint64_t now);
    /* While it is under way; NULL: it never is. */
    size_t (*poll)(const struct deed *d, struct pollfd fds[static DEED_FDS], uint64_t *until);
    void (*go_on)(struct deed *d, uint64_t now);
    /* Give back what it holds; NULL: nothing. */
    void (*stop)(struct deed *d);
};

enum deed_kind_stage {
    DEED_KIND_WAITS, /* for the end of one that was killed before */
    DEED_KIND_ASKED, /* SIGTERM was sent */
    DEED_KIND_KILLED /* SIGKILL was */
};

struct deed {
    struct deed_plan *plan;
    bool taken;
    enum deed_state state;
    char text[DEED_KIND_TEXT];
    struct deed_child child;
    /* of a kill */
    enum deed_kind_stage stage;
    struct victim_facts victim;
    struct deed_hold hold; /* of it */
    bool waited;           /* for one that somebody else had killed; once is enough */
    uint64_t began, until;
    bool (*holds)(void *arg);
    void *arg;
};

struct deed_plan {
    const struct deed_kind *kind;
    const struct rule_action *action;
    const struct deed_policy *policy;
    struct deed_target target; /* of a signal or a kill */
    char *output;              /* owned; of a child */
    char *tool;                /* owned; path of a program of ours */
    struct deed deed;
};

/* Add to the text of a deed; what does not fit is cut. */
void deed_say(struct deed *d, const char *fmt, ...) _printf_(2, 3);

/* How long it may take. */
uint64_t deed_timeout(const struct deed_plan *plan, uint64_t otherwise);

#endif
