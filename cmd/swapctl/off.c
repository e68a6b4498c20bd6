/* SPDX-License-Identifier: MIT */
#include "declared.h"
#include "each.h"
#include "make.h"
#include "swapctl.h"
#include "target.h"

struct args {
    bool all;
    bool everything;
    bool yes;
    bool force;
};

static const struct opt opts[] = {
    {'a', "all", OPT_FLAG, offsetof(struct args, all), NULL,
     "all active areas that headroom declared, and no others"},
    {'\0', "everything", OPT_FLAG, offsetof(struct args, everything), NULL,
     "all active areas, whoever made them; needs --yes"},
    {'y', "yes", OPT_FLAG, offsetof(struct args, yes), NULL, "--everything is meant"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "even if what is swapped out may not fit into RAM and the other areas"},
    OPT_END,
};

/* The operands were taken from /proc/swaps: one that leads to something else is not done with. */
static int check_name(const struct session *s, const char *name, struct err *e)
{
    for (size_t i = 0; i < s->swaps.n; i++)
        if (streq(s->swaps.areas[i].path, name))
            return err_set(e, -ESTALE,
                           "%s: is active, but that name leads to something else here; deactivate "
                           "it in the mount namespace or container that activated it",
                           name);
    return 0;
}

static int one(struct session *s, const char *operand, const void *values, struct plan *plan,
               struct err *e)
{
    const struct args *args = values;
    _cleanup_(target_clear) struct target t = TARGET_INIT;
    struct swaparea area;
    struct guard_step guard;
    int r;

    r = target_open(s, operand, &t, e);
    if (r < 0)
        return r;
    if (!t.active)
        return args->everything ? check_name(s, operand, e) : 0;
    target_area(&t, &s->ctx->root, &area);
    area.watch = &s->watch;
    r = swaparea_plan_off(&area, &s->ctx->root, &s->swaps, t.active, args->force, plan, e);
    if (r == 0 && t.on_loop && *target_file(&t) >= 0)
        r = guard_plan_off(&guard, target_file(&t), t.path, plan, e);
    if (r >= 0)
        r = cmd_plan_run(s->ctx, plan, e);
    if (r == 0)
        make_warn_loop(s->ctx, &t.loop);
    return r;
}

/* Runs these in place of the operands. */
static int run_names(struct cmd_context *ctx, const struct args *args, const char *const *names,
                     int n)
{
    int r;

    ctx->operands = names;
    ctx->n_operands = n;
    r = each_run(ctx, true, args, one);
    if (r == CMD_OK && n == 0 && !ctx->common.json)
        puts("unchanged");
    return r;
}

/* The area that a declared file is now, or NULL. */
static const struct swaps_area *active_as(const struct root *root, const struct swaps *swaps,
                                          const char *path)
{
    _cleanup_(close_fd) int fd = path ? root_openat(root, path, O_PATH, 0) : -1;
    struct stat st;

    return fd >= 0 && fstat(fd, &st) == 0 ? swaparea_find(root, swaps, fd, &st) : NULL;
}

static int run_declared(struct cmd_context *ctx, const struct args *args, const struct swaps *swaps)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(declared_clear) struct declared list = DECLARED_INIT;
    _cleanup_(free_ptr) const char **names = NULL;
    int r = declared_read(&ctx->root, &list, &e), n = 0;

    if (r < 0)
        return cmd_fail(ctx, r, &e);
    names = calloc(list.n + 1, sizeof(*names));
    if (!names)
        return cmd_fail(ctx, err_oom(&e), &e);
    for (size_t i = 0; i < list.n; i++)
        if (!list.areas[i].said_by && active_as(&ctx->root, swaps, list.areas[i].path))
            names[n++] = list.areas[i].path;
    if (n == 0)
        cmd_warn(ctx, "no active area was declared by headroom (swapctl status), so none is "
                      "deactivated");
    return run_names(ctx, args, names, n);
}

static int demand_yes(const struct cmd_context *ctx, const char *const *names, int n)
{
    _cleanup_(free_ptr) char *text = NULL;
    size_t size;
    FILE *f = open_memstream(&text, &size);
    bool bad = !f;

    for (int i = 0; f && i < n; i++)
        fprintf(f, "%s%s", i ? ", " : "", names[i]);
    bad = bad || ferror(f);
    if (f && fclose(f) != 0)
        bad = true;
    return cmd_usage(ctx, "--everything: would deactivate %s; add --yes if that is meant",
                     bad ? "all areas"
                     : n ? text
                         : "no area, because none is active");
}

static int run_everything(struct cmd_context *ctx, const struct args *args,
                          const struct swaps *swaps)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) const char **names = calloc(swaps->n + 1, sizeof(*names));

    if (!names)
        return cmd_fail(ctx, err_oom(&e), &e);
    for (size_t i = 0; i < swaps->n; i++)
        names[i] = swaps->areas[i].path;
    if (!args->yes && !ctx->common.dry_run)
        return demand_yes(ctx, names, (int)swaps->n);
    return run_names(ctx, args, names, (int)swaps->n);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    const struct args *args = values;
    int r;

    if (args->all && args->everything)
        return cmd_usage(ctx, "--all and --everything exclude each other");
    if ((args->all || args->everything) && ctx->n_operands > 0)
        return cmd_usage(ctx, "%s: takes no PATH", args->all ? "--all" : "--everything");
    if (!args->all && !args->everything)
        return ctx->n_operands > 0 ? each_run(ctx, true, args, one)
                                   : cmd_usage(ctx, "missing PATH, --all or --everything");
    r = session_read_swaps(&ctx->root, &swaps, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return args->all ? run_declared(ctx, args, &swaps) : run_everything(ctx, args, &swaps);
}

const struct cmd swapctl_off = {
    .name = "off",
    .summary = "deactivate swap areas",
    .operands = "PATH|UUID=UUID|LABEL=LABEL...|--all|--everything",
    .about = "Deactivates the areas, and only these, moving what they hold into RAM and the other "
             "areas. Refuses when that would not fit, on the machine or in a control group.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_ACTIVE_SWAP,
    .max_operands = -1,
    .run = run,
};
