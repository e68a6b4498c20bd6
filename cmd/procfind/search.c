/* SPDX-License-Identifier: MIT */
#include "search.h"
#include "message.h"
#include "monotonic.h"
#include "watch.h"

int search_open(struct search *s, struct cmd_context *ctx, const struct args *args, struct err *e)
{
    int r;

    *s = (struct search){
        .ctx = ctx,
        .args = args,
        .names = CONTAINER_NAMES_INIT,
        .match = MATCH_INIT,
        .finder = FINDER_INIT,
        .result = FINDER_RESULT_INIT,
        .deadline = ARGS_NO_DURATION,
    };
    if (args->follow || args->wait == ARGS_WAIT_START)
        s->match.names = &s->names;
    r = criteria_match(&args->criteria, &ctx->root, ctx->operands, &s->match, &s->nothing, e);
    if (r == 0)
        r = criteria_check(&args->criteria, ctx->operands, e);
    if (r == 0)
        r = args_check(args, &ctx->common.table, &s->match, e);
    if (r < 0)
        return r;
    if (args->timeout != ARGS_NO_DURATION &&
        __builtin_add_overflow(monotonic_ms(), args->timeout, &s->deadline))
        s->deadline = ARGS_NO_DURATION;
    criteria_choose(&args->criteria, &s->match, &s->finder);
    return finder_open(&s->finder, &ctx->root, &s->match, e);
}

void search_clear(struct search *s)
{
    finder_result_clear(&s->result);
    finder_clear(&s->finder);
    match_clear(&s->match);
    container_names_clear(&s->names);
}

int search_run(struct search *s, struct err *e)
{
    return s->nothing ? 0 : finder_run(&s->finder, &s->result, e);
}

static const char *why(const struct finder_item *item)
{
    if (item->reason == FINDER_WRAPPER)
        return "it has started a match by the same words; --include-wrappers finds it";
    switch (item->caller) {
    case CALLER_SELF:
        return "it is this procfind; --include-self finds it";
    case CALLER_ANCESTOR:
        return "it is an ancestor of this procfind; --include-self finds it";
    case CALLER_FORK:
        return "it is a subshell of an ancestor of this procfind; --include-self finds it";
    case CALLER_PIPE:
        return "it is in a pipeline with this procfind; --include-self finds it";
    case CALLER_NOT:
        break;
    }
    return "";
}

void search_tell(const struct search *s)
{
    const struct finder_result *r = &s->result;
    const char *remedy =
        geteuid() != 0 ? "run it as root" : "capabilities or a security module forbid it to root";

    for (size_t i = 0; s->ctx->common.verbose && i < r->n_left_out; i++) {
        char text[128];

        snprintf(text, sizeof(text), "process %d: left out: %s", (int)r->left_out[i].pid,
                 why(&r->left_out[i]));
        message_say(s->ctx->tool->name, MESSAGE_INFO, "", text);
    }
    if (r->unreadable)
        cmd_warn(s->ctx, "processes that may match and could not be looked into: %zu; %s",
                 r->unreadable, remedy);
    if (r->hidden)
        cmd_warn(s->ctx, "/proc: does not show the processes of others (hidepid); %s", remedy);
}

int search_status(const struct search *s)
{
    if (s->result.n > 0)
        return CMD_OK;
    return s->result.unreadable || s->result.hidden ? CMD_PARTIAL : CMD_NO;
}

bool search_look_again(struct search *s, const struct finder_item *item)
{
    const struct proc_stat *stat;

    process_begin(&s->finder.process, s->finder.scan.fd, s->ctx->root.live, item->pid);
    return process_stat(&s->finder.process, &stat) == 0 && stat->start == item->start;
}
