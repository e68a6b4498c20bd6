/* SPDX-License-Identifier: MIT */
#include "blockdev.h"
#include "filesystem.h"
#include "make.h"
#include "swapctl.h"
#include "target.h"

struct args {
    int64_t priority;
    int discard;
};

static const struct args defaults = {.priority = -1, .discard = DECLARATION_DISCARD_UNSET};

static const struct opt opts[] = {
    {'p', "priority", OPT_NUMBER, offsetof(struct args, priority), "N",
     "priority, 0 to 32767; higher is used first", .min = 0, .max = SWAPAREA_PRIORITY_MAX},
    {'\0', "discard", OPT_CHOICE, offsetof(struct args, discard), "HOW",
     "tell the disk about freed blocks", .choices = make_discard_words},
    OPT_END,
};

/* Before swapon(2), which opens the file for writing: overlay would copy the whole of it up, only
 * to refuse it then. */
static int check_filesystem(const struct target *t, struct err *e)
{
    struct filesystem fs;
    int r = filesystem_of(t->fd, t->path, &fs, e);

    return r < 0 ? r : filesystem_check_swap(&fs, t->path, e);
}

static int check_device(const struct root *root, const struct target *t, struct err *e)
{
    _cleanup_(close_fd) int claimed = blockdev_claim(root, t->fd, t->path, e);

    return claimed < 0 ? claimed : blockdev_check_writable(claimed, t->path, e);
}

static int check(const struct session *s, const struct target *t, struct err *e)
{
    int r;

    if (t->active)
        return 0;
    r = S_ISREG(t->st.st_mode) ? check_filesystem(t, e) : check_device(&s->ctx->root, t, e);
    return r < 0 ? r : swaparea_check_header(t->fd, t->path, &t->st, e);
}

/* An active area whose priority is another one has to go off and on again. */
static int plan(struct session *s, const struct args *args, const struct target *t,
                struct swaparea *area, struct plan *p, struct err *e)
{
    bool again = t->active && args->priority >= 0 && t->active->priority != args->priority;
    int r = 0;

    *area = (struct swaparea){
        .fd = t->fd,
        .path = t->path,
        .priority = (int)args->priority,
        .discard = (enum declaration_discard)args->discard,
        .watch = &s->watch,
    };
    if (t->active && !again)
        return 0;
    if (again)
        r = swaparea_plan_off(area, &s->ctx->root, &s->swaps, t->active, false, p, e);
    return r < 0 ? r : swaparea_plan_on(area, p, e);
}

static int answer(struct session *s, const struct target *t, const struct args *args,
                  const struct plan *p)
{
    struct session_answer a = {
        .path = t->path, .device = t->path, .plan = p, .priority = (int)args->priority};
    const struct swaps_area *area = t->active;
    struct swapheader h;

    if (!s->ctx->common.dry_run && session_reread(s, NULL) == 0)
        area = swaparea_find(&s->ctx->root, &s->swaps, t->fd, &t->st);
    if (area)
        a.priority = area->priority;
    a.active = area || (s->ctx->common.dry_run && args->priority >= 0);
    if (swapheader_read(t->fd, &h) == 0 && h.kind == SWAPHEADER_VALID) {
        a.size = h.pages * h.page_size;
        a.persisted = session_declared(s, t->path, &t->st, &h);
    }
    return session_answer(s->ctx, &a);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    _cleanup_(target_clear) struct target t = TARGET_INIT;
    _cleanup_(plan_clear) struct plan p = PLAN_INIT;
    struct swaparea area;
    int r;

    r = session_begin(ctx, true, &s, &e);
    if (r == 0)
        r = target_open(&s, ctx->operands[0], &t, &e);
    if (r == 0)
        r = check(&s, &t, &e);
    if (r == 0)
        r = plan(&s, values, &t, &area, &p, &e);
    if (r == 0)
        r = cmd_plan_run(ctx, &p, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    session_warn_access(ctx, t.path, &t.st);
    return answer(&s, &t, values, &p);
}

const struct cmd swapctl_on = {
    .name = "on",
    .summary = "activate a swap area that exists",
    .operands = "PATH|UUID=UUID|LABEL=LABEL",
    .about = "Activates a swap file or a block device that has a swap header. One that is active "
             "already is left alone, unless its "
             "priority should be another.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
