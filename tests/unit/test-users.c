/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "users.h"

static void assert_name(struct users *u, const struct root *root, uid_t uid, const char *wanted)
{
    const char *name;

    assert_int_equal(users_name_of(u, root, uid, &name, NULL), 0);
    assert_string_equal(name, wanted);
}

static void test_tree(void **state)
{
    _cleanup_(users_clear) struct users u = USERS_INIT;
    struct fake *f = *state;

    assert_name(&u, &f->root, 0, "0");
    fake_write(f, "etc/passwd",
               "root:x:0:0::/root:/bin/sh\n# no entry\nada:x:1000:100::/:/bin/sh\n");
    assert_name(&u, &f->root, 1000, "ada");
    assert_name(&u, &f->root, 4294967294, "4294967294");
    /* what is known is not looked up again */
    fake_write(f, "etc/passwd", "bob:x:1000:100::/:/bin/sh\nroot:x:0:0::/root:/bin/sh\n");
    assert_name(&u, &f->root, 1000, "ada");
    assert_name(&u, &f->root, 0, "0");
    assert_int_equal(u.n, 3);
}

static void test_live(void **state _unused_)
{
    _cleanup_(users_clear) struct users u = USERS_INIT;
    struct root root = ROOT_INIT;

    assert_int_equal(root_open(&root, NULL, NULL), 0);
    assert_name(&u, &root, 0, "root");
    assert_name(&u, &root, 4123456789, "4123456789");
    root_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tree, fake_setup, fake_teardown),
        cmocka_unit_test(test_live),
    };

    return cmocka_run_group_tests_name("users", tests, NULL, NULL);
}
