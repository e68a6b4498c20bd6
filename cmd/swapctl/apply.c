/* SPDX-License-Identifier: MIT */
#include "declared.h"
#include "each.h"
#include "make.h"
#include "message.h"
#include "size.h"
#include "swapctl.h"

#include <inttypes.h>

#define SWAPPINESS "vm.swappiness"

struct run {
    struct session session;
    struct declared declared;
    struct each_tally tally;
    struct json json;
};

static void run_clear(struct run *run)
{
    declared_clear(&run->declared);
    session_end(&run->session);
}

/* Count it and say on stdout how it went; e->text: it failed with @r. */
static void begin_answer(struct run *run, const char *what, const struct plan *plan, int r,
                         struct err *e)
{
    struct cmd_context *ctx = run->session.ctx;
    bool failed = r < 0;

    if (e->kind == ERR_USAGE)
        e->kind = ERR_FAILED; /* what is wrong is not our command line */
    each_count(&run->tally, failed ? cmd_fail(ctx, r, e) : CMD_OK);
    if (!ctx->common.json)
        printf("%s: %s\n", what, failed ? "failed" : plan->n > 0 ? "changed" : "unchanged");
}

/* The rest of a JSON object. */
static void end_answer(struct run *run, struct plan *plan, const struct err *e)
{
    if (!run->session.ctx->common.json)
        return;
    if (e->text)
        plan_clear(plan); /* nothing of it is true any more */
    json_bool(&run->json, "changed", plan->n > 0);
    cmd_json_actions(&run->json, plan);
    json_string(&run->json, "error", e->text);
    json_object_end(&run->json);
}

/* ---- areas ---- */

/* Apply never resizes: which of the two is right, a human has to say. */
static int explain_size(const struct make *m, const struct declared_area *a, int r, struct err *e)
{
    const struct swapheader *h = &m->file.header;
    char is[SIZE_TEXT_MAX], declared[SIZE_TEXT_MAX];

    if (r != -EEXIST || h->kind != SWAPHEADER_VALID)
        return r;
    return err_refuse(e, r,
                      "%s: is a swap area of %s (%" PRIu64 " bytes), but %s declares %s (%" PRIu64
                      " bytes); \"swapctl resize\" changes both to the size that you want",
                      a->path, size_format(h->pages * h->page_size, is), h->pages * h->page_size,
                      a->where, size_format(a->d.size, declared), a->d.size);
}

static int plan_area(struct session *s, const struct declared_area *a, struct make *m,
                     struct err *e)
{
    char size[24];
    const struct make_request request = {
        .size = size,
        .label = a->d.label,
        .priority = a->d.priority,
        .discard = a->d.discard,
        .backing = a->d.backing,
        .activate = true,
        .persist = PERSIST_NONE,
        .swappiness = -1,
    };
    struct stat st;
    int r;

    if (a->problem.text)
        return err_set(e, -EBADMSG, "%s", a->problem.text);
    if (root_stat(&s->ctx->root, a->path, O_NOFOLLOW, &st) < 0) {
        r = declared_check_mount(&s->ctx->root, &a->d, e);
        if (r < 0)
            return r;
    }
    snprintf(size, sizeof(size), "%" PRIu64, a->d.size);
    r = make_plan(s, a->path, &request, m, e);
    return explain_size(m, a, r, e);
}

/* Return: 0, or how it failed. */
static int apply_area(struct run *run, const struct declared_area *a)
{
    struct session *s = &run->session;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(make_clear) struct make m = MAKE_INIT;
    int r;

    r = session_reread(s, &e);
    if (r == 0)
        r = plan_area(s, a, &m, &e);
    if (r == 0)
        r = cmd_plan_run(s->ctx, &m.plan, &e);
    begin_answer(run, a->path ? a->path : a->where, &m.plan, r, &e);
    if (s->ctx->common.json) {
        json_object(&run->json, NULL);
        json_string(&run->json, "path", a->path);
        json_string(&run->json, "declared", a->where);
    }
    end_answer(run, &m.plan, &e);
    return r;
}

static int apply_areas(struct run *run)
{
    struct cmd_context *ctx = run->session.ctx;
    int r = 0;

    if (ctx->common.json)
        json_list(&run->json, "areas");
    for (size_t i = 0; i < run->declared.n && r != -EINTR; i++) {
        const struct declared_area *a = &run->declared.areas[i];

        if (a->said_by)
            cmd_warn(ctx, "%s: declares %s again; what counts is %s, so take this one out",
                     a->where, a->path, a->said_by);
        else
            r = apply_area(run, a);
    }
    if (ctx->common.json)
        json_list_end(&run->json);
    return r;
}

/* ---- swappiness ---- */

static int plan_swappiness(struct run *run, int64_t value, struct sysctl *s, struct plan *plan,
                           struct err *e)
{
    const struct root *root = &run->session.ctx->root;
    _cleanup_(free_ptr) char *by = NULL;
    int r;

    r = sysctl_overridden(root, SWAPPINESS, &by, e);
    if (r == 1)
        cmd_warn(run->session.ctx,
                 "%s: sets " SWAPPINESS " too and is read after " SYSCTL_FILE
                 ", so it counts; take the line out of one of them",
                 by);
    return r == 0 ? sysctl_plan_set(root, SWAPPINESS, value, s, plan, e) : r;
}

/* Return: was there anything to do, done or not? */
static bool apply_swappiness(struct run *run)
{
    struct cmd_context *ctx = run->session.ctx;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(sysctl_clear) struct sysctl s = SYSCTL_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    int64_t value = 0;
    int r;

    r = sysctl_declared(&ctx->root, SWAPPINESS, &value, &e);
    if (r == 0) {
        if (ctx->common.json)
            json_null(&run->json, "swappiness");
        return false;
    }
    if (r > 0)
        r = plan_swappiness(run, value, &s, &plan, &e);
    if (r >= 0)
        r = cmd_plan_run(ctx, &plan, &e);
    begin_answer(run, SWAPPINESS, &plan, r, &e);
    if (ctx->common.json) {
        json_object(&run->json, "swappiness");
        json_number(&run->json, "value", value);
    }
    end_answer(run, &plan, &e);
    return true;
}

static void apply_all(struct run *run)
{
    struct cmd_context *ctx = run->session.ctx;
    bool any = run->declared.n > 0;

    if (ctx->common.json)
        json_object(&run->json, NULL);
    if (apply_areas(run) != -EINTR)
        any |= apply_swappiness(run);
    if (ctx->common.json)
        json_object_end(&run->json);
    if (!any && ctx->common.verbose)
        message_say(ctx->tool->name, MESSAGE_INFO, "", "nothing is declared");
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(run_clear) struct run run = {
        .session = SESSION_INIT,
        .declared = DECLARED_INIT,
        .tally = EACH_TALLY_INIT,
        .json = JSON_INIT(stdout),
    };
    int r;

    r = session_begin(ctx, true, &run.session, &e);
    if (r == 0)
        r = declared_read(&ctx->root, &run.declared, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    apply_all(&run);
    return each_status(&run.tally);
}

const struct cmd swapctl_apply = {
    .name = "apply",
    .summary = "make all that is declared true",
    .operands = "",
    .about = "Makes every swap file that was declared by --persist active as declared, and "
             "vm.swappiness too: makes files again that were lost with their disk. For boot "
             "scripts, cron and deploy hooks. One that fails does not stop the others.",
    .flags = CMD_CHANGES | CMD_SOFT_FAIL,
    .run = run,
};
