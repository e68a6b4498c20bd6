/* SPDX-License-Identifier: MIT */
#include "act.h"
#include "answer.h"
#include "columns.h"
#include "procfind.h"
#include "waitexit.h"

/* More than one: all of them are named, as far as a line is readable. */
static int ambiguous(const struct search *s)
{
    enum { NAMED = 10 };
    char list[NAMED * 16] = "";
    size_t used = 0, n = s->result.n;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    for (size_t i = 0; i < n && i < NAMED; i++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%d", i ? ", " : "",
                                 (int)s->result.found[i].pid);
    err_refuse(&e, -EINVAL, "%zu processes match, not one: %s%s; say more of the one that is meant",
               n, list, n > NAMED ? "..." : "");
    return cmd_fail(s->ctx, -EINVAL, &e);
}

/* What names processes to the kernel must mean the same to it as to /proc. */
static int check_namespace(const struct search *s, struct err *e)
{
    const struct args *args = s->args;

    if (finder_sees_own_namespace(&s->finder))
        return 0;
    if (args->signal || args->handle || args->wait == ARGS_WAIT_EXIT)
        return err_unsupported(e, -EOPNOTSUPP,
                               "/proc: is not that of this process's PID namespace, so its numbers "
                               "mean others here; mount it, as unshare --mount-proc does");
    if (s->ctx->root.live)
        cmd_warn(s->ctx, "/proc: is not that of this process's PID namespace; its numbers mean "
                         "other processes here, or none");
    return 0;
}

/* Something was found. */
static int act(struct search *s, struct err *e)
{
    int status = CMD_OK, r = 0;

    if (s->args->one && s->result.n > 1)
        return ambiguous(s);
    if (s->args->signal)
        r = act_signal(s, &status, e);
    if (r == 0 && s->args->wait == ARGS_WAIT_EXIT)
        r = waitexit_run(s, e);
    else if (r == 0 && s->result.n > 0)
        r = answer_print(s, e);
    return r < 0 ? cmd_fail(s->ctx, r, e) : status;
}

static int search_and_act(struct search *s, struct err *e)
{
    const struct args *args = s->args;
    int r = check_namespace(s, e);

    if (r == 0 && args->follow)
        r = act_follow(s, e);
    else if (r == 0)
        r = args->wait == ARGS_WAIT_START ? act_wait_start(s, e) : search_run(s, e);
    if (r < 0)
        return cmd_fail(s->ctx, r, e);
    if (args->follow)
        return CMD_OK;
    search_tell(s);
    if (s->result.n > 0)
        return act(s, e);
    /* the count of none is 0, and the list of none is valid JSON */
    if (args->count || columns_wanted(&s->ctx->common.table))
        r = answer_print(s, e);
    return r < 0 ? cmd_fail(s->ctx, r, e) : search_status(s);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct search s;
    int r = search_open(&s, ctx, values, &e);

    r = r < 0 ? cmd_fail(ctx, r, &e) : search_and_act(&s, &e);
    search_clear(&s);
    return r;
}

const struct cmd procfind_find = {
    .name = "procfind",
    .summary = "find processes",
    .operands = "[PATTERN...]",
    .about =
        "Finds the processes that meet all criteria, and prints their numbers. A PATTERN is an "
        "extended regular expression for the name; several are alternatives. This procfind, "
        "what has started it, and its pipeline are never found. Exit status 1: none.",
    .opts = criteria_opts,
    .shared = args_opts,
    .shared_title = "Actions and answers",
    .defaults = &args_defaults,
    .args_size = sizeof(struct args),
    .columns = columns_all,
    .flags = CMD_TABLE | CMD_OWN_V,
    .operand = CMD_OPERAND_PROCESS_NAME,
    .max_operands = -1,
    .run = run,
};
