/* SPDX-License-Identifier: MIT */
#include "each.h"
#include "swapctl.h"
#include "zramsetup.h"

struct args {
    bool all_ours;
    bool force;
};

static const struct opt opts[] = {
    {'\0', "all-ours", OPT_FLAG, offsetof(struct args, all_ours), NULL,
     "all devices that \"swapctl zram ensure\" set up, and no other"},
    {'f', "force", OPT_FLAG, offsetof(struct args, force), NULL,
     "even if what it holds may not fit into RAM and the other areas"},
    OPT_END,
};

static int one(struct session *s, const char *operand, const void *values, struct plan *plan,
               struct err *e)
{
    const struct args *args = values;
    _cleanup_(zramsetup_clear) struct zramsetup setup = ZRAMSETUP_INIT;
    _cleanup_(zram_clear) struct zram z = ZRAM_INIT;
    unsigned number;
    int r;

    if (!zram_parse_name(operand, &number))
        return err_usage(e, -EINVAL, "%s: is no zram device; write it like /dev/zram0", operand);
    r = zram_read(&s->ctx->root, number, &z, e);
    if (r == -ENODEV) {
        err_clear(e); /* that is what was wanted */
        return 0;
    }
    if (r == 0)
        r = zramsetup_find(&s->ctx->root, (int)number, &setup, e);
    if (r == 0)
        r = zramsetup_plan_remove(&setup, &s->swaps, args->force, plan, e);
    return r < 0 ? r : cmd_plan_run(s->ctx, plan, e);
}

/* The names of ours in place of the operands. */
static int run_all(struct cmd_context *ctx, const struct args *args)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;
    _cleanup_(free_ptr) char(*paths)[ZRAM_PATH_MAX] = NULL;
    _cleanup_(free_ptr) const char **names = NULL;
    int r = zram_list_read(&ctx->root, &list, &e), n = 0;

    if (r < 0)
        return cmd_fail(ctx, r, &e);
    paths = calloc(list.n + 1, sizeof(*paths));
    names = calloc(list.n + 1, sizeof(*names));
    if (!paths || !names)
        return cmd_fail(ctx, err_oom(&e), &e);
    for (size_t i = 0; i < list.n; i++)
        if (list.devices[i].ours) {
            names[n] = zram_path(list.devices[i].number, paths[n]);
            n++;
        }
    ctx->operands = names;
    ctx->n_operands = n;
    r = each_run(ctx, true, args, one);
    if (r == CMD_OK && n == 0 && !ctx->common.json)
        puts("unchanged");
    return r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;

    if (args->all_ours && ctx->n_operands > 0)
        return cmd_usage(ctx, "--all-ours: takes no DEVICE");
    if (args->all_ours)
        return run_all(ctx, args);
    if (ctx->n_operands == 0)
        return cmd_usage(ctx, "missing DEVICE, or --all-ours");
    return each_run(ctx, true, args, one);
}

const struct cmd swapctl_zram_remove = {
    .name = "zram remove",
    .summary = "take swap in compressed RAM away",
    .operands = "DEVICE...|--all-ours",
    .about = "Deactivates zram devices that \"swapctl zram ensure\" set up and removes them. What "
             "they hold moves into RAM and the other areas; refused when that would not fit.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .flags = CMD_CHANGES,
    .operand = CMD_OPERAND_FILE,
    .max_operands = -1,
    .run = run,
};
