/* SPDX-License-Identifier: MIT */
#include "cglack.h"
#include "cgtree.h"
#include "cgvalue.h"
#include "fuzz.h"

static void try_own(const char *text, size_t size)
{
    _cleanup_(free_ptr) char *own = NULL;
    bool gone;
    const char *below;
    int r = cgtree_parse_own(text, &own, &gone);

    MUST(r == 0 || r == 1);
    MUST(!own || strlen(own) <= size);
    below = own ? cgtree_below("/", own) : NULL;
    MUST(!below || (*below != '/' && !strstr(below, "/..")));
}

static void try_path(const char *text)
{
    _cleanup_(free_ptr) char *path = NULL, *again = NULL;

    if (cgtree_path(text, &path, NULL) < 0)
        return;
    MUST(*path != '/' && !strstr(path, "//") && !strchr(path, '\n'));
    MUST(cgtree_path(path, &again, NULL) == 0);
    MUST(streq(path, again));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    char buf[CGVALUE_TEXT];
    uint64_t value, again;

    if (cgvalue_parse((struct kv_span){text, strlen(text)}, &value) == 0) {
        cgvalue_format(value, buf);
        MUST(cgvalue_parse((struct kv_span){buf, strlen(buf)}, &again) == 0);
        MUST(value == again);
    }
    if (cgvalue_flat(text, "oom", &value) == 0)
        MUST(strstr(text, "oom"));
    if (cgvalue_nested(text, "8:0", "rbps", &value) == 0)
        MUST(strstr(text, "8:0") && strstr(text, "rbps="));
    try_own(text, size);
    try_path(text);
    if (cglack_is_disabled(text, "memory"))
        MUST(strstr(text, "cgroup_disable=") && strstr(text, "memory"));
    return 0;
}
