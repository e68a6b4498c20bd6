/* SPDX-License-Identifier: MIT */
#include "declaration.h"
#include "fake.h"

static void assert_label(const char *label, const char *wanted)
{
    char text[DECLARATION_LABEL_TEXT];
    _cleanup_(free_ptr) char *back = NULL;

    assert_string_equal(declaration_label_text(label, text), wanted);
    back = declaration_label_of(text, strlen(text));
    assert_non_null(back);
    assert_string_equal(back, label);
}

static void test_label(void **state _unused_)
{
    assert_label("", "");
    assert_label("data-1_x.Y", "data-1_x.Y");
    assert_label("a b,c\"d=e\\%\t", "a%20b%2Cc%22d%3De%5C%25%09");
    assert_label("\xc3\xa4\xff", "%C3%A4%FF");
    /* the longest, and all of it escaped */
    assert_label("               ", "%20%20%20%20%20%20%20%20%20%20%20%20%20%20%20");
}

static void assert_no_label(const char *text)
{
    errno = 0;
    assert_null(declaration_label_of(text, strlen(text)));
    assert_int_equal(errno, EINVAL);
}

static void test_no_label(void **state _unused_)
{
    assert_no_label("a b");
    assert_no_label("%");
    assert_no_label("%2");
    assert_no_label("%2c");
    assert_no_label("%G0");
    assert_no_label("%00");
    assert_no_label("\"a\"");
    assert_no_label("\xc3");
}

static void assert_check(struct declaration d, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = declaration_check(&d, "/etc/fstab:5", &e);

    assert_int_equal(r, message ? -EINVAL : 0);
    if (!message)
        return;
    fake_assert_message(&e, "/etc/fstab:5: ");
    fake_assert_message(&e, message);
    /* not the command line's fault */
    assert_int_equal(e.kind, ERR_FAILED);
}

static void test_check(void **state _unused_)
{
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    assert_check((struct declaration){.path = "/a", .size = 10 * page}, NULL);
    assert_check((struct declaration){.path = "/a", .size = 10 * page, .label = "123456789abcdef"},
                 NULL);
    assert_check((struct declaration){.path = "/a", .size = 10 * page - 1}, "10 pages");
    assert_check((struct declaration){.path = "/a", .size = (1ULL << 32) * page}, "10 pages");
    assert_check((struct declaration){.path = "a", .size = 1 << 20}, "by its path");
    assert_check((struct declaration){.path = NULL, .size = 1 << 20}, "by its path");
    assert_check((struct declaration){.path = "/a", .size = 1 << 20, .label = "123456789abcdefg"},
                 "longer than 15 bytes");
    assert_check((struct declaration){.path = "/a", .size = 1 << 20, .label = "a\n"},
                 "control characters");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_label),
        cmocka_unit_test(test_no_label),
        cmocka_unit_test(test_check),
    };

    return cmocka_run_group_tests_name("declaration", tests, NULL, NULL);
}
