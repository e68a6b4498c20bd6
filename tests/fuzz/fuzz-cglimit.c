/* SPDX-License-Identifier: MIT */
#include "cglimit.h"
#include "cgvalue.h"
#include "fuzz.h"

static bool is_plain(const char *text)
{
    return text[strspn(text, "0123456789max ,-=bioprsw")] == '\0';
}

static void try_bytes(const char *text)
{
    uint64_t value, asked;

    if (cglimit_bytes(text, 1ULL << 32, 4096, &value, &asked, NULL) < 0)
        return;
    MUST(value == CGVALUE_MAX || value % 4096 == 0);
    MUST(value == CGVALUE_MAX || value < 1ULL << 63);
    MUST(asked == 0 || (asked > value && asked - value < 4096));
    MUST(value > 0 || !strpbrk(text, "123456789"));
}

/* The list of a list is the same list. */
static void try_cpus(const char *text)
{
    _cleanup_(free_ptr) char *once = NULL, *twice = NULL;

    if (cglimit_cpus(text, &once, NULL) < 0 || !*once)
        return;
    MUST(cglimit_cpus(once, &twice, NULL) == 0);
    MUST(streq(once, twice));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size), *old = NULL;
    char buf[CGLIMIT_TEXT], controller[CGLIMIT_CONTROLLER];
    const struct cglimit io = {.file = (char *)"io.max", .value = (char *)"8:0 rbps=1 wiops=2"};

    try_bytes(text);
    try_cpus(text);
    if (cglimit_cpu(text, buf, NULL) == 0)
        MUST(is_plain(buf) && strlen(buf) > strlen(" 100000"));
    if (cglimit_io(text, buf, NULL) == 0)
        MUST(is_plain(buf) && strchr(buf, '='));
    if (cglimit_controller(text, controller))
        MUST(!strchr(text, '/'));
    old = cglimit_undo(&io, text);
    MUST(old && str_after(old, "8:0 rbps="));
    cglimit_holds(&io, text);
    return 0;
}
