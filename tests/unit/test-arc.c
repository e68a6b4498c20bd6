/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "arc.h"

static int scan(const char *text, struct arc *out, struct err *e)
{
    struct keyed k = arc_keys();

    return arc_scan(&k, text, strlen(text), out, e);
}

static void test_values(void **state _unused_)
{
    struct arc a;

    assert_int_equal(scan("13 1 0x01 123 33456 1 2\nname                            type data\n"
                          "hits                            4    99\n"
                          "c_min                           4    1000\n"
                          "size                            4    4096\n"
                          "compressed_size                 4    1\n",
                          &a, NULL),
                     0);
    assert_int_equal(a.size, 4096);
    assert_int_equal(a.reclaimable, 3096);
    assert_int_equal(scan("c_min 4 1000\nsize 4 10\n", &a, NULL), 0);
    assert_int_equal(a.reclaimable, 0);
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
        const char *message;
    } bad[] = {
        {"", -ENODATA, "has no c_min"},
        {"c_min 4 1\n", -ENODATA, "has no size"},
        {"c_min 4 1\nsize 4\n", -EBADMSG, "size is no number"},
        {"c_min 4 1\nsize 4 -1\n", -EBADMSG, "size"},
        {"c_min 4 1\nsize 4 12", -EBADMSG, "size"},
        {"c_min x 1\nsize 4 12\n", -EBADMSG, "c_min"},
        {"c_min 4 1\nsize 4 99999999999999999999\n", -EOVERFLOW, "size"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct arc a = {.size = 7};

        if (scan(bad[i].text, &a, &e) != bad[i].r)
            fail_msg("case %zu: \"%s\"", i, bad[i].text);
        fake_assert_message(&e, bad[i].message);
        assert_int_equal(a.size, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_bad),
    };

    return cmocka_run_group_tests_name("arc", tests, NULL, NULL);
}
