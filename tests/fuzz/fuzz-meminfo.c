/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "meminfo.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct meminfo m;
    int r;

    memset(&m, 0xaa, sizeof(m));
    r = meminfo_parse(text, &m, &e);
    if (r == 0) {
        MUST(!e.text && m.available <= m.total);
        MUST(m.total % 1024 == 0 && m.swap_total % 1024 == 0);
    } else {
        MUST(r == -ENODATA || r == -EBADMSG || r == -EOVERFLOW);
        MUST(e.text && m.total == UINT64_C(0xaaaaaaaaaaaaaaaa));
    }
    return 0;
}
