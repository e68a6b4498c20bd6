/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "proc.h"

/* /proc/PID/smaps_rollup, and /proc/PID/statm */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    uint64_t pss = 77, uss = 77, rss = 77;
    int r = proc_pss_parse(text, &pss);

    MUST(r == 0 ? pss % 1024 == 0 : pss == 77);
    MUST(r == 0 || r == -ENODATA || r == -EBADMSG || r == -EOVERFLOW);
    r = proc_uss_parse(text, &uss);
    MUST(r == 0 ? uss % 1024 == 0 : uss == 77);
    MUST(r == 0 || r == -ENODATA || r == -EBADMSG || r == -EOVERFLOW);
    r = proc_statm_parse(text, 4096, &rss);
    MUST(r == 0 ? rss % 4096 == 0 : rss == 77);
    MUST(r == 0 || r == -EBADMSG || r == -EOVERFLOW);
    return 0;
}
