/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "keyed.h"

enum { ONE, TWO, THREE, KEYS };

static const struct keyed_key keys[KEYS] = {
    [ONE] = KEYED_KEY("one"), [TWO] = KEYED_KEY("two"), [THREE] = KEYED_KEY("three")};

/* "1|2|-": the values in the order of the keys. */
static void assert_found(struct keyed *k, const char *text, const char *want)
{
    struct kv_span values[KEYS];
    char got[128] = "";
    size_t at = 0;

    keyed_find(k, text, strlen(text), values);
    for (size_t i = 0; i < KEYS; i++)
        at += (size_t)snprintf(got + at, sizeof(got) - at, "%s%.*s", i ? "|" : "",
                               values[i].p ? (int)values[i].n : 1, values[i].p ? values[i].p : "-");
    assert_string_equal(got, want);
}

static void test_search(void **state _unused_)
{
    struct keyed k = KEYED_INIT(keys, ':');

    assert_found(&k, "", "-|-|-");
    assert_found(&k, "one: 1\nthree:\t3 kB \ntwo:2\n", "1|2|3 kB");
    assert_found(&k, "ones: 9\nxone: 9\none 9\n one: 9\none: 1\n", "1|-|-");
    assert_found(&k, "two: 2\ntwo: 9\ntwo\n", "-|2|-");
    assert_found(&k, "one:\ntwo:  \n", "||-");
    assert_found(&k, "one", "-|-|-");
}

/* The order of the last time is only a hint. */
static void test_again(void **state _unused_)
{
    struct keyed k = KEYED_INIT(keys, ' ');

    assert_found(&k, "a 0\ntwo 2\nb 0\none 1\n", "1|2|-");
    assert_int_equal(k.found, 2);
    assert_found(&k, "a 0\ntwo 22\nb 0\none 11\n", "11|22|-");
    assert_found(&k, "one 1\na 0\nb 0\ntwo 2\n", "1|2|-");          /* another order */
    assert_found(&k, "one 1\na 0\nthree 3\nb 0\ntwo 2\n", "1|2|3"); /* a line more */
    assert_found(&k, "one 1\na 0\ntwo 2\n", "1|2|-");
    assert_found(&k, "one 1\nthree 3\na 0\ntwo 2\n", "1|2|3"); /* a key more */
    assert_found(&k, "", "-|-|-");
    assert_found(&k, "one 1\nthree 3\na 0\ntwo 2\n", "1|2|3");
    assert_found(&k, "one 1\n", "1|-|-"); /* keys that go come back where others stayed */
    assert_found(&k, "one 1\nthree 3\na 0\ntwo 2\n", "1|2|3");
}

static bool again(struct keyed *k, const char *text, struct kv_span *values)
{
    return keyed_again(k, text, strlen(text), values);
}

/* Lines that became longer or shorter move what follows, and only for the first time. */
static void test_moved(void **state _unused_)
{
    struct keyed k = KEYED_INIT(keys, ' ');
    struct kv_span values[KEYS];

    assert_found(&k, "a 0\ntwo 2\nb 0\none 1\nthree 3\n", "1|2|3");
    assert_true(again(&k, "a 1000\ntwo 2222\nb 10\none 1\nthree 3\n", values));
    assert_int_equal(values[ONE].n, 1);
    assert_int_equal(values[TWO].n, 4);
    assert_true(again(&k, "a 0\ntwo 2\nb 0\none 1\nthree 33\n", values));
    assert_int_equal(values[THREE].n, 2);
    assert_false(again(&k, "a 0\ntwo 2\nb 0\none 1\nb 0\nthree 33\n", values));
    assert_false(again(&k, "a 0\ntwo 2\nb 0\nxone 1\nthree 33\n", values));
    assert_found(&k, "a 0\ntwo 2\nb one 1\none 8\nthree 33\n", "8|2|33"); /* no line begins there */
}

/* The first part is enough when all that was there is in it, in whole lines. */
static void test_part(void **state _unused_)
{
    struct keyed k = KEYED_INIT(keys, ' ');
    struct kv_span values[KEYS];

    assert_false(again(&k, "two 2\n", values));
    assert_found(&k, "a 0\ntwo 2\nb 0\none 1\nc 0\nd 0\n", "1|2|-");
    assert_true(again(&k, "a 0\ntwo 9\nb 0\none 8\nc", values));
    assert_memory_equal(values[ONE].p, "8", values[ONE].n);
    assert_false(again(&k, "a 0\ntwo 9\nb 0\none 8", values)); /* perhaps 88 */
    assert_false(again(&k, "a 0\ntwo 9\nb 0\n", values));
    assert_false(again(&k, "two 9\none 8\nc 0\nd 0\n", values));
    assert_false(again(&k, "", values));
}

/* Half a number is no number. */
static void test_cut(void **state _unused_)
{
    struct keyed k = KEYED_INIT(keys, ' ');

    assert_found(&k, "one 1\ntwo 2\n", "1|2|-");
    assert_found(&k, "one 1\ntwo 2", "1||-");
    assert_found(&k, "one 1\ntwo 2", "1||-");
}

static void test_nul(void **state _unused_)
{
    static const char text[] = "a\0b 7\none 1\0\ntwo 2\n";
    struct keyed k = KEYED_INIT(keys, ' ');
    struct kv_span values[KEYS];
    uint64_t n;

    keyed_find(&k, text, sizeof(text) - 1, values);
    assert_int_equal(kv_u64(values[ONE], &n, NULL), -EBADMSG);
    assert_int_equal(kv_u64(values[TWO], &n, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_search), cmocka_unit_test(test_again), cmocka_unit_test(test_moved),
        cmocka_unit_test(test_part),   cmocka_unit_test(test_cut),   cmocka_unit_test(test_nul),
    };

    return cmocka_run_group_tests_name("keyed", tests, NULL, NULL);
}
