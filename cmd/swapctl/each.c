/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "json.h"

struct tally {
    struct json json;
    int failed, worked;
    int status;  /* of the failures */
    bool differ; /* they have several */
};

static void tell(struct cmd_context *ctx, struct tally *t, const char *operand,
                 const struct plan *plan, const struct err *e)
{
    if (ctx->common.json) {
        json_object(&t->json, NULL);
        json_string(&t->json, "path", operand);
        json_bool(&t->json, "changed", !e->text && plan->n > 0);
        cmd_json_actions(&t->json, plan);
        json_string(&t->json, "error", e->text);
        json_object_end(&t->json);
    } else if (!e->text) {
        if (ctx->n_operands > 1)
            printf("%s: ", operand);
        puts(plan->n > 0 ? "changed" : "unchanged");
    }
}

/* Return: what the operand's function returned. */
static int do_one(struct session *s, const char *operand, const void *args, each_fn *one,
                  struct tally *t)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int r, status;

    r = session_reread(s, &e);
    if (r == 0)
        r = one(s, operand, args, &plan, &e);
    if (r < 0) {
        status = cmd_fail(s->ctx, r, &e);
        t->differ |= t->failed > 0 && status != t->status;
        t->status = status;
        t->failed++;
        plan_clear(&plan); /* nothing of it is true any more */
    } else {
        t->worked++;
    }
    tell(s->ctx, t, operand, &plan, &e);
    return r;
}

int each_run(struct cmd_context *ctx, bool kernel, const void *args, each_fn *one)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(session_end) struct session s = SESSION_INIT;
    struct tally t = {.json = JSON_INIT(stdout)};
    int r;

    r = session_begin(ctx, kernel, &s, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (ctx->common.json) {
        json_object(&t.json, NULL);
        json_list(&t.json, "results");
    }
    for (int i = 0; i < ctx->n_operands && r != -EINTR; i++)
        r = do_one(&s, ctx->operands[i], args, one, &t);
    if (ctx->common.json) {
        json_list_end(&t.json);
        json_object_end(&t.json);
    }
    if (t.failed == 0)
        return CMD_OK;
    return t.worked > 0 || t.differ ? CMD_PARTIAL : t.status;
}
