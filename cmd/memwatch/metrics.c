/* SPDX-License-Identifier: MIT */
#include "memwatch.h"
#include "metric.h"

enum { NAME, UNIT, MEANING };

static const struct table_column columns[] = {
    [NAME] = {"NAME", TABLE_STRING, true, "of the metric; PATH, N and PID are yours to fill in"},
    [UNIT] = {"UNIT", TABLE_STRING, true, "of its values"},
    [MEANING] = {"MEANING", TABLE_STRING, true, "what they say"},
    TABLE_COLUMN_END,
};

static int add_row(struct table *t, const struct metric_info *info, struct err *e)
{
    const char *unit = metric_unit_text(info->unit);
    char name[METRIC_NAME_MAX];
    int r = table_row(t, e);

    metric_full_name(info, name);
    if (r == 0)
        r = table_set_string(t, NAME, name, e);
    if (r == 0)
        r = table_set_string(t, UNIT, *unit ? unit : NULL, e);
    return r < 0 ? r : table_set_string(t, MEANING, info->meaning, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    int r = table_new("metrics", columns, &ctx->common.table, &t, &e);

    (void)values;
    for (int i = 0; i < METRIC_IDS && r == 0; i++)
        r = add_row(t, &metric_infos()[i], &e);
    if (r == 0)
        r = table_print(t, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : CMD_OK;
}

const struct cmd memwatch_metrics = {
    .name = "metrics",
    .summary = "list what can be measured",
    .operands = "",
    .about =
        "Lists the metrics: their names, as every subcommand takes them, their units, and what "
        "they say.",
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
