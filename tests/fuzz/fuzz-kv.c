/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "kv.h"

static bool is_trimmed(struct kv_span s)
{
    static const char blanks[] = " \t";

    return s.n == 0 || !(strchr(blanks, s.p[0]) || strchr(blanks, s.p[s.n - 1]));
}

static bool lies_in(struct kv_span s, const char *begin, const char *end)
{
    return s.p >= begin && s.p + s.n <= end && !memchr(s.p, '\n', s.n);
}

static void check_number(struct kv_span span)
{
    _cleanup_(free_ptr) char *copy = strndup(span.p, span.n);
    struct kv_span rest;
    uint64_t n = 0, kib = 0;
    int r = kv_u64(span, &n, &rest);

    MUST(copy);
    if (r == 0) {
        MUST(strtoull(copy, NULL, 10) == n);
        MUST(is_trimmed(rest) && rest.p >= span.p && rest.p + rest.n <= span.p + span.n);
    }
    MUST((kv_u64(span, &n, NULL) == 0) == (r == 0 && strspn(copy, "0123456789") == span.n));
    if (kv_kib(span, &kib) == 0)
        MUST(r == 0 && kib / 1024 == n && kib % 1024 == 0);
}

static void check_lines(const char *text, char sep)
{
    const char *cursor = text, *before = text;
    struct kv kv;

    while (kv_next(&cursor, sep, &kv)) {
        _cleanup_(free_ptr) char *key = strndup(kv.key.p, kv.key.n);
        struct kv_span first;

        MUST(cursor > before && lies_in(kv.key, before, cursor) &&
             lies_in(kv.value, before, cursor));
        MUST(is_trimmed(kv.key) && is_trimmed(kv.value) && !memchr(kv.key.p, sep, kv.key.n));
        MUST(key && kv_find(text, sep, key, &first) && first.p <= kv.value.p);
        check_number(kv.value);
        before = cursor;
    }
    MUST(*cursor == '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);

    check_lines(text, ':');
    check_lines(text, ' ');
    check_lines(text, '=');
    return 0;
}
