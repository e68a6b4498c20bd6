/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "plugin.h"

static void test_worst(void **state _unused_)
{
    /* the least first */
    static const enum plugin_state order[] = {PLUGIN_OK, PLUGIN_UNKNOWN, PLUGIN_WARNING,
                                              PLUGIN_CRITICAL};

    for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
        for (size_t k = 0; k <= i; k++) {
            assert_int_equal(plugin_worst(order[i], order[k]), order[i]);
            assert_int_equal(plugin_worst(order[k], order[i]), order[i]);
        }
    }
    assert_int_equal(PLUGIN_OK, 0);
    assert_int_equal(PLUGIN_WARNING, 1);
    assert_int_equal(PLUGIN_CRITICAL, 2);
    assert_int_equal(PLUGIN_UNKNOWN, 3);
}

static void assert_printed(void (*print)(FILE *, const char *), const char *text,
                           const char *wanted)
{
    _cleanup_(free_ptr) char *out = NULL;
    size_t len;
    FILE *f = open_memstream(&out, &len);

    assert_non_null(f);
    print(f, text);
    assert_int_equal(fclose(f), 0);
    assert_string_equal(out, wanted);
}

static void memwatch_unknown(FILE *f, const char *text)
{
    plugin_print_unknown(f, "memwatch", text);
}

static void test_text(void **state _unused_)
{
    assert_printed(plugin_print, "a|b\nc\x7f\xff", "a\\x7cb\\x0ac\\x7f\xff");
    assert_printed(memwatch_unknown, "a|b\n", "MEMWATCH UNKNOWN - a\\x7cb\\x0a\n");
}

static void test_label(void **state _unused_)
{
    assert_printed(plugin_print_label, "psi.memory.some.avg10", "psi.memory.some.avg10");
    assert_printed(plugin_print_label, "disk:/a b", "'disk:/a b'");
    assert_printed(plugin_print_label, "disk:/it's=|\n", "'disk:/it''s___'");
}

static void test_number(void **state _unused_)
{
    char buf[PLUGIN_NUMBER_MAX];

    assert_string_equal(plugin_number(0, buf), "0");
    assert_string_equal(plugin_number(100, buf), "100");
    assert_string_equal(plugin_number(83.1, buf), "83.1");
    assert_string_equal(plugin_number(0.0004, buf), "0");
    assert_string_equal(plugin_number(17179869184., buf), "17179869184");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worst),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_number),
    };

    return cmocka_run_group_tests_name("plugin", tests, NULL, NULL);
}
