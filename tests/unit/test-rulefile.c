/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "rulefile.h"

static struct rulefile parse(const char *text)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct rulefile f = RULEFILE_INIT;

    if (rulefile_parse("r.conf", text, strlen(text), &f, &e) != 0)
        fail_msg("%s", e.text);
    return f;
}

static void assert_refused_bytes(const char *text, size_t len, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct rulefile f = RULEFILE_INIT;

    assert_true(rulefile_parse("r.conf", text, len, &f, &e) < 0);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, message);
    assert_null(f.rules);
    assert_null(f.options);
}

static void assert_refused(const char *text, const char *message)
{
    assert_refused_bytes(text, strlen(text), message);
}

static void test_lines(void **state _unused_)
{
    _cleanup_(rulefile_clear) struct rulefile f =
        parse("# guard\n\n  set interval 5s\nram>80%: warn\r\n\t# more\n"
              "  swap>50%: exec echo '# no' \\# a#b  # a comment\n"
              "set protect '-x my server' # and this\nram>90%: stop");

    assert_int_equal(f.n_rules, 3);
    assert_int_equal(f.rules[0].line, 4);
    assert_string_equal(f.rules[0].rule.text, "ram>80%: warn");
    assert_int_equal(f.rules[1].line, 6);
    assert_string_equal(f.rules[1].rule.steps[0].actions[0].words[1], "# no");
    assert_string_equal(f.rules[1].rule.steps[0].actions[0].words[2], "#");
    assert_string_equal(f.rules[1].rule.steps[0].actions[0].words[3], "a#b");
    assert_int_equal(f.rules[1].rule.steps[0].actions[0].n_words, 4);
    assert_int_equal(f.rules[2].line, 8);
    assert_int_equal(f.n_options, 2);
    assert_string_equal(f.options[0].name, "interval");
    assert_string_equal(f.options[0].value, "5s");
    assert_int_equal(f.options[0].line, 3);
    assert_string_equal(f.options[1].value, "-x my server");
    assert_int_equal(f.options[1].line, 7);
}

static void test_nothing(void **state _unused_)
{
    _cleanup_(rulefile_clear) struct rulefile f = parse("");
    _cleanup_(rulefile_clear) struct rulefile g = parse("\n\n \t\n#");

    assert_int_equal(f.n_rules + f.n_options, 0);
    assert_int_equal(g.n_rules + g.n_options, 0);
}

static void test_where_it_goes_wrong(void **state _unused_)
{
    assert_refused("ram>80%: warn\nram>80%: warm\n", "r.conf:2: character 10: warm: is no action");
    assert_refused("  ram>x: warn", "r.conf:1: character 7: \"x\": not a number");
    assert_refused("\n\nset interval", "r.conf:3: wanted: set OPTION VALUE");
    assert_refused("set", "r.conf:1: wanted: set OPTION VALUE");
    assert_refused("set a b c", "r.conf:1: wanted: set OPTION VALUE");
    assert_refused("set a 'b", "r.conf:1: \"set a 'b\": a quote is not closed");
    assert_refused("ram>80%: exec 'a # b\n", "r.conf:1: character 15: this quote is not closed");
    assert_refused("settle 5s", "r.conf:1: character 10: nothing to compare by");
}

static void test_what_is_no_text(void **state _unused_)
{
    char line[RULEFILE_LINE_MAX + 2];

    assert_refused_bytes("ram>80%: warn\n\0\n", 16, "r.conf:2: holds a NUL byte");
    memset(line, 'a', sizeof(line));
    assert_refused_bytes(line, sizeof(line), "r.conf:1: longer than 4096 bytes");
    line[0] = '#';
    line[RULEFILE_LINE_MAX] = '\n';
    line[RULEFILE_LINE_MAX + 1] = '!';
    assert_refused_bytes(line, sizeof(line), "r.conf:2: character 2: nothing to compare by");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_nothing),
        cmocka_unit_test(test_where_it_goes_wrong),
        cmocka_unit_test(test_what_is_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
