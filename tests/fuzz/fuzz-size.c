/* SPDX-License-Identifier: MIT */
#include "fuzz.h"
#include "size.h"

static void check_failure(int r, const struct err *e)
{
    MUST((r == -EINVAL || r == -ERANGE) && e->kind == ERR_USAGE && e->text);
}

static void check_size(const char *text)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t n = 12345, again;
    char buf[SIZE_TEXT_MAX];
    int r = size_parse(text, &n, &e);

    if (r < 0) {
        check_failure(r, &e);
        MUST(n == 12345);
        return;
    }
    if (size_parse(size_format(n, buf), &again, NULL) == 0)
        MUST(again >= n - n / 20 && again - n / 20 <= n);
    else
        MUST(streq(buf, "16E"));
    if (strspn(text, "0123456789") == strlen(text))
        MUST(strtoull(text, NULL, 10) == n);
}

static void check_number(const char *text)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int64_t n = 12345;
    int r = size_parse_number(text, -32768, 32767, &n, &e);

    if (r == 0) {
        MUST(n >= -32768 && n <= 32767 && strtoll(text, NULL, 10) == n);
    } else {
        check_failure(r, &e);
        MUST(n == 12345);
    }
    n = 12345;
    if (size_parse_number(text, INT64_MIN, INT64_MAX, &n, NULL) == 0)
        MUST(strtoll(text, NULL, 10) == n);
    if (size_parse_number(text, 0, INT64_MAX, &n, NULL) == 0)
        MUST(*text != '-');
}

static void check_others(const char *text)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t ms = 12345;
    double percent;
    int r = size_parse_percent(text, &percent, &e);

    if (r == 0)
        MUST(percent >= 0 && percent <= 100);
    else
        check_failure(r, &e);
    err_clear(&e);
    r = size_parse_duration(text, &ms, &e);
    if (r < 0) {
        check_failure(r, &e);
        MUST(ms == 12345);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    _cleanup_(free_ptr) char *text = fuzz_text(data, size);

    check_size(text);
    check_number(text);
    check_others(text);
    return 0;
}
