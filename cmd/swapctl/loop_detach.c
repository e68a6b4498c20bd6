/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "swapctl.h"
#include "target.h"

static int refuse_device(const struct target *t, const char *operand, struct err *e)
{
    return S_ISREG(t->st.st_mode)
               ? 0
               : err_refuse(e, -EINVAL,
                            "%s: is a block device; name the file behind it, see \"swapctl loop "
                            "list\"",
                            operand);
}

/* Whatever is active on one of the devices, by any name. */
static int refuse_active(const struct session *s, const struct target *t, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    int r = loop_list_read(&s->ctx->root, &t->st, &list, e);

    for (size_t i = 0; i < list.n && r == 0; i++) {
        const struct stat device = {.st_mode = S_IFBLK, .st_rdev = list.loops[i].rdev};
        const struct swaps_area *area = swaps_find(&s->ctx->root, &s->swaps, &device);

        if (area)
            r = err_refuse(e, -EBUSY, "%s: is active swap on %s; deactivate it first (swapctl off)",
                           t->path, area->path);
    }
    return r;
}

static int one(struct session *s, const char *operand, const void *values _unused_,
               struct plan *plan, struct err *e)
{
    _cleanup_(target_clear) struct target t = TARGET_INIT;
    struct swaparea area;
    int r;

    r = target_open(s, operand, &t, e);
    if (r == -ENOENT) {
        err_clear(e); /* what is not there has no loop device */
        return 0;
    }
    if (r == 0)
        r = refuse_device(&t, operand, e);
    if (r == 0)
        r = refuse_active(s, &t, e);
    if (r < 0)
        return r;
    target_area(&t, &s->ctx->root, &area);
    r = swaploop_plan_detach(&t.loop, true, plan, e);
    return r < 0 ? r : cmd_plan_run(s->ctx, plan, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    return each_run(ctx, true, values, one);
}

const struct cmd swapctl_loop_detach = {
    .name = "loop detach",
    .summary = "take the loop devices of files away",
    .operands = "PATH...",
    .about = "Makes it true that no loop device is over the files, and over exactly these, "
             "whatever their names are. Refuses one that holds active swap.",
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
