/* SPDX-License-Identifier: MIT */
#include "cgctl.h"
#include "cgwork.h"
#include "listing.h"

struct args {
    bool tree;
    int sort;
};

static const struct opt opts[] = {
    {'t', "tree", OPT_FLAG, offsetof(struct args, tree), NULL,
     "only the last name of a group, below the one that it is in"},
    {'s', "sort", OPT_CHOICE, offsetof(struct args, sort), "WHAT",
     "the largest first, or by path (default)", .choices = listing_sort_words},
    OPT_END,
};

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgwork_end) struct cgwork w = CGWORK_INIT;
    _cleanup_(listing_clear) struct listing l = {.sort = args->sort, .tree = args->tree};
    _cleanup_(free_ptr) char *path = NULL;
    int r;

    if (args->tree && args->sort != LISTING_BY_PATH)
        return cmd_usage(ctx, "--tree and --sort exclude each other");
    r = table_new("groups", listing_columns, &ctx->common.table, &l.table, &e);
    if (r == 0)
        r = cgwork_look(ctx, &w, &e);
    if (r == 0)
        r = cgwork_path(&w, ctx->n_operands ? ctx->operands[0] : "/", &path, &e);
    if (r == 0)
        r = listing_read(&l, &w.tree, path, &e);
    if (r == 0)
        r = listing_print(&l, SIZE_MAX, &e);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    if (listing_wants_memory(&l))
        cgwork_warn_memory(&w);
    return CMD_OK;
}

const struct cmd cgctl_list = {
    .name = "list",
    .summary = "list groups, what they use and what they may",
    .operands = "[GROUP]",
    .about = "Lists a group and the groups in it, or all, with what they use and how that is "
             "limited.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .columns = listing_columns,
    .flags = CMD_TABLE,
    .operand = CMD_OPERAND_GROUP,
    .max_operands = 1,
    .run = run,
};
