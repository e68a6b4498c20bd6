/* SPDX-License-Identifier: MIT */
#include "filesystem.h"
#include "make.h"
#include "swapctl.h"
#include "target.h"

static int check(const struct target *t, const char *operand, struct err *e)
{
    struct filesystem fs;
    int r;

    if (!S_ISREG(t->st.st_mode))
        return err_refuse(e, -EINVAL, "%s: is a block device already; name a file", operand);
    if (t->active && !t->on_loop)
        return err_refuse(e, -EBUSY,
                          "%s: is active swap without a loop device; deactivate it first (swapctl "
                          "off), or use \"swapctl ensure --backing loop\"",
                          t->path);
    r = filesystem_of(t->fd, t->path, &fs, e);
    if (r == 0)
        r = filesystem_check_loop(&fs, t->path, e);
    return r < 0 ? r : swaploop_check(t->fd, t->path, e);
}

/* A device that is there already, whoever attached it. Return: 0, 1 if there is none, or an error.
 */
static int find(const struct session *s, const struct target *t, unsigned *number, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    int r = loop_list_read(&s->ctx->root, &t->st, &list, e);

    for (size_t i = 0; i < list.n; i++)
        if (list.loops[i].offset == 0 && !list.loops[i].read_only) {
            *number = list.loops[i].number;
            return 0;
        }
    return r < 0 ? r : 1;
}

/* @device: NULL while nobody knows, in a dry run */
static int answer(const struct cmd_context *ctx, const struct target *t, const struct plan *p,
                  const char *device)
{
    struct json j = JSON_INIT(stdout);

    if (!ctx->common.json) {
        puts(device ? device : "changed");
        return CMD_OK;
    }
    json_object(&j, NULL);
    json_string(&j, "path", t->path);
    json_string(&j, "device", device);
    json_bool(&j, "changed", p->n > 0);
    cmd_json_actions(&j, p);
    json_object_end(&j);
    return CMD_OK;
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    _cleanup_(target_clear) struct target t = TARGET_INIT;
    _cleanup_(plan_clear) struct plan p = PLAN_INIT;
    char device[LOOP_PATH_MAX];
    struct swaparea area;
    unsigned number = 0;
    int r;

    r = session_begin(ctx, true, &s, &e);
    if (r == 0)
        r = target_open(&s, ctx->operands[0], &t, &e);
    if (r == 0)
        r = check(&t, ctx->operands[0], &e);
    if (r == 0)
        r = find(&s, &t, &number, &e);
    if (r == 1) {
        target_area(&t, &ctx->root, &area);
        t.loop.stay = true;
        r = swaploop_plan_attach(&t.loop, &p, &e);
    }
    if (r == 0)
        r = cmd_plan_run(ctx, &p, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (p.n > 0)
        number = t.loop.number;
    make_warn_loop(ctx, &t.loop);
    return answer(ctx, &t, &p, p.n > 0 && ctx->common.dry_run ? NULL : loop_path(number, device));
}

const struct cmd swapctl_loop_attach = {
    .name = "loop attach",
    .summary = "give a file a loop device",
    .operands = "PATH",
    .about = "Makes it true that there is a loop device over the file, with direct I/O, and prints "
             "its name. It stays until \"swapctl loop detach\" or the next boot.",
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = 1,
    .run = run,
};
