/* SPDX-License-Identifier: MIT */
#include "removal.h"

void removal_clear(struct removal *w)
{
    persist_clear(&w->persist);
    swapfile_clear(&w->file);
    *w = REMOVAL_INIT;
}

int removal_plan_lost(struct session *s, const char *path, struct removal *w, struct plan *plan,
                      struct err *e)
{
    struct declaration_target target = {.path = path};

    return persist_plan_undeclare(&s->ctx->root, &target, &w->persist, plan, e);
}

int removal_plan(struct session *s, bool force, struct removal *w, struct plan *plan, struct err *e)
{
    struct declaration_target target = session_target(&w->file);
    struct plan probe = PLAN_INIT;
    int r;

    w->file.watch = &s->watch;
    /* first of all: is it ours to delete? */
    r = swapfile_plan_unlink(&w->file, &probe, e);
    plan_clear(&probe);
    if (r >= 0)
        r = s->ctx->root.live || s->ctx->common.dry_run
                ? swapfile_plan_off(&w->file, force, plan, e)
                : 0;
    if (r >= 0)
        r = persist_plan_undeclare(&s->ctx->root, &target, &w->persist, plan, e);
    if (r >= 0)
        r = swapfile_plan_unlink(&w->file, plan, e);
    return r;
}
