/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "swapctl.h"

struct args {
    bool force;
};

static const struct opt opts[] = {
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "even if what is swapped out may not fit into RAM and the other areas"},
    OPT_END,
};

struct work {
    struct swapfile file;
    struct persist persist;
};

static void work_clear(struct work *w)
{
    persist_clear(&w->persist);
    swapfile_clear(&w->file);
}

/* The folder is gone with its disk: what can be left of the area is its declaration. */
static int plan_lost(struct session *s, const char *path, struct work *w, struct plan *plan,
                     struct err *e)
{
    struct declaration_target target = {.path = path};

    return persist_plan_undeclare(&s->ctx->root, &target, &w->persist, plan, e);
}

static int plan_removal(struct session *s, bool force, struct work *w, struct plan *plan,
                        struct err *e)
{
    struct declaration_target target = session_target(&w->file);
    struct plan probe = PLAN_INIT;
    int r;

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

static int one(struct session *s, const char *operand, const void *values, struct plan *plan,
               struct err *e)
{
    const struct args *args = values;
    _cleanup_(work_clear) struct work w = {.file = SWAPFILE_INIT, .persist = PERSIST_INIT};
    int r;

    r = swapfile_inspect(&s->ctx->root, operand, &s->swaps, &w.file, e);
    if (r == -ENOENT && *operand == '/') {
        err_clear(e);
        r = plan_lost(s, operand, &w, plan, e);
    } else if (r == 0) {
        r = plan_removal(s, args->force, &w, plan, e);
    }
    if (r >= 0)
        r = cmd_plan_run(s->ctx, plan, e);
    if (r >= 0 && w.persist.how == PERSIST_UNIT)
        cmd_warn(s->ctx, "%s: a systemd unit that headroom did not write still declares it",
                 operand);
    return r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    return each_run(ctx, ctx->root.live, values, one);
}

const struct cmd swapctl_remove = {
    .name = "remove",
    .summary = "deactivate swap files, undeclare and delete them",
    .operands = "PATH...",
    .about = "Takes back what \"swapctl ensure\" made: deactivates the file, takes it out of fstab "
             "and the systemd units, and deletes it. "
             "Refuses what is not a swap file.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
