/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "proc.h"

/* /proc/PID/status */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    struct proc_status s = {.ruid = 77};
    int r = proc_status_parse(text, &s);

    if (r == 0) {
        MUST(strnlen(s.name, sizeof(s.name)) < sizeof(s.name));
        MUST(s.has_swap || s.swap == 0);
        MUST(s.has_rss || s.rss == 0);
        MUST(s.swap % 1024 == 0 && s.rss % 1024 == 0);
    } else {
        MUST((r == -ENODATA || r == -EBADMSG || r == -EOVERFLOW) && s.ruid == 77);
    }
    return 0;
}
