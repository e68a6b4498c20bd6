/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include "kswapd.h"

enum { PATH = 32 };

struct thread {
    unsigned node;
    char path[PATH];
    struct kept file; /* stays that of this thread: its number may go to another */
    uint64_t ticks;
    bool known;
    double percent; /* of a processor, in the last interval */
    bool told;
};

struct threads {
    struct thread *items;
    size_t n;
    double per_second; /* clock ticks */
};

static void threads_close(void *own)
{
    struct threads *all = own;

    for (size_t i = 0; i < all->n; i++)
        kept_close(&all->items[i].file);
    free(all->items);
    free(all);
}

static int threads_open(const struct sampler_call *call, void **out, struct err *e)
{
    struct threads *all = calloc(1, sizeof(*all));
    struct kswapd found = {.n = 0};

    if (kswapd_find(call->root, &found, NULL) < 0)
        found.n = 0;
    if (all)
        all->items = calloc(found.n ? found.n : 1, sizeof(*all->items));
    if (!all || !all->items) {
        free(all);
        return err_oom(e);
    }
    all->per_second = (double)sysconf(_SC_CLK_TCK);
    for (; all->n < found.n; all->n++) {
        struct thread *t = &all->items[all->n];

        t->node = found.nodes[all->n].node;
        snprintf(t->path, sizeof(t->path), "/proc/%d/stat", (int)found.nodes[all->n].pid);
        t->file = KEPT_INIT(t->path);
    }
    *out = all;
    return 0;
}

static void take_thread(struct thread *t, const struct sampler_call *call, double per_second)
{
    struct proc_stat s;
    uint64_t before = t->ticks;
    bool had = t->known;
    unsigned node;

    t->known = kept_read(&t->file, call->root, NULL, call->text) == 0 &&
               proc_stat_parse(call->text->p, &s) == 0 && proc_stat_is_kthread(&s) &&
               kswapd_parse_name(s.name, &node) && node == t->node;
    t->told = had && t->known && s.cpu >= before && call->interval > 0;
    if (t->told)
        t->percent = 100.0 * (double)(s.cpu - before) / per_second / ((double)call->interval / 1e9);
    if (t->known)
        t->ticks = s.cpu;
}

/* Of the node that is asked for, or the busiest. */
static void say(struct sampler_slot *s, const struct threads *all)
{
    const char *node = s->metric->param;
    double most = -1;
    bool any = false;

    for (size_t i = 0; i < all->n; i++) {
        const struct thread *t = &all->items[i];
        uint64_t n = t->node;

        if (node && (kv_u64((struct kv_span){node, strlen(node)}, &n, NULL) < 0 || n != t->node))
            continue;
        any = any || t->known;
        if (t->told && t->percent > most)
            most = t->percent;
    }
    if (most >= 0)
        sampler_slot_number(s, most);
    else if (any)
        sampler_slot_say(s, SAMPLER_EARLY, 0, "is told between two samples");
    else
        sampler_slot_say(
            s, SAMPLER_ABSENT, 0,
            "its thread is not to be seen here, as in a container, or there is no such "
            "node");
}

static void threads_take(void *own, const struct sampler_call *call)
{
    struct threads *all = own;

    for (size_t i = 0; i < all->n; i++)
        take_thread(&all->items[i], call, all->per_second);
    for (struct sampler_slot *s = call->first; s; s = s->next)
        say(s, all);
}

const struct sampler_family sampler_kswapd_family = {threads_open, threads_take, threads_close};
