/* SPDX-License-Identifier: MIT */
#include "unitname.h"

#include "fake.h"

static void assert_escaped(const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *name = unitname_escape(path);

    assert_string_equal(name, wanted);
}

static void assert_unescaped(const char *name, const char *wanted)
{
    _cleanup_(free_ptr) char *path = unitname_unescape(name, strlen(name));

    assert_string_equal(path, wanted);
}

static void test_unescape(void **state _unused_)
{
    assert_unescaped("swapfile", "/swapfile");
    assert_unescaped("var-my\\x20swap", "/var/my swap");
    assert_unescaped("a\\x2db", "/a-b");
    assert_unescaped("x\\xc3\\xa4", "/x\xc3\xa4");
    assert_unescaped("-", "/");
    /* no escapes: kept as they are */
    assert_unescaped("x\\x2", "/x\\x2");
    assert_unescaped("x\\xzz\\y", "/x\\xzz\\y");
}

/* What systemd-escape --path says. */
static void test_escape(void **state _unused_)
{
    assert_escaped("/swapfile", "swapfile");
    assert_escaped("/var/my swap", "var-my\\x20swap");
    assert_escaped("//var///lib//swap/", "var-lib-swap");
    assert_escaped("/", "-");
    assert_escaped("/.hidden/.x", "\\x2ehidden-.x");
    assert_escaped("/a-b_c.d:e", "a\\x2db_c.d:e");
    assert_escaped("/a\"b\\c'd;e$f%g@h", "a\\x22b\\x5cc\\x27d\\x3be\\x24f\\x25g\\x40h");
    assert_escaped("/\xc3\xa4\n", "\\xc3\\xa4\\x0a");
}

static void test_is_ours(void **state _unused_)
{
    assert_true(unitname_is_ours("[X-Headroom]"));
    assert_true(unitname_is_ours("#[X-Headroom]\n[Swap]\n[X-Headroom]\nSize=1\n"));
    assert_false(unitname_is_ours(""));
    assert_false(unitname_is_ours("# [X-Headroom]\n[X-Headroom]s\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escape),
        cmocka_unit_test(test_unescape),
        cmocka_unit_test(test_is_ours),
    };

    return cmocka_run_group_tests_name("unitname", tests, NULL, NULL);
}
