/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "vmstat.h"

static void check(const struct vmstat *v)
{
    for (size_t i = 0; i < v->n; i++) {
        uint64_t n;

        MUST(*v->items[i].name && !strpbrk(v->items[i].name, " \t\n"));
        MUST(vmstat_get(v, v->items[i].name, &n));
        MUST(vmstat_delta(v, v, v->items[i].name, &n) && n == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = fuzz_text(data, size);
    _cleanup_(vmstat_clear) struct vmstat v = VMSTAT_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = vmstat_parse(text, &v, &e);

    if (r == 0) {
        MUST(v.text == text && !e.text);
        check(&v);
    } else {
        MUST((r == -EBADMSG || r == -EOVERFLOW) && e.text && !v.text && !v.items);
        free(text);
    }
    return 0;
}
