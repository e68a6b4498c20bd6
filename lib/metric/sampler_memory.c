/* SPDX-License-Identifier: MIT */
#include "sampler_family.h"

#include "arc.h"
#include "meminfo.h"

struct memory {
    struct kept file, arc_file;
    bool no_arc; /* nobody looks for it again: ZFS comes with a module, and then only once */
    struct keyed keys, arc_keys;
    struct meminfo now;
    struct arc arc;
    int arc_read; /* 0: there is one */
    struct err e, arc_e;
};

static void memory_close(void *own)
{
    struct memory *m = own;

    kept_close(&m->file);
    kept_close(&m->arc_file);
    err_clear(&m->e);
    err_clear(&m->arc_e);
    free(m);
}

static int memory_open(const struct sampler_call *call _unused_, void **out, struct err *e)
{
    struct memory *m = calloc(1, sizeof(*m));

    if (!m)
        return err_oom(e);
    m->file = KEPT_INIT("/proc/meminfo");
    m->arc_file = KEPT_INIT("/proc/spl/kstat/zfs/arcstats");
    m->keys = meminfo_keys();
    m->arc_keys = arc_keys();
    *out = m;
    return 0;
}

static void read_arc(struct memory *m, const struct sampler_call *call)
{
    if (m->no_arc)
        return;
    m->arc = (struct arc){.size = 0};
    m->arc_read = kept_read(&m->arc_file, call->root, NULL, call->text);
    m->no_arc = m->arc_read == -ENOENT;
    if (m->arc_read == 0)
        m->arc_read = arc_scan(&m->arc_keys, call->text->p, call->text->n, &m->arc, &m->arc_e);
}

static void say_arc(struct sampler_slot *s, const struct memory *m)
{
    if (m->arc_read == 0)
        sampler_slot_number(s, (double)m->arc.size);
    else if (m->arc_e.text)
        sampler_slot_broken(s, &m->arc_e);
    else
        sampler_slot_unread(s, m->arc_read, "there is no ZFS");
}

/* What ZFS gives back when programs want it; the kernel does not count it as available. */
static uint64_t available(const struct memory *m)
{
    uint64_t left = m->now.total - m->now.available;

    return m->now.available + (m->arc.reclaimable < left ? m->arc.reclaimable : left);
}

static uint64_t swap_used(const struct meminfo *now)
{
    return now->swap_total > now->swap_free ? now->swap_total - now->swap_free : 0;
}

static uint64_t swap_left(const struct meminfo *now)
{
    return now->swap_total - swap_used(now);
}

static void say(struct sampler_slot *s, const struct memory *m)
{
    switch (s->metric->info->id) {
    case METRIC_RAM:
        sampler_slot_percent(s, m->now.total - available(m), m->now.total, "there is no RAM");
        break;
    case METRIC_RAM_AVAILABLE:
        sampler_slot_number(s, (double)available(m));
        break;
    case METRIC_RAM_USED:
        sampler_slot_number(s, (double)(m->now.total - available(m)));
        break;
    case METRIC_SWAP:
        sampler_slot_percent(s, swap_used(&m->now), m->now.swap_total, "there is no swap");
        break;
    case METRIC_SWAP_USED:
        sampler_slot_number(s, (double)swap_used(&m->now));
        break;
    case METRIC_MEMORY:
        sampler_slot_percent(s, m->now.total - available(m) + swap_used(&m->now),
                             m->now.total + m->now.swap_total, "there is no memory");
        break;
    case METRIC_MEMORY_AVAILABLE:
        sampler_slot_number(s, (double)(available(m) + swap_left(&m->now)));
        break;
    default: /* METRIC_COMMIT */
        sampler_slot_percent(s, m->now.committed_as, m->now.commit_limit,
                             "this kernel does not tell it");
    }
}

static void memory_take(void *own, const struct sampler_call *call)
{
    struct memory *m = own;
    struct kv_span values[MEMINFO_FIELDS];
    int r;

    err_clear(&m->e);
    err_clear(&m->arc_e);
    read_arc(m, call);
    r = kept_find(&m->file, call->root, NULL, call->text, &m->keys, values);
    if (r == 0 && meminfo_take(values, &m->now, &m->e) < 0)
        r = -EBADMSG;
    for (struct sampler_slot *s = call->first; s; s = s->next)
        if (s->metric->info->id == METRIC_ZFS_ARC)
            say_arc(s, m);
        else if (r == 0)
            say(s, m);
        else if (m->e.text)
            sampler_slot_broken(s, &m->e);
        else
            sampler_slot_unread(s, r, "there is no /proc/meminfo; mount /proc");
}

const struct sampler_family sampler_memory_family = {memory_open, memory_take, memory_close};
