/* SPDX-License-Identifier: MIT */
#include "meminfo.h"

struct field {
    size_t offset;
    bool required;
};

static const struct keyed_key keys[] = {
    KEYED_KEY("MemTotal"),    KEYED_KEY("MemFree"),      KEYED_KEY("MemAvailable"),
    KEYED_KEY("Buffers"),     KEYED_KEY("Cached"),       KEYED_KEY("SReclaimable"),
    KEYED_KEY("SwapTotal"),   KEYED_KEY("SwapFree"),     KEYED_KEY("SwapCached"),
    KEYED_KEY("CommitLimit"), KEYED_KEY("Committed_AS"),
};

/* of the keys, one by one */
static const struct field fields[] = {
    {offsetof(struct meminfo, total), true},
    {offsetof(struct meminfo, free), true},
    {offsetof(struct meminfo, available), false},
    {offsetof(struct meminfo, buffers), false},
    {offsetof(struct meminfo, cached), false},
    {offsetof(struct meminfo, sreclaimable), false},
    {offsetof(struct meminfo, swap_total), true},
    {offsetof(struct meminfo, swap_free), false},
    {offsetof(struct meminfo, swap_cached), false},
    {offsetof(struct meminfo, commit_limit), false},
    {offsetof(struct meminfo, committed_as), false},
};

_Static_assert(ARRAY_SIZE(keys) == MEMINFO_FIELDS, "as the header says");
_Static_assert(ARRAY_SIZE(fields) == MEMINFO_FIELDS, "a field for each key");

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

struct keyed meminfo_keys(void)
{
    return KEYED_INIT(keys, ':');
}

int meminfo_take(const struct kv_span values[static MEMINFO_FIELDS], struct meminfo *out,
                 struct err *e)
{
    struct meminfo m = {0};

    for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
        const struct kv_span *v = &values[i];
        int r = v->p ? kv_kib(*v, (uint64_t *)((char *)&m + fields[i].offset)) : 0;

        if (r < 0)
            return err_set(e, r, "meminfo: %s is not a size: \"%.*s\"", keys[i].name,
                           v->n < 40 ? (int)v->n : 40, v->p);
    }
    for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
        if (!values[i].p && fields[i].required)
            return err_set(e, -ENODATA, "meminfo: has no %s; is /proc the kernel's own?",
                           keys[i].name);
    settle_available(&m);
    *out = m;
    return 0;
}

int meminfo_parse(const char *text, struct meminfo *out, struct err *e)
{
    struct keyed k = meminfo_keys();
    struct kv_span values[MEMINFO_FIELDS];

    keyed_find(&k, text, strlen(text), values);
    return meminfo_take(values, out, e);
}

int meminfo_read(const struct root *root, struct meminfo *out, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    int r = root_read(root, "/proc/meminfo", &text, NULL, e);

    return r < 0 ? r : meminfo_parse(text, out, e);
}
