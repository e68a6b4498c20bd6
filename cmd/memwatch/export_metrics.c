/* SPDX-License-Identifier: MIT */
#include "export_metrics.h"

#include "snapshot.h"

/* "cgroup:PATH.memory_percent" is called cgroup_memory: the unit says the rest. */
static void name_of(const struct metric_info *info, char out[static METRIC_NAME_MAX])
{
    static const char percent[] = "_percent";
    size_t n;

    snprintf(out, METRIC_NAME_MAX, "%s%s%s", info->name, info->field ? "_" : "",
             info->field ? info->field : "");
    for (char *p = out; *p; p++)
        if (*p == '.')
            *p = '_';
    n = strlen(out);
    if (n > strlen(percent) && streq(out + n - strlen(percent), percent))
        out[n - strlen(percent)] = '\0';
}

/* What the parameter is called: of a number its family's word. */
static const char *label_of(const struct metric_info *info)
{
    switch (info->family) {
    case METRIC_CGROUP:
        return "cgroup";
    case METRIC_GPU:
        return "gpu";
    case METRIC_PROC:
        return "pid";
    default:
        return "path";
    }
}

static struct exposition_family family_of(const struct metric_info *info,
                                          char name[static METRIC_NAME_MAX])
{
    name_of(info, name);
    return (struct exposition_family){
        .name = name,
        .unit = info->unit == METRIC_PERCENT || info->unit == METRIC_RATIO ? "ratio"
                : info->unit == METRIC_BYTES                               ? "bytes"
                                                                           : NULL,
        .help = info->meaning,
    };
}

/* Of one family there must be no two samples with the same labels. */
static bool was_before(const struct metric *metrics, size_t i)
{
    for (size_t k = 0; k < i; k++)
        if (streq(metrics[k].name, metrics[i].name))
            return true;
    return false;
}

static void write_family(const struct export_sources *s, const struct metric_info *info,
                         const struct metric *metrics, const struct snapshot_value *v, size_t n)
{
    char name[METRIC_NAME_MAX];
    const struct exposition_family family = family_of(info, name);

    exposition_begin(s->x, &family);
    for (size_t i = 0; i < n; i++) {
        const struct exposition_label labels[] = {{label_of(info), metrics[i].param}, {NULL, NULL}};

        if (metrics[i].info == info && v[i].state == SAMPLER_NUMBER && !was_before(metrics, i))
            exposition_sample(s->x, info->param ? labels : NULL,
                              info->unit == METRIC_PERCENT ? v[i].value / 100 : v[i].value);
    }
}

int export_metrics_write(const struct export_sources *s, const struct metric *metrics, size_t n,
                         struct err *e)
{
    static const struct snapshot_times times = {.interval_ms = 1000, .timeout_ms = 10000};
    _cleanup_(free_ptr) struct snapshot_value *v = calloc(n + 1, sizeof(*v));
    int r = v ? snapshot_take(s->root, metrics, n, &times, v, e) : err_oom(e);

    if (r < 0)
        return r;
    for (int id = 0; id < METRIC_IDS; id++)
        write_family(s, &metric_infos()[id], metrics, v, n);
    for (size_t i = 0; i < n; i++) {
        if (v[i].state != SAMPLER_BROKEN || metrics[i].info->family == METRIC_GPU)
            continue;
        err_set(e, -EIO, "%s", v[i].why);
        return 1;
    }
    return 0;
}
