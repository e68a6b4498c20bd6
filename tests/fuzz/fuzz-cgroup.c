/* SPDX-License-Identifier: MIT */
#include "cgroup.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);

    for (int version = 1; version <= 2; version++) {
        _cleanup_(free_ptr) char *point = NULL;
        int r = cgroup_mount_parse(text, version, &point);

        MUST(r == 0 || r == 1);
        MUST((r == 1) == (point != NULL));
        MUST(!point || strlen(point) <= size);
    }
    return 0;
}
