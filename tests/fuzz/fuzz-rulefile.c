/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "rulefile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(rulefile_clear) struct rulefile f = RULEFILE_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    /* a block of exactly its size, and no NUL behind it */
    _cleanup_(free_ptr) char *text = malloc(size ? size : 1);
    size_t last = 0;
    int r;

    MUST(text);
    memcpy(text, data, size);
    r = rulefile_parse("f", text, size, &f, &e);
    if (r < 0) {
        MUST((r == -EINVAL || r == -ERANGE) && e.kind == ERR_USAGE && e.text);
        MUST(strncmp(e.text, "f:", 2) == 0 && !f.rules && !f.options);
        return 0;
    }
    for (size_t i = 0; i < f.n_rules; i++) {
        MUST(f.rules[i].line > last && f.rules[i].rule.text);
        last = f.rules[i].line;
    }
    last = 0;
    for (size_t i = 0; i < f.n_options; i++) {
        MUST(f.options[i].line > last && f.options[i].name && f.options[i].value);
        last = f.options[i].line;
    }
    return 0;
}
