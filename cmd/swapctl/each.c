/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "json.h"

void each_count(struct each_tally *t, int status)
{
    if (status == CMD_OK) {
        t->worked++;
        return;
    }
    t->differ |= t->failed > 0 && status != t->status;
    t->status = status;
    t->failed++;
}

int each_status(const struct each_tally *t)
{
    if (t->failed == 0)
        return CMD_OK;
    return t->worked > 0 || t->differ ? CMD_PARTIAL : t->status;
}

static void tell(struct cmd_context *ctx, struct json *j, const char *operand,
                 const struct plan *plan, const struct err *e)
{
    if (ctx->common.json) {
        json_object(j, NULL);
        json_string(j, "path", operand);
        json_bool(j, "changed", !e->text && plan->n > 0);
        cmd_json_actions(j, plan);
        json_string(j, "error", e->text);
        json_object_end(j);
    } else if (!e->text) {
        if (ctx->n_operands > 1)
            printf("%s: ", operand);
        puts(plan->n > 0 ? "changed" : "unchanged");
    }
}

/* Return: what the operand's function returned. */
static int do_one(struct session *s, const char *operand, const void *args, each_fn *one,
                  struct each_tally *t, struct json *j)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int r;

    r = session_reread(s, &e);
    if (r == 0)
        r = one(s, operand, args, &plan, &e);
    each_count(t, r < 0 ? cmd_fail(s->ctx, r, &e) : CMD_OK);
    if (r < 0)
        plan_clear(&plan); /* nothing of it is true any more */
    tell(s->ctx, j, operand, &plan, &e);
    return r;
}

int each_run(struct cmd_context *ctx, bool kernel, const void *args, each_fn *one)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    struct each_tally t = EACH_TALLY_INIT;
    struct json j = JSON_INIT(stdout);
    int r;

    r = session_begin(ctx, kernel, &s, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (ctx->common.json) {
        json_object(&j, NULL);
        json_list(&j, "results");
    }
    for (int i = 0; i < ctx->n_operands && r != -EINTR; i++)
        r = do_one(&s, ctx->operands[i], args, one, &t, &j);
    if (ctx->common.json) {
        json_list_end(&j);
        json_object_end(&j);
    }
    return each_status(&t);
}
