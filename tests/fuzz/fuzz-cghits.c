/* SPDX-License-Identifier: MIT */
#include "cghits.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);
    const struct cghits_count untouched = {{1, 2, 3, 4}};
    struct cghits_count c = untouched;
    int r = cghits_parse(text, &c);

    MUST(r == 0 || r == -ENODATA || r == -EBADMSG || r == -EOVERFLOW);
    MUST(r == 0 || memcmp(&c, &untouched, sizeof(c)) == 0);
    return 0;
}
