/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include "pressure.h"

enum { RESOURCES = 3, AVERAGES = 3, KINDS = 2 };

struct resource {
    struct kept file;
    struct keyed keys;
    bool wanted;
    struct pressure now;
    int r;
    struct err e;
};

static const char *const paths[RESOURCES] = {"/proc/pressure/memory", "/proc/pressure/cpu",
                                             "/proc/pressure/io"};

/* The place of a metric among those of PSI: resource, then kind, then average. */
static unsigned place_of(const struct sampler_slot *s)
{
    return (unsigned)s->metric->info->id - METRIC_PSI_FIRST;
}

static int psi_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct resource *all = calloc(RESOURCES, sizeof(*all));

    if (!all)
        return err_oom(e);
    for (size_t i = 0; i < RESOURCES; i++) {
        all[i].file = KEPT_INIT(paths[i]);
        all[i].keys = pressure_keys();
    }
    for (const struct sampler_slot *s = call->first; s; s = s->next)
        all[place_of(s) / (AVERAGES * KINDS)].wanted = true;
    *out = all;
    return 0;
}

static void psi_close(void *own)
{
    struct resource *all = own;

    for (size_t i = 0; i < RESOURCES; i++) {
        kept_close(&all[i].file);
        err_clear(&all[i].e);
    }
    free(all);
}

static void read_resource(struct resource *res, const struct sampler_call *call)
{
    struct kv_span lines[PRESSURE_LINES];

    err_clear(&res->e);
    res->r = kept_find(&res->file, call->root, NULL, call->text, &res->keys, lines);
    if (res->r == 0)
        res->r = pressure_take(lines, &res->now, &res->e);
}

static void say(struct sampler_slot *s, const struct resource *res)
{
    unsigned place = place_of(s) % (AVERAGES * KINDS);
    const struct pressure_line *line = place < AVERAGES ? &res->now.some : &res->now.full;
    const double averages[AVERAGES] = {line->avg10, line->avg60, line->avg300};

    if (res->r < 0 && res->e.text)
        sampler_slot_broken(s, &res->e);
    else if (res->r < 0)
        sampler_slot_unread(s, res->r,
                            "this kernel tells no pressure; boot it with psi=1 (it must be built "
                            "with CONFIG_PSI)");
    else if (!line->present)
        sampler_slot_say(s, SAMPLER_ABSENT, 0, "this kernel does not tell it");
    else
        sampler_slot_number(s, averages[place % AVERAGES]);
}

static void psi_take(void *own, const struct sampler_call *call)
{
    struct resource *all = own;

    for (size_t i = 0; i < RESOURCES; i++)
        if (all[i].wanted)
            read_resource(&all[i], call);
    for (struct sampler_slot *s = call->first; s; s = s->next)
        say(s, &all[place_of(s) / (AVERAGES * KINDS)]);
}

const struct sampler_family sampler_psi_family = {psi_open, psi_take, psi_close};
