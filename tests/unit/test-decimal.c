/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <math.h>

#include "decimal.h"

static void assert_whole(uint64_t n, const char *want)
{
    char text[DECIMAL_MAX];

    assert_ptr_equal(decimal_put(text, n), text + strlen(want));
    assert_string_equal(text, want);
}

static void assert_fixed(double n, unsigned places, const char *want)
{
    char text[DECIMAL_MAX];

    assert_ptr_equal(decimal_put_fixed(text, n, places), text + strlen(want));
    assert_string_equal(text, want);
}

static void test_whole(void **state _unused_)
{
    assert_whole(0, "0");
    assert_whole(9, "9");
    assert_whole(10, "10");
    assert_whole(UINT64_MAX, "18446744073709551615");
}

static void test_fixed(void **state _unused_)
{
    assert_fixed(0, 0, "0");
    assert_fixed(0, 2, "0.00");
    assert_fixed(0.05, 2, "0.05");
    assert_fixed(0.999, 2, "1.00");
    assert_fixed(12.34, 1, "12.3");
    assert_fixed(1.25, 1, "1.2");
    assert_fixed(1.75, 1, "1.8");
    assert_fixed(99.96, 1, "100.0");
    assert_fixed(1e15, 2, "1000000000000000.00");
    assert_fixed(1e300, 0, "1000000000000000");
    assert_fixed(-1, 1, "0.0");
    assert_fixed(NAN, 1, "0.0");
}

/* As printf(3) does it, for what has no more digits than a double. */
static void test_as_printf(void **state _unused_)
{
    for (unsigned i = 0; i < 100000; i += 7) {
        char want[DECIMAL_MAX];

        snprintf(want, sizeof(want), "%.2f", i / 100.0);
        assert_fixed(i / 100.0, 2, want);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_as_printf),
    };

    return cmocka_run_group_tests_name("decimal", tests, NULL, NULL);
}
