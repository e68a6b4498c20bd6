/* SPDX-License-Identifier: MIT */
#include "arc.h"
#include "fuzz.h"
#include "keyed.h"
#include "trigger.h"

enum { ONE, TWO, THREE, KEYS };

static const struct keyed_key keys[KEYS] = {
    [ONE] = KEYED_KEY("size"), [TWO] = KEYED_KEY("c_min"), [THREE] = KEYED_KEY("MemFree")};

static void same(const struct kv_span *a, const struct kv_span *b)
{
    for (size_t i = 0; i < KEYS; i++)
        MUST(a[i].p == b[i].p && a[i].n == b[i].n);
}

static void inside(const struct kv_span *v, const char *text, size_t len)
{
    for (size_t i = 0; i < KEYS; i++)
        MUST(!v[i].p || (v[i].p > text && v[i].p + v[i].n <= text + len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct keyed k = KEYED_INIT(keys, ' '), of_arc = arc_keys();
    struct kv_span first[KEYS], again[KEYS];
    struct trigger t;
    struct arc a;

    keyed_find(&k, text, size, first);
    inside(first, text, size);
    /* what was seen helps with the same text, and with half of it does no harm */
    keyed_find(&k, text, size, again);
    same(first, again);
    keyed_find(&k, text, size / 2, again);
    inside(again, text, size / 2);
    if (arc_scan(&of_arc, text, size, &a, &e) == 0)
        MUST(!e.text && a.reclaimable <= a.size);
    else
        MUST(e.text);
    if (trigger_parse(text, &t, NULL) == 0)
        MUST(t.stall_us > 0 && t.stall_us <= t.window_us && t.window_us <= 10000000);
    return 0;
}
