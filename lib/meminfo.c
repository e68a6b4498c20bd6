/* SPDX-License-Identifier: MIT */
#include "meminfo.h"

#include "kv.h"

struct field {
    const char *key;
    size_t offset;
    bool required;
};

static const struct field fields[] = {
    {"MemTotal", offsetof(struct meminfo, total), true},
    {"MemFree", offsetof(struct meminfo, free), true},
    {"MemAvailable", offsetof(struct meminfo, available), false},
    {"Buffers", offsetof(struct meminfo, buffers), false},
    {"Cached", offsetof(struct meminfo, cached), false},
    {"SReclaimable", offsetof(struct meminfo, sreclaimable), false},
    {"SwapTotal", offsetof(struct meminfo, swap_total), true},
    {"SwapFree", offsetof(struct meminfo, swap_free), false},
    {"SwapCached", offsetof(struct meminfo, swap_cached), false},
    {"Committed_AS", offsetof(struct meminfo, committed_as), false},
    {"CommitLimit", offsetof(struct meminfo, commit_limit), false},
};

static uint64_t add_up_to(uint64_t a, uint64_t b, uint64_t max)
{
    return a >= max || b >= max - a ? max : a + b;
}

static void settle_available(struct meminfo *m)
{
    uint64_t sum = m->free;

    if (m->available > m->total) {
        m->available = m->free < m->total ? m->free : m->total;
    } else if (m->available == 0) {
        sum = add_up_to(sum, m->buffers, m->total);
        sum = add_up_to(sum, m->cached, m->total);
        m->available = add_up_to(sum, m->sreclaimable, m->total);
        m->available_estimated = true;
    }
}

static const struct field *field_of(struct kv_span key)
{
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (kv_span_eq(key, fields[i].key))
            return &fields[i];
    return NULL;
}

int meminfo_parse(const char *text, struct meminfo *out, struct err *e)
{
    bool seen[ARRAY_SIZE(fields)] = {false};
    struct meminfo m = {0};
    struct kv kv;
    int r;

    while (kv_next(&text, ':', &kv)) {
        const struct field *f = field_of(kv.key);

        if (!f || seen[f - fields])
            continue;
        r = kv_kib(kv.value, (uint64_t *)((char *)&m + f->offset));
        if (r < 0)
            return err_set(e, r, "meminfo: %s is not a size: \"%.*s\"", f->key,
                           kv.value.n < 40 ? (int)kv.value.n : 40, kv.value.p);
        seen[f - fields] = true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (fields[i].required && !seen[i])
            return err_set(e, -ENODATA, "meminfo: has no %s; is /proc the kernel's own?",
                           fields[i].key);
    settle_available(&m);
    *out = m;
    return 0;
}

int meminfo_read(const struct root *root, struct meminfo *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, "/proc/meminfo", &text, NULL, e);

    return r < 0 ? r : meminfo_parse(text, out, e);
}
