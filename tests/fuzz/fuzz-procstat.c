/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "proc.h"

/* /proc/PID/stat: whatever the name holds, the fields behind it are found. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    _cleanup_(free_ptr) char *whole = NULL;
    struct proc_stat s = {.ppid = 77};
    int r = proc_stat_parse(text, &s);

    if (r == 0) {
        MUST(strnlen(s.name, sizeof(s.name)) < sizeof(s.name));
        MUST(!(proc_stat_is_zombie(&s) && proc_stat_lost_leader(&s)));
    } else {
        MUST((r == -EBADMSG || r == -EOVERFLOW) && s.ppid == 77);
    }

    MUST(asprintf(&whole,
                  "12 (%s) S 5 6 7 0 -1 64 0 0 0 0 0 0 0 0 20 0 2 0 99 0 0 18446744073709551615 0",
                  text) > 0);
    MUST(proc_stat_parse(whole, &s) == 0);
    MUST(s.ppid == 5 && s.session == 7 && s.threads == 2 && s.start == 99 && s.state == 'S');
    MUST(strncmp(s.name, text, PROC_NAME_MAX - 1) == 0);
    return 0;
}
