/* SPDX-License-Identifier: MIT */
#include "fakeproc.h"
#include "words.h"

static void check(const char *line, const char *bars)
{
    _cleanup_(free_ptr) char *words = NULL, *wanted = NULL;
    size_t len, wanted_len;

    assert_int_equal(words_split(line, &words, &len, NULL), 0);
    wanted = fakeproc_words(bars, &wanted_len);
    if (len != wanted_len || memcmp(words, wanted, len) != 0)
        fail_msg("\"%s\" is not %s", line, bars);
}

static void test_words(void **state _unused_)
{
    check("a", "a");
    check("  /bin/ollama\t serve\n", "/bin/ollama|serve");
    check("a 'b c' d", "a|b c|d");
    check("a \"b 'c'\" d", "a|b 'c'|d");
    check("a\\ b \\'c", "a b|'c");
    check("'a\\b' \"a\\b\\$\\`\\\"\\\\\"", "a\\b|a\\b$`\"\\");
    check("a'b'\"c\"d", "abcd");
    check("'' x \"\"", "|x|");
    check("a\\\nb \"c\\\nd\"", "ab|cd");
    check("$HOME * ~ #x; a", "$HOME|*|~|#x;|a");
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *line, *part;
    } bad[] = {
        {"", "holds no word"},      {" \t\n", "holds no word"},     {"a 'b", "is not closed"},
        {"a \"b", "is not closed"}, {"a \"b\\\"", "is not closed"}, {"a \\", "is not closed"},
        {"'a'\"", "is not closed"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        char *words = NULL;
        size_t len = 77;

        assert_int_equal(words_split(bad[i].line, &words, &len, &e), -EINVAL);
        assert_int_equal(e.kind, ERR_USAGE);
        fake_assert_message(&e, bad[i].part);
        assert_null(words);
        assert_int_equal(len, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
