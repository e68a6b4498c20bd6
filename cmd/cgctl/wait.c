/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cglack.h"
#include "cgvalue.h"
#include "cgwork.h"

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
    const char *key; /* of memory.events; NULL: empty */
    struct trigger trigger;
};

static int bad_event(const char *text, struct err *e)
{
    return err_usage(e, -EINVAL,
                     "EVENT: \"%s\" is not oom_kill, oom, high, max, low, empty, or "
                     "psi:some:150ms/2s",
                     text);
}

static int parse(const char *text, struct event *out, struct err *e)
{
    static const char *const words[] = {"oom_kill", "oom", "high", "max", "low"};
    const char *pressure = str_after(text, "psi:");
    _cleanup_(err_clear) struct err why = ERR_INIT;

    *out = (struct event){.pressure = pressure != NULL};
    if (pressure) {
        int r = trigger_parse(pressure, &out->trigger, &why);

        return r < 0 ? err_usage(e, r, "EVENT: %s", why.text) : 0;
    }
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
        return cgevents_pressure(dir, path, "memory.pressure", &event->trigger, patience, e);
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
    if (r >= 0 && event.key)
        r = cglack_refuse(&w.tree, "memory", &e);
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
