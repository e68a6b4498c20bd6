/* SPDX-License-Identifier: MIT */
#include "swapctl.h"

#include <inttypes.h>

#include "session.h"
#include "size.h"
#include "sysctl.h"

#define NAME "vm.swappiness"

struct args {
    bool persist;
};

static const struct opt opts[] = {
    {0, "persist", OPT_FLAG, offsetof(struct args, persist), NULL,
     "keep it for the next boot: write " SYSCTL_FILE},
    OPT_END,
};

static int show(struct cmd_context *ctx)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct json j = JSON_INIT(stdout);
    int64_t value;
    int r;

    r = sysctl_read(&ctx->root, NAME, &value, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (ctx->common.json) {
        json_object(&j, NULL);
        json_number(&j, "swappiness", value);
        json_object_end(&j);
    } else {
        printf("%" PRId64 "\n", value);
    }
    return CMD_OK;
}

static void answer(const struct cmd_context *ctx, int64_t value, const struct plan *plan)
{
    struct json j = JSON_INIT(stdout);

    if (!ctx->common.json) {
        puts(plan->n > 0 ? "changed" : "unchanged");
        return;
    }
    json_object(&j, NULL);
    json_number(&j, "swappiness", value);
    json_bool(&j, "changed", plan->n > 0);
    cmd_json_actions(&j, plan);
    json_object_end(&j);
}

static void warn_if_overridden(const struct cmd_context *ctx)
{
    _cleanup_(free_ptr) char *by = NULL;

    if (sysctl_overridden(&ctx->root, NAME, &by, NULL) > 0)
        cmd_warn(ctx, "%s: sets %s too and is read after %s; take it out there", by, NAME,
                 SYSCTL_FILE);
}

static int plan_both(const struct root *root, int64_t value, bool persist, struct sysctl *now,
                     struct sysctl *next, struct plan *plan, struct err *e)
{
    int r;

    r = sysctl_plan_set(root, NAME, value, now, plan, e);
    if (r == -EOPNOTSUPP && persist && !root->live) {
        err_clear(e); /* the tree of a system that does not run has only a next boot */
        r = 0;
    }
    if (r >= 0 && persist)
        r = sysctl_plan_persist(root, NAME, value, next, plan, e);
    return r;
}

static int set(struct cmd_context *ctx, int64_t value, bool persist, struct plan *plan,
               struct err *e)
{
    _cleanup_(session_end) struct session session = SESSION_INIT;
    _cleanup_(sysctl_clear) struct sysctl now = SYSCTL_INIT, next = SYSCTL_INIT;
    int r;

    r = session_begin(ctx, false, &session, e);
    if (r >= 0)
        r = plan_both(&ctx->root, value, persist, &now, &next, plan, e);
    if (r >= 0)
        r = cmd_plan_run(ctx, plan, e);
    return r;
}

static int run(struct cmd_context *ctx, const void *data)
{
    const struct args *args = data;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int64_t value;
    int r;

    if (ctx->n_operands == 0 && args->persist)
        return cmd_usage(ctx, "--persist: missing N, the value to keep");
    if (ctx->n_operands == 0)
        return show(ctx);
    r = size_parse_number(ctx->operands[0], 0, 200, &value, &e);
    if (r >= 0)
        r = set(ctx, value, args->persist, &plan, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    answer(ctx, value, &plan);
    if (args->persist)
        warn_if_overridden(ctx);
    return CMD_OK;
}

const struct cmd swapctl_swappiness = {
    .name = "swappiness",
    .summary = "print or set how readily the kernel swaps",
    .operands = "[N]",
    .about = "Prints vm.swappiness, or sets it to N and says whether that changed anything. 0 "
             "swaps only to avoid running "
             "out of memory, 60 is the kernel's default, 100 treats swap and files alike, up to "
             "200 (Linux 5.8) is for "
             "swap that is faster than the disk, such as zram.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_NUMBER,
    .max_operands = 1,
    .run = run,
};
