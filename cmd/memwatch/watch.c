/* SPDX-License-Identifier: MIT */
#include "memwatch.h"
#include "rows.h"

#include "cgtree.h"
#include "footprint.h"
#include "ticker.h"
#include "trigger.h"
#include <poll.h>

struct args {
    uint64_t interval_ms;
    int64_t count;
    bool json, bytes, noheadings, timestamp;
    const char *on_pressure;
    const char *group;
};

static const struct opt opts[] = {
    {'i', "interval", OPT_DURATION, offsetof(struct args, interval_ms), "SECONDS",
     "from one row to the next (default: 1)"},
    {'c', "count", OPT_NUMBER, offsetof(struct args, count), "N",
     "so many rows (default: until it is interrupted)", .min = 1, .max = INT64_MAX},
    {'J', "json", OPT_FLAG, offsetof(struct args, json), NULL, "a JSON object on each line"},
    {'b', "bytes", OPT_FLAG, offsetof(struct args, bytes), NULL, "sizes in bytes"},
    {'n', "noheadings", OPT_FLAG, offsetof(struct args, noheadings), NULL, "no heading lines"},
    {'t', "timestamp", OPT_FLAG, offsetof(struct args, timestamp), NULL,
     "begin each row with the time"},
    {0, "on-pressure", OPT_STRING, offsetof(struct args, on_pressure), "KIND:STALL/WINDOW",
     "only while some (or full) programs wait so long for memory: some:150ms/2s"},
    {0, "cgroup", OPT_STRING, offsetof(struct args, group), "GROUP",
     "with --on-pressure: programs of this control group"},
    OPT_END,
};

static const struct args defaults = {.interval_ms = 1000};

/* 80 columns. */
static const char *const usual[] = {
    "ram",
    "ram.available",
    "swap",
    "psi.memory.some.avg10",
    "reclaim.kswapd",
    "reclaim.direct",
    "reclaim.limit",
    "swap.in",
    "swap.out",
};

struct watch {
    struct cmd_context *ctx;
    const struct args *args;
    struct metric *metrics; /* owned */
    size_t n;
    struct sampler *sampler;
    struct rows rows;
    bool *told;      /* that it is broken, one for each */
    int64_t printed; /* rows */
    sigset_t open;   /* signals while it sleeps */
    struct trigger trigger;
    int trigger_fd;      /* -1: it prints always */
    uint64_t calm_after; /* nanoseconds: when the pressure is over */
};

static void watch_clear(struct watch *w)
{
    sampler_free(&w->sampler);
    rows_clear(&w->rows);
    for (size_t i = 0; i < w->n; i++)
        metric_clear(&w->metrics[i]);
    free(w->metrics);
    free(w->told);
    close_fd(&w->trigger_fd);
}

static int parse_metrics(struct watch *w, struct err *e)
{
    bool own = w->ctx->n_operands > 0;
    const char *const *names = own ? w->ctx->operands : usual;
    size_t n = own ? (size_t)w->ctx->n_operands : ARRAY_SIZE(usual);
    int r = 0;

    w->metrics = calloc(n, sizeof(*w->metrics));
    w->told = calloc(n, sizeof(*w->told));
    if (!w->metrics || !w->told)
        return err_oom(e);
    for (size_t i = 0; i < n && r == 0; i++) {
        r = metric_parse(names[i], &w->metrics[i], e);
        w->n += r == 0;
    }
    return r;
}

/* ---- pressure */

/* The pressure file of the group, or of the machine. */
static int open_pressure(struct watch *w, char **name, struct err *e)
{
    _cleanup_(cgtree_clear) struct cgtree tree = CGTREE_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int dir = -1;
    int r;

    if (!w->args->group) {
        *name = strdup("/proc/pressure/memory");
        r = root_openat(&w->ctx->root, "/proc/pressure/memory", O_RDWR | O_NONBLOCK, 0);
    } else {
        r = cgtree_open(&w->ctx->root, &tree, e);
        if (r == 0)
            r = cgtree_path(w->args->group, &path, e);
        if (r == 0)
            r = dir = cgtree_group(&tree, path, e);
        if (r < 0)
            return r;
        if (asprintf(name, "/%s: memory.pressure", path) < 0)
            *name = NULL;
        r = openat(dir, "memory.pressure", O_RDWR | O_NONBLOCK | O_CLOEXEC);
        r = r < 0 ? -errno : r;
    }
    if (r >= 0)
        w->trigger_fd = r;
    if (!*name)
        return err_oom(e);
    if (r == -ENOENT || r == -EOPNOTSUPP)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: this kernel tells no pressure; boot it with psi=1 (it must be "
                               "built with CONFIG_PSI)",
                               *name);
    return r < 0 ? err_sys(e, r, "%s: cannot open", *name) : 0;
}

static int arm(struct watch *w, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    _cleanup_(free_ptr) char *name = NULL;
    int r;

    if (!w->args->on_pressure)
        return w->args->group ? err_usage(e, -EINVAL, "--cgroup: goes with --on-pressure") : 0;
    r = trigger_parse(w->args->on_pressure, &w->trigger, &why);
    if (r < 0)
        return err_usage(e, r, "--on-pressure: %s", why.text);
    if (!w->ctx->root.live)
        return err_unsupported(e, -EOPNOTSUPP,
                               "--on-pressure: waits for the kernel that runs, and cannot with "
                               "--root");
    r = open_pressure(w, &name, e);
    return r < 0 ? r : trigger_arm(w->trigger_fd, name, &w->trigger, e);
}

/* ---- rows */

/* Why there is a "?", once for each. */
static void tell(struct watch *w)
{
    for (size_t i = 0; i < w->n; i++) {
        enum sampler_state state = sampler_value(w->sampler, i, &(double){0});
        bool wanted = state == SAMPLER_BROKEN ||
                      (state == SAMPLER_ABSENT && w->ctx->common.verbose && w->printed == 0);

        if (wanted && !w->told[i])
            cmd_warn(w->ctx, "%s", sampler_why(w->sampler, i));
        w->told[i] = state == SAMPLER_BROKEN;
    }
}

/* Return: 1 when it is enough. */
static int print(struct watch *w)
{
    sampler_take(w->sampler);
    tell(w);
    rows_print(&w->rows, w->sampler);
    w->printed++;
    return ferror(stdout) || (w->args->count > 0 && w->printed >= w->args->count);
}

static void note_pressure(struct watch *w)
{
    w->calm_after = ticker_now() + w->trigger.window_us * 1000;
}

/* Sleep until the next tick; what comes from the trigger meanwhile is noted. Return: 0; 1 if the
 * group is gone; or a negated errno. */
static int wait_tick(struct watch *w, uint64_t until)
{
    for (;;) {
        int r = ticker_wait(until, w->trigger_fd, &w->open);

        if (r <= 0)
            return r;
        if (r & (POLLERR | POLLNVAL))
            return 1;
        note_pressure(w);
        if (until == TICKER_NEVER)
            return 0;
    }
}

/* Rows until it is over. Return: as wait_tick(), or 0 when there is calm or enough. */
static int print_rows(struct watch *w, bool *enough)
{
    struct ticker ticker = ticker_start(w->args->interval_ms);
    int r = 0;

    sampler_take(w->sampler);
    while (r == 0) {
        r = wait_tick(w, ticker.next);
        if (r != 0)
            break;
        *enough = print(w);
        ticker_advance(&ticker, ticker_now());
        if (*enough || (w->trigger_fd >= 0 && ticker_now() >= w->calm_after))
            break;
    }
    return r;
}

static int watch(struct watch *w)
{
    bool enough = false;
    int r = 0;

    while (r == 0 && !enough) {
        if (w->trigger_fd >= 0)
            r = wait_tick(w, TICKER_NEVER);
        if (r == 0)
            r = print_rows(w, &enough);
    }
    return r;
}

static int begin(struct watch *w, struct err *e)
{
    int r = parse_metrics(w, e);

    if (r == 0)
        r = arm(w, e);
    if (r == 0)
        r = sampler_new(&w->ctx->root, w->metrics, w->n, &w->sampler, e);
    w->rows = (struct rows){.json = w->args->json,
                            .bytes = w->args->bytes,
                            .noheadings = w->args->noheadings,
                            .timestamp = w->args->timestamp,
                            .metrics = w->metrics,
                            .n = w->n};
    return r < 0 ? r : rows_begin(&w->rows, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(watch_clear) struct watch w = {.ctx = ctx, .args = values, .trigger_fd = -1};
    int r;

    if (w.args->interval_ms == 0)
        return cmd_usage(ctx, "--interval: must be more than 0");
    r = begin(&w, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    cmd_signals_hold(&w.open);
    sampler_take(w.sampler); /* the first one takes code that no other does */
    footprint_trim();
    r = watch(&w);
    sigprocmask(SIG_SETMASK, &w.open, NULL);
    if (r == -EINTR)
        return CMD_FAILED; /* dies by the signal */
    if (r < 0) {
        err_sys(&e, r, "cannot wait");
        return cmd_fail(ctx, r, &e);
    }
    return r == 1 ? CMD_NO : CMD_OK;
}

const struct cmd memwatch_watch = {
    .name = "watch",
    .summary = "print a row of measures again and again",
    .operands = "[METRIC...]",
    .about =
        "Prints a row at each interval, the first one after one interval; \"-\" is what this "
        "machine does not have or what is not known yet, \"?\" what could not be read. \"memwatch "
        "metrics\" lists the metrics.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_NONE,
    .max_operands = -1,
    .run = run,
};
