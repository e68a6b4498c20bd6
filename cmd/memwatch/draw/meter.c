/* SPDX-License-Identifier: MIT */
#include "meter.h"

#include <math.h>

#include "cmd.h"
#include "moment.h"

/* What tells, afterwards, how memory became short and who took it from whom. */
static const char *const usual[] = {
    "ram",
    "ram.available",
    "swap",
    "swap.used",
    "psi.memory.some.avg10",
    "psi.memory.full.avg10",
    "psi.io.some.avg10",
    "psi.cpu.some.avg10",
    "reclaim.kswapd",
    "reclaim.direct",
    "reclaim.limit",
    "refault.ratio",
    "swap.in",
    "swap.out",
    "oom",
    NULL,
};

void meter_clear(struct meter *m)
{
    sampler_free(&m->sampler);
    for (size_t i = 0; i < m->n; i++)
        metric_clear(&m->metrics[i]);
    free(m->metrics);
    free(m->names);
    *m = METER_INIT;
}

static int parse(struct meter *m, const char *const *names, struct err *e)
{
    size_t n = 0;

    while (names[n])
        n++;
    if (n > HISTORY_METRICS_MAX)
        return err_usage(e, -E2BIG, "more than %d metrics", HISTORY_METRICS_MAX);
    m->metrics = calloc(n, sizeof(*m->metrics));
    m->names = calloc(n, sizeof(*m->names));
    if (!m->metrics || !m->names)
        return err_oom(e);
    for (; m->n < n; m->n++) {
        int r = metric_parse(names[m->n], &m->metrics[m->n], e);

        if (r < 0)
            return r;
        m->names[m->n] =
            (struct history_metric){m->metrics[m->n].info->unit, m->metrics[m->n].name};
    }
    return 0;
}

int meter_begin(struct meter *m, const struct root *root, const char *const *names, struct err *e)
{
    int r = parse(m, *names ? names : usual, e);

    return r < 0 ? r : sampler_new(root, m->metrics, m->n, &m->sampler, e);
}

void meter_start(struct meter *m, uint64_t interval_ms)
{
    cmd_signals_hold(&m->open);
    m->ticker = ticker_start(interval_ms);
}

void meter_take(struct meter *m)
{
    sampler_take(m->sampler);
    m->sample.uptime_ms = sampler_time(m->sampler) / 1000000;
    m->sample.time_ms = moment_now();
    for (size_t i = 0; i < m->n; i++) {
        if (sampler_value(m->sampler, i, &m->sample.values[i]) != SAMPLER_NUMBER)
            m->sample.values[i] = NAN;
    }
}

int meter_wait(struct meter *m)
{
    int r = ticker_wait(m->ticker.next, -1, &m->open);

    if (r == 0)
        ticker_advance(&m->ticker, ticker_now());
    return r;
}
