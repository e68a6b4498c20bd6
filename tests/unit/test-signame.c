/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "signame.h"

#include <signal.h>

static void test_parse(void **state _unused_)
{
    static const struct {
        const char *text;
        int number;
    } good[] = {
        {"TERM", SIGTERM}, {"sigkill", SIGKILL}, {"15", 15},        {"0", 0},
        {"Hup", SIGHUP},   {"SIGCLD", SIGCHLD},  {"USR1", SIGUSR1}, {"64", 64},
    };
    int n;

    for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
        assert_int_equal(signame_parse(good[i].text, &n, NULL), 0);
        assert_int_equal(n, good[i].number);
    }
    assert_int_equal(signame_parse("RTMIN", &n, NULL), 0);
    assert_int_equal(n, SIGRTMIN);
    assert_int_equal(signame_parse("SIGRTMIN+3", &n, NULL), 0);
    assert_int_equal(n, SIGRTMIN + 3);
    assert_int_equal(signame_parse("RTMAX-1", &n, NULL), 0);
    assert_int_equal(n, SIGRTMAX - 1);
}

static void test_bad(void **state _unused_)
{
    static const char *const bad[] = {
        "",        "SIG",    "TERMINATE", "-1", "65",       "1x",        "RTMIN-1",
        "RTMAX+1", "RTMIN+", "RTMIN+99",  " 9", "RTMIN+-1", "SIGSIGHUP", "9999999999999999999"};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        int n = 77;

        if (signame_parse(bad[i], &n, &e) != -EINVAL)
            fail_msg("\"%s\" is %d", bad[i], n);
        assert_int_equal(e.kind, ERR_USAGE);
        assert_int_equal(n, 77);
    }
}

static void test_format(void **state _unused_)
{
    char buf[SIGNAME_MAX];

    assert_string_equal(signame_format(SIGTERM, buf), "SIGTERM");
    assert_string_equal(signame_format(SIGCHLD, buf), "SIGCHLD");
    assert_string_equal(signame_format(SIGRTMIN + 2, buf), "SIGRTMIN+2");
    assert_string_equal(signame_format(33, buf), "33"); /* the C library's own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_bad),
        cmocka_unit_test(test_format),
    };

    return cmocka_run_group_tests_name("signame", tests, NULL, NULL);
}
