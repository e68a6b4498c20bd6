/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include "gpu.h"

static void gpus_close(void *own)
{
    struct gpus *g = own;

    gpu_clear(g);
    free(g);
}

static int gpus_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct gpus *g = calloc(1, sizeof(*g));
    int r;

    if (!g)
        return err_oom(e);
    r = gpu_list(call->root, call->root->live ? GPU_NVML : NULL, g, e);
    if (r < 0)
        free(g);
    else
        *out = g;
    return r;
}

static void say(struct sampler_slot *s, const struct gpus *g)
{
    uint64_t used, total, i = UINT64_MAX;
    const char *number = s->metric->param;
    int r;

    if (kv_u64((struct kv_span){number, strlen(number)}, &i, NULL) < 0 || i >= g->n) {
        sampler_slot_say(
            s, SAMPLER_ABSENT, 0,
            "there is no such GPU with memory of its own, or its driver tells nothing");
        return;
    }
    r = gpu_memory(g, i, &used, &total);
    if (r < 0)
        sampler_slot_say(s, SAMPLER_BROKEN, -r, "its driver does not tell");
    else if (s->metric->info->id == METRIC_GPU_USED)
        sampler_slot_number(s, (double)used);
    else
        sampler_slot_percent(s, used, total, "it has no memory of its own");
}

static void gpus_take(void *own, const struct sampler_call *call)
{
    for (struct sampler_slot *s = call->first; s; s = s->next)
        say(s, own);
}

const struct sampler_family sampler_gpu_family = {gpus_open, gpus_take, gpus_close};
