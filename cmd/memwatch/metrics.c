/* SPDX-License-Identifier: MIT */
#include "memwatch.h"
#include "sampler.h"

#include <time.h>

enum { NAME, UNIT, VALUE, WHY, MEANING };

static const struct table_column columns[] = {
    [NAME] = {"NAME", TABLE_STRING, true, "of the metric; PATH, N and PID are yours to fill in"},
    [UNIT] = {"UNIT", TABLE_STRING, true, "of its values"},
    [VALUE] = {"VALUE", TABLE_STRING, false, "here and now, of those without PATH, N and PID",
               .dear = true},
    [WHY] = {"WHY", TABLE_STRING, false, "there is no value here", .dear = true},
    [MEANING] = {"MEANING", TABLE_STRING, true, "what they say"},
    TABLE_COLUMN_END,
};

/* What is told between two samples is told of this long. */
enum { INTERVAL_MS = 200 };

/* Those without a parameter. */
struct values {
    struct metric metrics[METRIC_IDS];
    size_t n;
    struct sampler *sampler; /* NULL: nobody wants to know */
};

static void values_clear(struct values *v)
{
    sampler_free(&v->sampler);
    for (size_t i = 0; i < v->n; i++)
        metric_clear(&v->metrics[i]);
}

static int measure(const struct root *root, struct values *v, struct err *e)
{
    const struct timespec pause = {.tv_nsec = INTERVAL_MS * 1000000};
    int r = 0;

    for (int i = 0; i < METRIC_IDS && r == 0; i++) {
        if (metric_infos()[i].param)
            continue;
        r = metric_parse(metric_infos()[i].name, &v->metrics[v->n], e);
        v->n += r == 0;
    }
    if (r == 0)
        r = sampler_new(root, v->metrics, v->n, &v->sampler, e);
    if (r < 0)
        return r;
    sampler_take(v->sampler);
    nanosleep(&pause, NULL);
    sampler_take(v->sampler);
    return 0;
}

/* What was measured of the row's metric. */
static int add_value(struct table *t, const struct values *v, const struct metric_info *info,
                     struct err *e)
{
    for (size_t i = 0; i < v->n; i++) {
        char text[METRIC_TEXT_MAX];
        double value;

        if (v->metrics[i].info != info)
            continue;
        if (sampler_value(v->sampler, i, &value) != SAMPLER_NUMBER)
            return table_set_string(t, WHY, sampler_why(v->sampler, i), e);
        metric_format(info->unit, value, text);
        return table_set_string(t, VALUE, text, e);
    }
    return 0;
}

static int add_row(struct table *t, const struct values *v, const struct metric_info *info,
                   struct err *e)
{
    const char *unit = metric_unit_text(info->unit);
    char name[METRIC_NAME_MAX];
    int r = table_row(t, e);

    metric_full_name(info, name);
    if (r == 0)
        r = table_set_string(t, NAME, name, e);
    if (r == 0)
        r = table_set_string(t, UNIT, *unit ? unit : NULL, e);
    if (r == 0 && v->sampler)
        r = add_value(t, v, info, e);
    return r < 0 ? r : table_set_string(t, MEANING, info->meaning, e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(table_free) struct table *t = NULL;
    _cleanup_(values_clear) struct values v = {.n = 0};
    int r = table_new("metrics", columns, &ctx->common.table, &t, &e);

    (void)values;
    if (r == 0 && (table_wants(t, VALUE) || table_wants(t, WHY)))
        r = measure(&ctx->root, &v, &e);
    for (int i = 0; i < METRIC_IDS && r == 0; i++)
        r = add_row(t, &v, &metric_infos()[i], &e);
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
        "they say. With \"-o +value,why\" also what they are here and now, and why one is not.",
    .columns = columns,
    .flags = CMD_TABLE,
    .run = run,
};
