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

/* Everything that the steps work on. */
struct work {
    struct target target;
    struct swapheader header;
    char uuid[SWAPHEADER_UUID_TEXT];
    struct declaration_target declared;
    struct persist persist;
    struct guard_step guard;
    struct swaparea area;
    struct plan plan;
};

static void work_clear(struct work *w)
{
    plan_clear(&w->plan);
    persist_clear(&w->persist);
    target_clear(&w->target);
}

/* What it is as declarations know it. Return: what the kernel shall swap to, if they say so. */
static enum declaration_backing look(const struct session *s, struct work *w)
{
    enum declaration_backing backing = DECLARATION_BACKING_AUTO;
    const struct target *t = &w->target;

    if (swapheader_read(t->fd >= 0 ? t->fd : t->loop.device, &w->header) < 0)
        w->header.kind = SWAPHEADER_NONE;
    w->declared = (struct declaration_target){
        .path = t->path,
        .uuid = swapheader_uuid_text(w->header.uuid, w->uuid),
        .label = *w->header.label ? w->header.label : NULL,
    };
    if (w->header.kind != SWAPHEADER_VALID)
        w->declared.uuid = w->declared.label = NULL;
    declaration_target_exists(&w->declared, &t->st);
    (void)persist_backing(&s->ctx->root, &w->declared, &w->persist, &backing, NULL);
    return backing;
}

static int check_device(const struct root *root, const struct target *t, struct err *e)
{
    _cleanup_(close_fd) int claimed = blockdev_claim(root, t->fd, t->path, e);

    return claimed < 0 ? claimed : blockdev_check_writable(claimed, t->path, e);
}

/* Before the file is attached; swapon(2) explains the rest for a plain file. */
static int check_loop(const struct work *w, struct err *e)
{
    const struct target *t = &w->target;
    int r = swaploop_check_discard(t->path, w->area.discard, e);

    if (r == 0 && w->header.kind != SWAPHEADER_VALID)
        r = err_set(e, -EINVAL,
                    "%s: has no swap header that this kernel takes; make one with \"swapctl "
                    "create\"",
                    t->path);
    return r < 0 ? r : swaploop_check(t->fd, t->path, e);
}

static int plan_inactive(const struct session *s, struct work *w, enum declaration_backing declared,
                         struct err *e)
{
    struct target *t = &w->target;
    struct filesystem fs;
    bool loop;
    int r;

    r = S_ISREG(t->st.st_mode) ? filesystem_of(t->fd, t->path, &fs, e)
                               : check_device(&s->ctx->root, t, e);
    if (r == 0)
        r = swaparea_check_header(t->fd, t->path, &t->st, e);
    if (r < 0)
        return r;
    if (!S_ISREG(t->st.st_mode))
        return swaparea_plan_on(&w->area, &w->plan, e);
    loop = declared == DECLARATION_BACKING_LOOP || fs.swap == FILESYSTEM_SWAP_LOOP;
    /* before swapon(2), which opens the file for writing: overlay would copy the whole of it up */
    r = loop ? filesystem_check_loop(&fs, t->path, e) : filesystem_check_swap(&fs, t->path, e);
    if (r == 0 && loop)
        r = check_loop(w, e);
    if (r == 0 && loop)
        return swaploop_plan_on(&t->loop, &w->area, &w->plan, e);
    if (r == 0)
        r = guard_plan_off(&w->guard, &t->fd, t->path, &w->plan, e);
    return r < 0 ? r : swaparea_plan_on(&w->area, &w->plan, e);
}

/* An active area whose priority is another one has to go off and on again. */
static int plan(struct session *s, const struct args *args, struct work *w, struct err *e)
{
    struct target *t = &w->target;
    bool again = t->active && args->priority >= 0 && t->active->priority != args->priority;
    enum declaration_backing declared = look(s, w);
    int r;

    target_area(t, &s->ctx->root, &w->area);
    w->area.priority = (int)args->priority;
    w->area.discard = (enum declaration_discard)args->discard;
    if (!t->active)
        return plan_inactive(s, w, declared, e);
    if (!again)
        return 0;
    if (t->on_loop) /* the device is held, so it does not go in between */
        w->area = (struct swaparea){
            .fd = t->loop.device, .path = t->path, .priority = (int)args->priority};
    w->area.watch = &s->watch;
    r = swaparea_plan_off(&w->area, &s->ctx->root, &s->swaps, t->active, false, &w->plan, e);
    return r < 0 ? r : swaparea_plan_on(&w->area, &w->plan, e);
}

static int answer(struct session *s, const struct work *w, const struct args *args)
{
    const struct target *t = &w->target;
    struct session_answer a = {
        .path = t->path,
        .device = t->path,
        .plan = &w->plan,
        .priority = (int)args->priority,
        .persisted = w->persist.how,
    };
    const struct swaps_area *area = t->active;

    if (!s->ctx->common.dry_run && session_reread(s, NULL) == 0)
        area = swaparea_find(&s->ctx->root, &s->swaps, t->fd, &t->st);
    if (area) {
        a.priority = area->priority;
        a.device = area->path;
    }
    a.active = area || (s->ctx->common.dry_run && args->priority >= 0);
    if (w->header.kind == SWAPHEADER_VALID)
        a.size = w->header.pages * w->header.page_size;
    return session_answer(s->ctx, &a);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    _cleanup_(work_clear) struct work w = {
        .target = TARGET_INIT, .persist = PERSIST_INIT, .plan = PLAN_INIT};
    int r;

    r = session_begin(ctx, true, &s, &e);
    if (r == 0)
        r = target_open(&s, ctx->operands[0], &w.target, &e);
    if (r == 0)
        r = plan(&s, values, &w, &e);
    if (r == 0)
        r = cmd_plan_run(ctx, &w.plan, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    make_warn_loop(ctx, &w.target.loop);
    session_warn_access(ctx, w.target.path, &w.target.st);
    return answer(&s, &w, values);
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
