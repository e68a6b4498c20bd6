/* SPDX-License-Identifier: MIT */
#include "condition.h"
#include "dropcache.h"
#include "lock.h"
#include "memwatch.h"
#include "size.h"
#include "snapshot.h"

#include <sys/file.h>

struct args {
    const char *condition;
    bool force;
    uint64_t sync_timeout_ms;
};

static const struct opt opts[] = {
    {0, "if", OPT_STRING, offsetof(struct args, condition), "CONDITION",
     "only while this holds, for example \"ram>80%\"; else nothing is done"},
    {0, "sync-timeout", OPT_DURATION, offsetof(struct args, sync_timeout_ms), "DURATION",
     "how long dirty data may take to be written back; what takes longer stays (default 30s)"},
    {0, "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "also when it was done less than a minute ago"},
    OPT_END,
};

static const struct args defaults = {.sync_timeout_ms = 30000};

enum { DROP_TIMEOUT_MS = 60000 };

/* Return: 1 if it holds, 0 if not; a negated errno if it is none, or cannot be told. */
static int holds(const struct cmd_context *ctx, const char *text, struct err *e)
{
    static const struct snapshot_times times = {.interval_ms = 1000, .timeout_ms = 10000};
    _cleanup_(condition_clear) struct condition c = CONDITION_INIT;
    struct snapshot_value v;
    int r = condition_parse(text, &c, e);

    if (r == 0)
        r = snapshot_take(&ctx->root, &c.metric, 1, &times, &v, e);
    if (r < 0)
        return r;
    if (v.state != SAMPLER_NUMBER)
        return err_set(e, -ENODATA, "--if: %s", v.why);
    return condition_holds(&c, v.value);
}

/* Taken by explicit words when it ends: a child that hangs has a copy of the descriptor. */
static void unlock(int *fd)
{
    if (*fd >= 0)
        flock(*fd, LOCK_UN);
    close_fd(fd);
}

static int take_lock(const struct cmd_context *ctx, int *fd, struct err *e)
{
    uint64_t timeout = ctx->common.lock_timeout_ms;

    if (ctx->common.dry_run || geteuid() != 0) /* who is not root learns it from the plan */
        return 0;
    if (!ctx->root.live)
        return lock_take_root(&ctx->root, timeout, cmd_interrupted, NULL, fd, e);
    return lock_take(&ctx->root, DROPCACHE_LOCK, timeout, cmd_interrupted, NULL, fd, e);
}

static void answer_json(const struct dropcache *d, const struct plan *plan, bool dry_run)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_bool(&j, "changed", plan->n > 0);
    cmd_json_actions(&j, plan);
    if (plan->n > 0 && !dry_run) {
        json_bool(&j, "synced", d->synced);
        json_number(&j, "freed_page_cache_bytes", (int64_t)dropcache_freed_pages(d));
        json_number(&j, "freed_slab_bytes", (int64_t)dropcache_freed_slab(d));
        json_number(&j, "available_before_bytes", (int64_t)d->before.available);
        json_number(&j, "available_after_bytes", (int64_t)d->after.available);
    }
    json_object_end(&j);
}

static void answer(const struct cmd_context *ctx, const struct dropcache *d,
                   const struct plan *plan)
{
    char pages[SIZE_TEXT_MAX], slab[SIZE_TEXT_MAX], before[SIZE_TEXT_MAX], after[SIZE_TEXT_MAX];

    if (ctx->common.json) {
        answer_json(d, plan, ctx->common.dry_run);
        return;
    }
    puts(plan->n > 0 ? "changed" : "unchanged");
    if (plan->n == 0 || ctx->common.dry_run)
        return;
    printf("freed %s of page cache, %s of slab\n", size_format(dropcache_freed_pages(d), pages),
           size_format(dropcache_freed_slab(d), slab));
    printf("available: %s before, %s after; what was freed counted as available before too\n",
           size_format(d->before.available, before), size_format(d->after.available, after));
}

static int drop(struct cmd_context *ctx, const struct args *args, struct dropcache *d,
                struct plan *plan, struct err *e)
{
    _cleanup_(unlock) int lock_fd = -1;
    int r = take_lock(ctx, &lock_fd, e);

    if (r == 0)
        r = dropcache_plan(d, args->force, plan, e);
    return r < 0 ? r : cmd_plan_run(ctx, plan, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    struct dropcache d = {.root = &ctx->root,
                          .what = DROPCACHE_BOTH,
                          .sync_timeout_ms = args->sync_timeout_ms,
                          .drop_timeout_ms = DROP_TIMEOUT_MS,
                          .interrupted = cmd_interrupted};
    int64_t what = DROPCACHE_BOTH;
    int r = 0;

    if (ctx->n_operands)
        r = size_parse_number(ctx->operands[0], DROPCACHE_PAGES, DROPCACHE_BOTH, &what, &e);
    d.what = (enum dropcache_what)what;
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    r = args->condition ? holds(ctx, args->condition, &e) : 1;
    cmd_signals_catch();
    if (r == 1)
        r = drop(ctx, args, &d, &plan, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (plan.n > 0 && !ctx->common.dry_run && !d.synced)
        cmd_warn(ctx,
                 "drop-caches: dirty data was not written back within %.4g s; what is still "
                 "dirty stays, and a disk or a server seems to hang",
                 (double)args->sync_timeout_ms / 1000);
    answer(ctx, &d, &plan);
    return CMD_OK;
}

const struct cmd memwatch_drop_caches = {
    .name = "drop-caches",
    .summary = "make the kernel forget clean caches",
    .operands = "[1|2|3]",
    .about =
        "Writes back what is dirty, and drops the page cache (1), reclaimable slab objects (2), or "
        "both (3, the default). What is dropped counted as available memory already: no program "
        "gets more, and files have to be read again. It makes measurements repeatable. At most "
        "once a minute.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_NUMBER,
    .max_operands = 1,
    .run = run,
};
