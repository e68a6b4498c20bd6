/* SPDX-License-Identifier: MIT */
#include "session.h"
#include "swapctl.h"
#include "zram.h"

enum {
    DEVICE,
    SIZE,
    ALGORITHM,
    ORIGINAL,
    COMPRESSED,
    RATIO,
    USED,
    PEAK,
    MEM_LIMIT,
    PRIORITY,
    OURS
};

static const struct table_column columns[] = {
    [DEVICE] = {"DEVICE", TABLE_STRING, true, "the device"},
    [SIZE] = {"SIZE", TABLE_SIZE, true, "how much it can hold before compression"},
    [ALGORITHM] = {"ALGORITHM", TABLE_STRING, true, "how it compresses"},
    [ORIGINAL] = {"ORIGINAL", TABLE_SIZE, true, "what it holds, before compression"},
    [COMPRESSED] = {"COMPRESSED", TABLE_SIZE, true, "the same after compression"},
    [RATIO] = {"RATIO", TABLE_RATIO, true, "ORIGINAL divided by USED: what it is worth"},
    [USED] = {"USED", TABLE_SIZE, true, "memory that it takes"},
    [PEAK] = {"PEAK", TABLE_SIZE, false, "the most memory that it ever took"},
    [MEM_LIMIT] = {"MEM-LIMIT", TABLE_SIZE, true, "the most memory that it may take"},
    [PRIORITY] = {"PRIORITY", TABLE_NUMBER, true, "as a swap area, when it is active"},
    [OURS] = {"OURS", TABLE_BOOL, false, "set up by swapctl zram ensure"},
    TABLE_COLUMN_END,
};

static void set_stat(struct table *t, const struct zram_stat *stat)
{
    table_set_number(t, ORIGINAL, (int64_t)stat->original);
    table_set_number(t, COMPRESSED, (int64_t)stat->compressed);
    table_set_number(t, USED, (int64_t)stat->used);
    table_set_number(t, PEAK, (int64_t)stat->peak);
    if (stat->used > 0)
        table_set_number(t, RATIO, (int64_t)((double)stat->original * 100 / (double)stat->used));
    if (stat->limit > 0)
        table_set_number(t, MEM_LIMIT, (int64_t)stat->limit);
}

static int add_row(struct cmd_context *ctx, struct table *t, const struct zram *z,
                   const struct swaps *swaps, struct err *e)
{
    const struct swaps_area *area = NULL;
    char path[ZRAM_PATH_MAX];
    struct stat st;
    int r = table_row(t, e);

    if (r < 0)
        return r;
    if (root_stat(&ctx->root, zram_path(z->number, path), 0, &st) == 0)
        area = swaps_find(&ctx->root, swaps, &st);
    table_set_number(t, SIZE, (int64_t)z->size);
    table_set_number(t, OURS, z->ours);
    if (z->has_stat)
        set_stat(t, &z->stat);
    if (area)
        table_set_number(t, PRIORITY, area->priority);
    r = table_set_string(t, DEVICE, path, e);
    return r < 0 ? r : table_set_string(t, ALGORITHM, z->algorithm, e);
}

static int run(struct cmd_context *ctx, const void *values _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    int r;

    r = table_new("zram", columns, &ctx->common.table, &t, &e);
    if (r == 0)
        r = session_read_swaps(&ctx->root, &swaps, &e);
    if (r == 0)
        r = zram_list_read(&ctx->root, &list, &e);
    for (size_t i = 0; r == 0 && i < list.n; i++)
        /* one without a size is no more than a name */
        if (list.devices[i].size > 0)
            r = add_row(ctx, t, &list.devices[i], &swaps, &e);
    if (r == 0)
        r = table_print(t, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : CMD_OK;
}

const struct cmd swapctl_zram_list = {
    .name = "zram list",
    .summary = "list the zram devices and what they are worth",
    .operands = "",
    .about = "Lists the zram devices that are set up, whoever did it: what they hold, and how "
             "much memory that takes.",
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
