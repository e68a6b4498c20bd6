/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "kv.h"

#define SPAN(s) ((struct kv_span){(s), strlen(s)})

static void assert_span(struct kv_span span, const char *s)
{
    if (!kv_span_eq(span, s))
        fail_msg("\"%.*s\" instead of \"%s\"", (int)span.n, span.p, s);
}

static void assert_next(const char **cursor, char sep, const char *key, const char *value)
{
    struct kv kv;

    assert_true(kv_next(cursor, sep, &kv));
    assert_span(kv.key, key);
    assert_span(kv.value, value);
}

static void test_colon(void **state _unused_)
{
    const char *p = "MemTotal:  12 kB\nShadowCallStack:10373888 kB\n  Indented \t: a: b\t \n"
                    "no separator\n\nEmpty:\n:none\nLast: 1";
    struct kv kv = {SPAN("untouched"), SPAN("untouched")};

    assert_next(&p, ':', "MemTotal", "12 kB");
    assert_next(&p, ':', "ShadowCallStack", "10373888 kB");
    assert_next(&p, ':', "Indented", "a: b");
    assert_next(&p, ':', "Empty", "");
    assert_next(&p, ':', "", "none");
    assert_next(&p, ':', "Last", "1");
    assert_false(kv_next(&p, ':', &kv));
    assert_span(kv.key, "untouched");
    assert_string_equal(p, "");
    assert_false(kv_next(&p, ':', &kv));
}

static void test_blank(void **state _unused_)
{
    const char *p = "pgscan_kswapd 1\npgscan_direct \t 22 \nalone\n   \nsome avg10=0.00 total=3\n"
                    "\ttabbed\t4\nends ";
    struct kv kv;

    assert_next(&p, ' ', "pgscan_kswapd", "1");
    assert_next(&p, ' ', "pgscan_direct", "22");
    assert_next(&p, ' ', "some", "avg10=0.00 total=3");
    assert_next(&p, ' ', "tabbed", "4");
    assert_next(&p, ' ', "ends", "");
    assert_false(kv_next(&p, ' ', &kv));
}

static void test_equals(void **state _unused_)
{
    const char *p = "ID=debian\nA = b=c\n";
    struct kv kv;

    assert_next(&p, '=', "ID", "debian");
    assert_next(&p, '=', "A", "b=c");
    assert_false(kv_next(&p, '=', &kv));
    p = "";
    assert_false(kv_next(&p, '=', &kv));
}

static void test_find(void **state _unused_)
{
    static const char text[] = "SwapCached: 1 kB\nXSwap: 2 kB\nSwap: 3 kB\nSwap: 4 kB\nTail: 5";
    struct kv_span value = SPAN("untouched");

    assert_true(kv_find(text, ':', "Swap", &value));
    assert_span(value, "3 kB");
    assert_true(kv_find(text, ':', "Tail", &value));
    assert_span(value, "5");
    assert_false(kv_find(text, ':', "Cached", &value));
    assert_false(kv_find(text, ':', "swap", &value));
    assert_false(kv_find(text, ':', "", &value));
    assert_false(kv_find("", ':', "Swap", &value));
    assert_span(value, "5");
}

static void test_u64(void **state _unused_)
{
    static const char *const bad[] = {"", " 1", "-1", "+1", "x", "kB", "1 ", "1x", "0x10", "1.5"};
    struct kv_span rest, inside = {"1234", 2};
    uint64_t n = 7;

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        assert_int_equal(kv_u64(SPAN(bad[i]), &n, NULL), -EBADMSG);
        assert_int_equal(n, 7);
    }
    assert_int_equal(kv_u64(SPAN("18446744073709551616"), &n, NULL), -EOVERFLOW);
    assert_int_equal(kv_u64(SPAN("99999999999999999999"), &n, NULL), -EOVERFLOW);
    assert_int_equal(n, 7);
    assert_int_equal(kv_u64(SPAN("18446744073709551615"), &n, NULL), 0);
    assert_true(n == UINT64_MAX);
    assert_int_equal(kv_u64(SPAN("00"), &n, NULL), 0);
    assert_int_equal(n, 0);
    assert_int_equal(kv_u64(inside, &n, NULL), 0);
    assert_int_equal(n, 12);
    assert_int_equal(kv_u64(SPAN("5 \tkB"), &n, &rest), 0);
    assert_int_equal(n, 5);
    assert_span(rest, "kB");
    assert_int_equal(kv_u64(SPAN("6"), &n, &rest), 0);
    assert_span(rest, "");
    assert_int_equal(kv_u64(SPAN("kB"), &n, &rest), -EBADMSG);
}

static void test_kib(void **state _unused_)
{
    uint64_t n = 7;

    assert_int_equal(kv_kib(SPAN("12 kB"), &n), 0);
    assert_int_equal(n, 12288);
    assert_int_equal(kv_kib(SPAN("3kB"), &n), 0);
    assert_int_equal(n, 3072);
    assert_int_equal(kv_kib(SPAN("4"), &n), 0);
    assert_int_equal(n, 4096);
    assert_int_equal(kv_kib(SPAN("4 KB"), &n), -EBADMSG);
    assert_int_equal(kv_kib(SPAN("4 kBs"), &n), -EBADMSG);
    assert_int_equal(kv_kib(SPAN("-4 kB"), &n), -EBADMSG);
    assert_int_equal(kv_kib(SPAN(""), &n), -EBADMSG);
    assert_int_equal(kv_kib(SPAN("18014398509481984 kB"), &n), -EOVERFLOW);
    assert_int_equal(kv_kib(SPAN("99999999999999999999 kB"), &n), -EOVERFLOW);
    assert_int_equal(n, 4096);
    assert_int_equal(kv_kib(SPAN("18014398509481983 kB"), &n), 0);
    assert_true(n == UINT64_MAX - 1023);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colon), cmocka_unit_test(test_blank), cmocka_unit_test(test_equals),
        cmocka_unit_test(test_find),  cmocka_unit_test(test_u64),   cmocka_unit_test(test_kib),
    };

    return cmocka_run_group_tests_name("kv", tests, NULL, NULL);
}
