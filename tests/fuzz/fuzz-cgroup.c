/* SPDX-License-Identifier: MIT */
#include "cgroup.h"
#include "fuzz.h"

/* The part of the hierarchy that is mounted; the whole where there is one */
static void try_part(const char *text, int version, const char *wanted)
{
    _cleanup_(free_ptr) char *point = NULL, *part = NULL;

    if (cgroup_mount_parse_part(text, version, &point, &part) < 1)
        return;
    MUST(wanted && part && streq(point, wanted));
    MUST(strlen(part) <= strlen(text));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);

    for (int version = 1; version <= 2; version++) {
        _cleanup_(free_ptr) char *point = NULL;
        int r = cgroup_mount_parse(text, version, &point);

        MUST(r == 0 || r == 1);
        MUST((r == 1) == (point != NULL));
        MUST(!point || strlen(point) <= size);
        try_part(text, version, point);
    }
    return 0;
}
