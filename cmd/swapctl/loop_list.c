/* SPDX-License-Identifier: MIT */
#include "loop.h"
#include "session.h"
#include "swapctl.h"

enum { DEVICE, BACKING_FILE, SIZE, AUTOCLEAR, DIRECT_IO, SWAP, OFFSET, READ_ONLY };

static const struct table_column columns[] = {
    [DEVICE] = {"DEVICE", TABLE_STRING, true, "the loop device"},
    [BACKING_FILE] = {"BACKING-FILE", TABLE_STRING, true,
                      "the file behind it, as the kernel names it"},
    [SIZE] = {"SIZE", TABLE_SIZE, true, "size of the device"},
    [AUTOCLEAR] = {"AUTOCLEAR", TABLE_BOOL, true, "it goes when nobody uses it any more"},
    [DIRECT_IO] = {"DIRECT-IO", TABLE_BOOL, true, "it goes around the cache of the file"},
    [SWAP] = {"SWAP", TABLE_BOOL, true, "it is an active swap area"},
    [OFFSET] = {"OFFSET", TABLE_SIZE, false, "where in the file it begins"},
    [READ_ONLY] = {"READ-ONLY", TABLE_BOOL, false, "it cannot be written to"},
    TABLE_COLUMN_END,
};

/* What is listed, and what is wanted of it. */
struct work {
    struct cmd_context *ctx;
    struct table *table;
    struct swaps swaps;
};

static bool is_swap(const struct work *w, const struct loop *l)
{
    char path[LOOP_PATH_MAX];
    struct stat st;

    loop_path(l->number, path);
    for (size_t i = 0; i < w->swaps.n; i++) {
        const char *name = w->swaps.areas[i].path;
        /* in a foreign root there are no devices */
        bool device = root_stat(&w->ctx->root, name, 0, &st) == 0 && S_ISBLK(st.st_mode);

        if (device ? st.st_rdev == l->rdev : streq(name, path))
            return true;
    }
    return false;
}

static int add_row(const struct work *w, const struct loop *l, struct err *e)
{
    char path[LOOP_PATH_MAX];
    int r = table_row(w->table, e);

    if (r < 0)
        return r;
    table_set_number(w->table, SIZE, (int64_t)l->size);
    table_set_number(w->table, AUTOCLEAR, l->autoclear);
    table_set_number(w->table, DIRECT_IO, l->direct_io);
    table_set_number(w->table, SWAP, is_swap(w, l));
    table_set_number(w->table, OFFSET, (int64_t)l->offset);
    table_set_number(w->table, READ_ONLY, l->read_only);
    r = table_set_string(w->table, DEVICE, loop_path(l->number, path), e);
    return r < 0 ? r : table_set_string(w->table, BACKING_FILE, l->backing_file, e);
}

/* The devices of one file, or all. Return: 0, 1 if there are none, or a negated errno. */
static int add_rows(const struct work *w, const struct stat *file, struct err *e)
{
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;
    int r = loop_list_read(&w->ctx->root, file, &list, e);

    for (size_t i = 0; i < list.n && r == 0; i++)
        r = add_row(w, &list.loops[i], e);
    return r == 0 && list.n == 0 ? 1 : r;
}

static int add_named(const struct work *w, struct err *e)
{
    int r = 0, missing = 0;

    for (int i = 0; i < w->ctx->n_operands && r >= 0; i++) {
        _cleanup_(close_fd) int fd = root_open_named(&w->ctx->root, w->ctx->operands[i], O_PATH);
        struct stat st;

        r = fd >= 0 && fstat(fd, &st) == 0 ? add_rows(w, &st, e) : 1;
        missing |= r == 1;
    }
    return r < 0 ? r : missing;
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    struct work w = {.ctx = ctx, .swaps = SWAPS_INIT};
    int r, missing = 0;

    r = table_new("loops", columns, &ctx->common.table, &t, &e);
    w.table = t;
    if (r == 0)
        r = session_read_swaps(&ctx->root, &w.swaps, &e);
    if (r == 0)
        r = ctx->n_operands > 0 ? (missing = add_named(&w, &e)) : add_rows(&w, NULL, &e);
    if (r >= 0)
        r = table_print(t, &e);
    swaps_clear(&w.swaps);
    if (r < 0)
        return cmd_fail(ctx, r, &e);
    return missing ? CMD_NO : CMD_OK;
}

const struct cmd swapctl_loop_list = {
    .name = "loop list",
    .summary = "list loop devices and the files behind them",
    .operands = "[PATH...]",
    .about = "Lists the loop devices that have a file, or those whose file is one that is named, "
             "by whatever name. Exit status 1: a file that was named has none.",
    .columns = columns,
    .flags = CMD_TABLE,
    .operand = CMD_OPERAND_FILE,
    .min_operands = 0,
    .max_operands = -1,
    .run = run,
};
