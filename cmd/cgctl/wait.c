/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgvalue.h"
#include "cgwork.h"
#include "size.h"
#include <inttypes.h>

struct args {
    uint64_t timeout_ms;
};

static const struct opt opts[] = {
    {0, "timeout", OPT_DURATION, offsetof(struct args, timeout_ms), "DURATION",
     "how long at most (default: until it happens)"},
    OPT_END,
};

static const struct args defaults = {.timeout_ms = CGEVENTS_FOREVER};

/* What is waited for. */
struct event {
    bool pressure;
    const char *key;  /* of memory.events; NULL: empty */
    char file[32];    /* of the pressure */
    char trigger[64]; /* as the kernel wants it */
};

static int bad_event(const char *text, struct err *e)
{
    return err_usage(e, -EINVAL,
                     "EVENT: \"%s\" is not oom_kill, oom, high, max, low, empty, or "
                     "psi:some:150ms/2s",
                     text);
}

static int parse_time(const char *text, size_t n, uint64_t *us, struct err *e)
{
    _cleanup_(free_ptr) char *copy = strndup(text, n);
    uint64_t ms;
    int r;

    if (!copy)
        return err_oom(e);
    r = size_parse_duration(copy, &ms, e);
    if (r == 0 && (ms == 0 || ms > 10000))
        r = err_usage(e, -ERANGE, "EVENT: %s: the kernel takes 1ms to 10s", copy);
    *us = r == 0 ? ms * 1000 : 0;
    return r;
}

/* "some:150ms/2s" */
static int parse_pressure(const char *all, const char *text, struct event *out, struct err *e)
{
    const char *colon = strchr(text, ':'), *slash = colon ? strchr(colon, '/') : NULL;
    struct kv_span kind = {text, colon ? (size_t)(colon - text) : 0};
    uint64_t stall = 0, window = 0;
    int r;

    if (!slash || (!kv_span_eq(kind, "some") && !kv_span_eq(kind, "full")))
        return bad_event(all, e);
    r = parse_time(colon + 1, (size_t)(slash - colon - 1), &stall, e);
    if (r == 0)
        r = parse_time(slash + 1, strlen(slash + 1), &window, e);
    if (r == 0 && stall > window)
        return err_usage(e, -ERANGE, "EVENT: \"%s\": the stall is longer than the window", all);
    out->pressure = true;
    snprintf(out->file, sizeof(out->file), "memory.pressure");
    snprintf(out->trigger, sizeof(out->trigger), "%.*s %" PRIu64 " %" PRIu64, (int)kind.n, text,
             stall, window);
    return r;
}

static int parse(const char *text, struct event *out, struct err *e)
{
    static const char *const words[] = {"oom_kill", "oom", "high", "max", "low"};
    const char *pressure = str_after(text, "psi:");

    *out = (struct event){.key = NULL};
    if (pressure)
        return parse_pressure(text, pressure, out, e);
    if (streq(text, "empty"))
        return 0;
    for (size_t i = 0; i < ARRAY_SIZE(words); i++)
        if (streq(text, words[i]))
            out->key = words[i];
    return out->key ? 0 : bad_event(text, e);
}

/* How often it has happened before. */
static uint64_t count(int dir, const char *key)
{
    _cleanup_(free_ptr) char *text = NULL;
    uint64_t n = 0;

    if (cgroup_read(dir, "memory.events", &text) < 0 || cgvalue_flat(text, key, &n) < 0)
        return 0;
    return n;
}

static int wait_for(int dir, const char *path, const struct event *event,
                    const struct cgevents_patience *patience, struct err *e)
{
    struct cgevents_wish wish = {"cgroup.events", "populated", false, 0};

    if (event->pressure)
        return cgevents_pressure(dir, path, event->file, event->trigger, patience, e);
    if (event->key)
        wish = (struct cgevents_wish){"memory.events", event->key, true, count(dir, event->key)};
    return cgevents_wait(dir, path, &wish, patience, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    const struct cgevents_patience patience = {args->timeout_ms, cmd_interrupted, NULL};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    _cleanup_(close_fd) int dir = -1;
    struct event event;
    int r = parse(ctx->operands[1], &event, &e);

    if (r == 0)
        r = cgwork_look(ctx, &w, &e);
    if (r == 0)
        r = cgwork_path(&w, ctx->operands[0], &path, &e);
    if (r == 0)
        r = dir = cgtree_group(&w.tree, path, &e);
    if (r >= 0) {
        cmd_signals_catch();
        r = wait_for(dir, path, &event, &patience, &e);
    }
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return r == CGEVENTS_GONE ? CMD_NO : CMD_OK;
}

const struct cmd cgctl_wait = {
    .name = "wait",
    .summary = "wait until something happens to a group",
    .operands = "GROUP EVENT",
    .about =
        "Waits until the group becomes empty, until the kernel counts one more of an event, or "
        "until something waited too long for memory in it: oom_kill, oom, high, max, low, "
        "empty, or psi:some:150ms/2s. Exit status 1: the group was removed; 124: it did not "
        "happen in time.",
    .opts = opts,
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_GROUP,
    .min_operands = 2,
    .max_operands = 2,
    .run = run,
};
