/* SPDX-License-Identifier: MIT */
#include "sampler.h"

#include "sampler_family.h"
#include <time.h>

enum { FAMILIES = METRIC_PROC + 1, WHY_MAX = 320 };

struct member {
    struct sampler_slot *first; /* NULL: nobody asked for it */
    void *own;
};

struct sampler {
    const struct root *root;
    struct sampler_slot *slots;
    size_t n;
    struct member members[FAMILIES];
    struct procscan_text text;
    uint64_t time, interval;
    char why[WHY_MAX];
};

static const struct sampler_family *const families[FAMILIES] = {
    [METRIC_MEMINFO] = &sampler_memory_family, [METRIC_VMSTAT] = &sampler_vmstat_family,
    [METRIC_GPU] = &sampler_gpu_family,        [METRIC_KSWAPD] = &sampler_kswapd_family,
    [METRIC_PSI] = &sampler_psi_family,        [METRIC_DISK] = &sampler_disk_family,
    [METRIC_CGROUP] = &sampler_cgroup_family,  [METRIC_PROC] = &sampler_proc_family,
};

static struct sampler_call call_of(struct sampler *s, size_t family)
{
    return (struct sampler_call){s->root, s->members[family].first, &s->text, s->time, s->interval};
}

void sampler_free(struct sampler **s)
{
    struct sampler *old = TAKE_PTR(*s);

    if (!old)
        return;
    for (size_t i = 0; i < FAMILIES; i++)
        if (old->members[i].own)
            families[i]->close(old->members[i].own);
    procscan_text_clear(&old->text);
    free(old->slots);
    free(old);
}

/* From the last to the first, so that each family's slots stand in the order of the metrics. */
static void link_slots(struct sampler *s, const struct metric *metrics)
{
    for (size_t i = s->n; i-- > 0;) {
        struct member *member = &s->members[metrics[i].info->family];

        s->slots[i] = (struct sampler_slot){
            .metric = &metrics[i],
            .next = member->first,
            .state = SAMPLER_EARLY,
            .why = "no sample was taken yet",
        };
        member->first = &s->slots[i];
    }
}

static int open_families(struct sampler *s, struct err *e)
{
    int r = 0;

    for (size_t i = 0; i < FAMILIES && r == 0; i++) {
        struct sampler_call call = call_of(s, i);

        if (call.first)
            r = families[i]->open(&call, &s->members[i].own, e);
    }
    return r;
}

int sampler_new(const struct root *root, const struct metric *metrics, size_t n,
                struct sampler **out, struct err *e)
{
    _cleanup_(sampler_free) struct sampler *s = calloc(1, sizeof(*s));
    int r;

    if (!s)
        return err_oom(e);
    s->root = root;
    s->n = n;
    s->slots = calloc(n ? n : 1, sizeof(*s->slots));
    if (!s->slots)
        return err_oom(e);
    link_slots(s, metrics);
    r = open_families(s, e);
    if (r == 0)
        *out = TAKE_PTR(s);
    return r;
}

static uint64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

void sampler_take(struct sampler *s)
{
    uint64_t before = s->time;

    s->time = now();
    s->interval = before ? s->time - before : 0;
    for (size_t i = 0; i < FAMILIES; i++) {
        struct sampler_call call = call_of(s, i);

        if (s->members[i].own)
            families[i]->take(s->members[i].own, &call);
    }
}

enum sampler_state sampler_value(const struct sampler *s, size_t i, double *out)
{
    if (s->slots[i].state == SAMPLER_NUMBER)
        *out = s->slots[i].value;
    return s->slots[i].state;
}

const char *sampler_why(struct sampler *s, size_t i)
{
    const struct sampler_slot *slot = &s->slots[i];

    if (slot->state == SAMPLER_NUMBER)
        return "";
    if (slot->whole)
        return slot->why;
    snprintf(s->why, sizeof(s->why), "%s: %s%s%s", slot->metric->name, slot->why,
             slot->error ? ": " : "", slot->error ? strerror(slot->error) : "");
    return s->why;
}

uint64_t sampler_time(const struct sampler *s)
{
    return s->time;
}

uint64_t sampler_interval(const struct sampler *s)
{
    return s->interval;
}
