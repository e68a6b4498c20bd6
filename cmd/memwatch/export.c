/* SPDX-License-Identifier: MIT */
#include "export_cgroups.h"
#include "export_metrics.h"
#include "memwatch.h"
#include "textfile.h"

enum { GPUS_MAX = 16 };

struct args {
    bool prometheus, openmetrics, all;
    const char *textfile;
};

static const struct opt opts[] = {
    {0, "prometheus", OPT_FLAG, offsetof(struct args, prometheus), NULL,
     "write the text format of Prometheus, 0.0.4"},
    {0, "openmetrics", OPT_FLAG, offsetof(struct args, openmetrics), NULL,
     "write OpenMetrics 1.0.0"},
    {0, "textfile", OPT_FILE, offsetof(struct args, textfile), "PATH",
     "replace this file at once, for node_exporter's textfile collector; its name ends in .prom"},
    {0, "all", OPT_FLAG, offsetof(struct args, all), NULL,
     "also what node_exporter has, and all control groups"},
    OPT_END,
};

static const struct {
    const char *name;
    export_sources_fn *fn;
} sources[] = {
    {"swap", export_sources_swap},       {"declared", export_sources_declared},
    {"zram", export_sources_zram},       {"zswap", export_sources_zswap},
    {"reclaim", export_sources_reclaim}, {"cgroups", export_cgroups_write},
};

struct metrics {
    struct metric *list; /* owned */
    size_t n;
};

static void metrics_clear(struct metrics *m)
{
    for (size_t i = 0; i < m->n; i++)
        metric_clear(&m->list[i]);
    free(m->list);
}

static int add_metric(struct metrics *m, const char *name, struct err *e)
{
    struct metric *list = reallocarray(m->list, m->n + 1, sizeof(*list));
    int r;

    if (!list)
        return err_oom(e);
    m->list = list;
    r = metric_parse(name, &list[m->n], e);
    if (r == 0)
        m->n++;
    return r;
}

static int add_asked(struct metrics *m, const char *name, struct err *e)
{
    int r = add_metric(m, name, e);

    if (r < 0 || !m->list[m->n - 1].info->change)
        return r;
    return err_usage(e, -EINVAL,
                     "%s: is told between two samples, and Prometheus does that by itself; it is "
                     "exported as a counter, where the kernel has one",
                     name);
}

static int add_gpus(struct metrics *m, struct err *e)
{
    int r = 0;

    for (int i = 0; i < 2 * GPUS_MAX && r == 0; i++) {
        char name[24];

        snprintf(name, sizeof(name), i % 2 ? "gpu:%d.used" : "gpu:%d", i / 2);
        r = add_metric(m, name, e);
    }
    return r;
}

/* What there is without a parameter, and without a second sample. */
static int add_all(struct metrics *m, struct err *e)
{
    int r = 0;

    for (int id = 0; id < METRIC_IDS && r == 0; id++) {
        const struct metric_info *info = &metric_infos()[id];

        if (!info->param && !info->change)
            r = add_metric(m, info->name, e);
    }
    return r;
}

static int choose(const struct cmd_context *ctx, const struct args *args, struct metrics *m,
                  struct err *e)
{
    int r = 0;

    for (int i = 0; i < ctx->n_operands && r == 0; i++)
        r = add_asked(m, ctx->operands[i], e);
    if (r == 0 && ctx->n_operands == 0)
        r = add_gpus(m, e);
    if (r == 0 && args->all)
        r = add_all(m, e);
    return r;
}

/* ---- writing */

static int write_sources(const struct cmd_context *ctx, const struct export_sources *s)
{
    static const struct exposition_family success = {"export_success", EXPOSITION_GAUGE, NULL,
                                                     "Whether a source could be read: 1 or 0."};
    bool failed[ARRAY_SIZE(sources)] = {false};
    int status = CMD_OK;

    for (size_t i = 0; i < ARRAY_SIZE(sources); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        failed[i] = sources[i].fn(s, &e) < 0;
        if (!failed[i])
            continue;
        cmd_warn(ctx, "%s", e.text ? e.text : "out of memory");
        status = CMD_PARTIAL;
    }
    exposition_begin(s->x, &success);
    for (size_t i = 0; i < ARRAY_SIZE(sources); i++)
        exposition_sample(
            s->x, (const struct exposition_label[]){{"source", sources[i].name}, {NULL, NULL}},
            !failed[i]);
    return status;
}

/* Return: an exit status, or a negated errno. */
static int write_all(const struct cmd_context *ctx, const struct export_sources *s,
                     const struct metrics *m, struct err *e)
{
    int status = ctx->n_operands == 0 ? write_sources(ctx, s) : CMD_OK;
    int r = export_metrics_write(s, m->list, m->n, e);

    exposition_end(s->x);
    if (r <= 0)
        return r < 0 ? r : status;
    cmd_warn(ctx, "%s", e->text);
    return CMD_PARTIAL;
}

static int make(const struct cmd_context *ctx, const struct args *args, char **text, size_t *len,
                struct err *e)
{
    _cleanup_(metrics_clear) struct metrics m = {NULL, 0};
    FILE *out = open_memstream(text, len);
    struct exposition x =
        EXPOSITION_INIT(out, args->openmetrics ? EXPOSITION_OPENMETRICS : EXPOSITION_PROMETHEUS);
    const struct export_sources s = {&ctx->root, &x, args->all};
    int r;

    if (!out)
        return err_oom(e);
    r = choose(ctx, args, &m, e);
    if (r == 0)
        r = write_all(ctx, &s, &m, e);
    return fclose(out) == 0 ? r : err_oom(e);
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) char *text = NULL;
    size_t len = 0;
    int status, r = 0;

    if (args->prometheus == args->openmetrics && !(args->textfile && !args->openmetrics))
        return cmd_usage(ctx, "which format? give one of --prometheus and --openmetrics");
    if (args->textfile && args->openmetrics)
        return cmd_usage(ctx, "--textfile: node_exporter does not read OpenMetrics there");
    if (args->textfile && !str_ends(args->textfile, ".prom"))
        return cmd_usage(ctx, "--textfile: \"%s\": node_exporter reads only what ends in .prom",
                         args->textfile);
    cmd_signals_catch();
    status = make(ctx, args, &text, &len, &e);
    if (status >= 0 && args->textfile)
        r = textfile_replace(&ctx->root, args->textfile, text, len, &e);
    else if (status >= 0)
        fwrite(text, 1, len, stdout);
    if (status < 0 || r < 0)
        return cmd_fail(ctx, status < 0 ? status : r, &e);
    return status;
}

const struct cmd memwatch_export = {
    .name = "export",
    .summary = "write metrics for Prometheus",
    .operands = "[METRIC...]",
    .about =
        "Writes what node_exporter lacks: swap areas, active and declared, zram and zswap, who "
        "reclaims, limits and events of control groups, GPUs. With METRIC only these.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .max_operands = -1,
    .run = run,
};
