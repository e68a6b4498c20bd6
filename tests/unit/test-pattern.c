/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "pattern.h"

static bool matches(const char *pattern, unsigned flags, const char *text)
{
    struct pattern p;
    bool r;

    assert_int_equal(pattern_compile(pattern, flags, &p, NULL), 0);
    r = pattern_test(&p, text, strlen(text));
    pattern_clear(&p);
    return r;
}

static void test_expressions(void **state _unused_)
{
    assert_true(matches("ss", 0, "sshd"));
    assert_true(matches("^ss.d$", 0, "sshd"));
    assert_true(matches("a|sshd?", 0, "ssh"));
    assert_true(matches("a\\sb", 0, "a b"));
    assert_true(matches("^a", 0, "a\nb"));
    assert_false(matches("^b", 0, "a\nb")); /* a line end in a name is no line end */
    assert_false(matches("SSH", 0, "sshd"));
    assert_true(matches("S+H", PATTERN_IGNORE_CASE, "sshd"));
    assert_true(matches("\xff.", 0, "\xff\xfe"));
}

static void test_exact(void **state _unused_)
{
    assert_true(matches("sshd", PATTERN_EXACT, "sshd"));
    assert_false(matches("ssh", PATTERN_EXACT, "sshd"));
    assert_true(matches("ssh.", PATTERN_EXACT, "sshd"));
    /* both of two alternatives, not the ends of them */
    assert_true(matches("ssh|sshd", PATTERN_EXACT, "sshd"));
    assert_false(matches("ssh|sshd", PATTERN_EXACT, "sshds"));
    assert_false(matches("ssh|sshd", PATTERN_EXACT, "xssh"));
    assert_true(matches("SSHD", PATTERN_EXACT | PATTERN_IGNORE_CASE, "sshd"));
    assert_false(matches("SSH", PATTERN_EXACT | PATTERN_IGNORE_CASE, "sshd"));
}

static void test_literal(void **state _unused_)
{
    assert_true(matches("a.b", PATTERN_LITERAL, "xa.bx"));
    assert_false(matches("a.b", PATTERN_LITERAL, "xaxbx"));
    assert_true(matches("(", PATTERN_LITERAL, "a(b"));
    assert_true(matches("A(", PATTERN_LITERAL | PATTERN_IGNORE_CASE, "xa(b"));
    assert_true(matches("a.b", PATTERN_LITERAL | PATTERN_EXACT, "a.b"));
    assert_false(matches("a.b", PATTERN_LITERAL | PATTERN_EXACT, "a.bc"));
}

static void assert_refused(const char *text, unsigned flags, const char *part)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct pattern p = {.len = 77};

    assert_int_equal(pattern_compile(text, flags, &p, &e), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, part);
    assert_int_equal(p.len, 77);
}

static void test_bad(void **state _unused_)
{
    assert_refused("", 0, "is empty");
    assert_refused("", PATTERN_LITERAL | PATTERN_EXACT, "is empty");
    assert_refused("a(", 0, "pattern \"a(\"");
    assert_refused("[a", 0, "pattern \"[a\"");
    /* what would become right within the brackets that -x puts around it */
    assert_refused("a)|(b", PATTERN_EXACT, "pattern \"a)|(b\"");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expressions),
        cmocka_unit_test(test_exact),
        cmocka_unit_test(test_literal),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
