/* SPDX-License-Identifier: MIT */
#include "kv.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct kv_span kv_trim(const char *begin, const char *end)
{
    while (begin < end && is_blank(*begin))
        begin++;
    while (end > begin && is_blank(end[-1]))
        end--;
    return (struct kv_span){begin, (size_t)(end - begin)};
}

/* The separator in a line that does not begin with a blank; NULL if there is none. */
static const char *separator(const char *begin, const char *end, char sep)
{
    for (const char *p = begin; p < end; p++)
        if (*p == sep || (sep == ' ' && *p == '\t'))
            return p;
    return NULL;
}

bool kv_next(const char **cursor, char sep, struct kv *out)
{
    const char *p = *cursor;

    while (*p) {
        const char *end = strchrnul(p, '\n');
        struct kv_span line = kv_trim(p, end);
        const char *at = separator(line.p, end, sep);

        p = *end ? end + 1 : end;
        if (!at || line.n == 0)
            continue;
        *out = (struct kv){kv_trim(line.p, at), kv_trim(at + 1, end)};
        *cursor = p;
        return true;
    }
    *cursor = p;
    return false;
}

bool kv_find(const char *text, char sep, const char *key, struct kv_span *value)
{
    struct kv kv;

    while (kv_next(&text, sep, &kv))
        if (kv_span_eq(kv.key, key)) {
            *value = kv.value;
            return true;
        }
    return false;
}

bool kv_span_eq(struct kv_span span, const char *s)
{
    return strlen(s) == span.n && memcmp(span.p, s, span.n) == 0;
}

bool kv_span_ends(struct kv_span span, const char *ending)
{
    size_t n = strlen(ending);

    return span.n > n && memcmp(span.p + span.n - n, ending, n) == 0;
}

int kv_u64(struct kv_span span, uint64_t *out, struct kv_span *rest)
{
    const char *p = span.p, *end = span.p + span.n;
    uint64_t n = 0;

    if (p == end || !is_digit(*p))
        return -EBADMSG;
    for (; p < end && is_digit(*p); p++) {
        unsigned digit = (unsigned)(*p - '0');

        if (n >= UINT64_MAX / 10 && (n > UINT64_MAX / 10 || digit > UINT64_MAX % 10))
            return -EOVERFLOW;
        n = n * 10 + digit;
    }
    if (!rest && p < end)
        return -EBADMSG;
    if (rest)
        *rest = kv_trim(p, end);
    *out = n;
    return 0;
}

int kv_kib(struct kv_span span, uint64_t *bytes)
{
    struct kv_span unit;
    uint64_t n;
    int r = kv_u64(span, &n, &unit);

    if (r < 0)
        return r;
    if (unit.n > 0 && !kv_span_eq(unit, "kB"))
        return -EBADMSG;
    if (__builtin_mul_overflow(n, 1024U, &n))
        return -EOVERFLOW;
    *bytes = n;
    return 0;
}
