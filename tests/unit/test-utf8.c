/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "utf8.h"

static void test_length(void **state _unused_)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"", 1},
        {"a", 1},
        {"\x7f", 1},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xee\x80\x80", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        /* alone, overlong, cut off, surrogates, too large */
        {"\x80", 0},
        {"\xbf", 0},
        {"\xc0\x80", 0},
        {"\xc1\xbf", 0},
        {"\xc2", 0},
        {"\xc2z", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xe2\x82", 0},
        {"\xe2\x82z", 0},
        {"\xed\xa0\x80", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf0\x9f\x98", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        if (utf8_length(cases[i].text) != cases[i].length)
            fail_msg("case %zu has %zu bytes", i, utf8_length(cases[i].text));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_length)};

    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
