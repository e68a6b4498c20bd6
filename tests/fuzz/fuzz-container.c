/* SPDX-License-Identifier: MIT */
#include "container.h"
#include "fuzz.h"
#include "proc.h"

/* /proc/PID/cgroup */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    const char *cursor = text;
    struct proc_cgroup line;
    struct container c;
    bool in_line = false;

    while (proc_cgroup_next(&cursor, &line)) {
        MUST(line.path.n > 0 && *line.path.p == '/');
        MUST(line.path.p >= text && line.path.p + line.path.n <= text + strlen(text));
        MUST(!memchr(line.path.p, '\n', line.path.n));
        in_line = true;
    }
    if (container_parse(text, &c)) {
        MUST(in_line && container_is_id(c.id) && strlen(c.id) == CONTAINER_ID);
        MUST(strstr(text, c.id));
    }
    return 0;
}
