/* SPDX-License-Identifier: MIT */
#include "closest.h"
#include "fake.h"

static const char *const words[] = {"ensure", "create", "on",         "off",
                                    "remove", "list",   "swappiness", NULL};

static const char *closest(const char *word)
{
    struct closest c;

    closest_begin(&c, word, SIZE_MAX);
    for (size_t i = 0; words[i]; i++)
        closest_try(&c, words[i]);
    return c.best;
}

static void assert_closest(const char *word, const char *wanted)
{
    const char *best = closest(word);

    if (!best || !streq(best, wanted))
        fail_msg("closest to \"%s\" is \"%s\", wanted \"%s\"", word, best ? best : "(none)",
                 wanted);
}

static void test_one_slip(void **state _unused_)
{
    assert_closest("lits", "list");
    assert_closest("lis", "list");
    assert_closest("listt", "list");
    assert_closest("lost", "list");
    assert_closest("LIST", "list");
    assert_closest("of", "off");
}

static void test_prefix(void **state _unused_)
{
    assert_closest("swap", "swappiness");
    assert_closest("e", "ensure");
}

static void test_longer_words_may_differ_more(void **state _unused_)
{
    assert_closest("swapines", "swappiness");
    assert_closest("insure", "ensure");
    assert_closest("rmove", "remove");
}

static void test_nothing_near(void **state _unused_)
{
    assert_null(closest("zebra"));
    assert_null(closest(""));
    assert_null(closest("a word that is much longer than any that is known here"));
}

static void test_part_of_a_word(void **state _unused_)
{
    struct closest c;

    closest_begin(&c, "lits=5", 4);
    closest_try(&c, "list");
    assert_string_equal(c.best, "list");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_slip),
        cmocka_unit_test(test_prefix),
        cmocka_unit_test(test_longer_words_may_differ_more),
        cmocka_unit_test(test_nothing_near),
        cmocka_unit_test(test_part_of_a_word),
    };

    return cmocka_run_group_tests_name("closest", tests, NULL, NULL);
}
