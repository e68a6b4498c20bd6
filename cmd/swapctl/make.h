/* SPDX-License-Identifier: MIT */
/* make - make it true that a path is a swap file as wanted: "ensure", "create", "resize", "apply"
 */
#ifndef HEADROOM_SWAPCTL_MAKE_H
#define HEADROOM_SWAPCTL_MAKE_H

#include "session.h"
#include "sysctl.h"

struct make_request {
    const char *size;  /* as the user wrote it */
    const char *label; /* NULL: none wanted */
    int priority;      /* -1: none wanted */
    enum declaration_discard discard;
    enum declaration_backing backing; /* AUTO: as it is declared, else what works there */
    bool activate;
    bool resize;     /* an area of another size is made longer or shorter */
    bool must_exist; /* make nothing new */
    bool force;
    enum persist_how persist;
    int64_t swappiness; /* -1: none wanted */
};

/* Everything that the steps of one area work on. */
struct make {
    struct session *session; /* borrowed */
    struct swapfile file;
    struct persist persist;
    struct sysctl swappiness;
    struct sysctl swappiness_file;
    struct plan plan;
    uint64_t size; /* bytes, whole pages */
};

#define MAKE_INIT                                                                                  \
    ((struct make){                                                                                \
        .file = SWAPFILE_INIT,                                                                     \
        .persist = PERSIST_INIT,                                                                   \
        .swappiness = SYSCTL_INIT,                                                                 \
        .swappiness_file = SYSCTL_INIT,                                                            \
        .plan = PLAN_INIT,                                                                         \
    })

void make_clear(struct make *w);

/**
 * make_plan() - the steps that make the file at @path so, into @w->plan
 * @s: its active areas are those of now (session_reread() after something was changed)
 * @w: MAKE_INIT; make_clear() it also after a failure
 *
 * Return: 0 or a negated errno with a message.
 */
int make_plan(struct session *s, const char *path, const struct make_request *request,
              struct make *w, struct err *e);

/* Make the file at the operand so, and answer. Return: the exit status. */
int make_run(struct cmd_context *ctx, const struct make_request *request);

/* What --size takes besides sizes. */
extern const char *const make_size_words[];

/* --discard, --backing and --persist: the words, in the order of their enums. */
extern const char *const make_discard_words[];
extern const char *const make_backing_words[];
extern const char *const make_persist_words[];

/* Tell what is not as good as it should be about a loop device, once the plan is done. */
void make_warn_loop(const struct cmd_context *ctx, const struct swaploop *loop);

#endif
