/* SPDX-License-Identifier: MIT */
#include "child.h"
#include "memwatch.h"
#include "reclaim_report.h"
#include <time.h>

struct args {
    uint64_t interval_ms;
    int64_t count;
    const char *const *groups;
    bool json;
};

static const struct opt opts[] = {
    {'i', "interval", OPT_DURATION, offsetof(struct args, interval_ms), "DURATION",
     "how long between two looks (default 1s)"},
    {'c', "count", OPT_NUMBER, offsetof(struct args, count), "N", "end after so many intervals",
     .min = 1, .max = INT32_MAX},
    {0, "cgroup", OPT_STRINGS, offsetof(struct args, groups), "GROUP",
     "tell of this group as well; may be given again"},
    {'J', "json", OPT_FLAG, offsetof(struct args, json), NULL, "a line of JSON for each interval"},
    OPT_END,
};

static const struct args defaults = {.interval_ms = 1000};

/* What is at hand while it runs. */
struct watch {
    struct cmd_context *ctx;
    const struct args *args;
    struct reclaim_scene scene;
    struct reclaim_moment before, after;
    struct err e;
    int broken; /* why a look failed while the command ran */
};

static void watch_clear(struct watch *w)
{
    reclaim_scene_forget(&w->before);
    reclaim_scene_forget(&w->after);
    reclaim_scene_clear(&w->scene);
    err_clear(&w->e);
}

static void print(const struct watch *w, FILE *out, int status)
{
    struct reclaim_report report;

    reclaim_report_make(&report, &w->scene, &w->before, &w->after);
    if (w->args->json)
        reclaim_report_json(&report, out, status);
    else
        reclaim_report_print(&report, out);
    fflush(out);
}

/* ---- intervals */

/* A clock that goes on while the machine is suspended: that is one long interval. */
static bool sleep_until(uint64_t ns)
{
    const struct timespec until = {(time_t)(ns / 1000000000), (long)(ns % 1000000000)};

    while (clock_nanosleep(CLOCK_BOOTTIME, TIMER_ABSTIME, &until, NULL) == EINTR)
        if (cmd_interrupted(NULL))
            return false;
    return !cmd_interrupted(NULL);
}

static int watch_intervals(struct watch *w)
{
    uint64_t step = w->args->interval_ms * 1000000;
    int r = 0;

    cmd_signals_catch();
    for (int64_t n = 0; (w->args->count == 0 || n < w->args->count) && !ferror(stdout); n++) {
        if (!sleep_until(w->before.ns + step))
            return -EINTR;
        r = reclaim_scene_take(&w->scene, &w->after, &w->e);
        if (r < 0)
            return r;
        print(w, stdout, -1);
        reclaim_scene_forget(&w->before);
        w->before = w->after;
        w->after.groups = NULL;
        reclaim_scene_restart(&w->scene, &w->before);
    }
    return r;
}

/* ---- the life of a command */

/* Groups that the command makes may be gone at its end. */
static void look_at_groups(void *arg)
{
    struct watch *w = arg;

    if (w->broken == 0 && w->scene.has_groups)
        w->broken = cghits_look(&w->scene.hits, &w->scene.tree, &w->e);
}

static int start(struct watch *w, int *status)
{
    const struct child_tick tick = {w->args->interval_ms, look_at_groups, w};
    struct child child;
    pid_t pid;

    fflush(stdout);
    child_prepare(&child);
    pid = fork();
    if (pid == 0)
        child_exec(&child, w->ctx->tool->name, w->ctx->operands);
    if (pid < 0) {
        pid = err_sys(&w->e, -errno, "cannot start a process");
        child_done(&child);
        return pid;
    }
    /* a signal that comes twice does not keep us from telling the rest */
    *status = child_attend(&child, pid, &tick);
    return 0;
}

/* The report goes to standard error: standard output is the command's. */
static int watch_command(struct watch *w)
{
    int status = 0, r = start(w, &status);

    if (r < 0)
        return cmd_fail(w->ctx, r, &w->e);
    r = w->broken ? w->broken : reclaim_scene_take(&w->scene, &w->after, &w->e);
    if (r == 0)
        print(w, stderr, status);
    else
        cmd_fail(w->ctx, r, &w->e);
    return cmd_passed(w->ctx, status);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(watch_clear) struct watch w = {
        .ctx = ctx, .args = values, .scene = RECLAIM_SCENE_INIT, .e = ERR_INIT};
    int r;

    if (ctx->n_operands > 0 && w.args->count > 0)
        return cmd_usage(ctx, "--count goes without a command: its life is the interval");
    if (w.args->interval_ms == 0)
        return cmd_usage(ctx, "--interval: must be longer than nothing");
    r = reclaim_scene_set(&w.scene, &ctx->root, w.args->groups, &w.e);
    if (r == 0)
        r = reclaim_scene_take(&w.scene, &w.before, &w.e);
    if (r == 0 && ctx->n_operands > 0)
        return watch_command(&w);
    if (r == 0)
        r = watch_intervals(&w);
    /* the signal says enough */
    if (r == -EINTR)
        return CMD_FAILED;
    return r < 0 ? cmd_fail(ctx, r, &w.e) : CMD_OK;
}

const struct cmd memwatch_reclaim = {
    .name = "reclaim",
    .summary = "tell who takes memory away from whom",
    .operands = "[[--] COMMAND [WORD...]]",
    .about =
        "Tells for each interval, or for the life of a command, how many pages the kernel "
        "looked at and took away, who made it do so, and in one word why: the machine is short "
        "of memory, or a control group met its limit, or somebody asked for it. The exit "
        "status is the command's, 125 if it was not started.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .flags = CMD_COMMAND,
    .operand = CMD_OPERAND_COMMAND,
    .max_operands = -1,
    .run = run,
};
