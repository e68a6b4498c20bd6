/* SPDX-License-Identifier: MIT */
#include "exposition.h"
#include "fuzz.h"
#include "utf8.h"

static const struct exposition_family family = {"x", EXPOSITION_GAUGE, NULL, "help"};

/* Whatever a name is made of, a sample stays one line of UTF-8, and its quotes stay where they are.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *label = fuzz_text(data, size), *text = NULL;
    const struct exposition_label labels[] = {{"path", label}, {NULL, NULL}};
    const char before[] = "# HELP headroom_x help\n# TYPE headroom_x gauge\nheadroom_x{path=\"";
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct exposition x = EXPOSITION_INIT(out, EXPOSITION_PROMETHEUS);
    const char *p;

    MUST(out);
    exposition_begin(&x, &family);
    exposition_sample(&x, labels, 1);
    MUST(fclose(out) == 0);
    p = str_after(text, before);
    MUST(p);
    while (*p != '"') {
        MUST(*p && *p != '\n' && utf8_length(p) > 0);
        p += *p == '\\' ? 2 : utf8_length(p);
    }
    MUST(streq(p, "\"} 1\n"));
    return 0;
}
