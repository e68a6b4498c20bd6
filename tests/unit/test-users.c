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

static void test_find(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(users_clear) struct users u = USERS_INIT;
    const char *name;
    uid_t id = 77;

    fake_write(f, "etc/passwd", "root:x:0:0::/root:/bin/sh\nada:x:1000:100::/:/bin/sh\n");
    fake_write(f, "etc/group", "root:x:0:\nusers:x:100:ada,bob\n");
    assert_int_equal(users_find(&f->root, "nobody-here", &id, &e), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, "user \"nobody-here\": is not known here");
    assert_int_equal(users_find_group(&f->root, "ada", &id, &e), -EINVAL);
    fake_assert_message(&e, "group \"ada\": is not known here");
    assert_int_equal(users_find(&f->root, "", &id, NULL), -EINVAL);
    assert_int_equal(users_find(&f->root, "-1", &id, NULL), -EINVAL);
    assert_int_equal(users_find(&f->root, "4294967295", &id, NULL), -EINVAL);
    assert_int_equal(id, 77);
    assert_int_equal(users_find(&f->root, "ada", &id, NULL), 0);
    assert_int_equal(id, 1000);
    assert_int_equal(users_find(&f->root, "4242", &id, NULL), 0);
    assert_int_equal(id, 4242);
    assert_int_equal(users_find_group(&f->root, "users", &id, NULL), 0);
    assert_int_equal(id, 100);
    /* the same number of a user and of a group */
    assert_int_equal(users_group_name_of(&u, &f->root, 100, &name, NULL), 0);
    assert_string_equal(name, "users");
    assert_name(&u, &f->root, 100, "100");
}

/* A group with many members is a long line. */
static void test_long_record(void **state)
{
    struct fake *f = *state;
    char *text = malloc(40000);
    gid_t gid;

    assert_non_null(text);
    strcpy(text, "crowd:x:7:");
    memset(text + 10, 'm', 30000);
    for (size_t i = 20; i < 30000; i += 10)
        text[i] = ',';
    strcpy(text + 30010, "\nlast:x:8:\n");
    fake_write(f, "etc/group", text);
    free(text);
    assert_int_equal(users_find_group(&f->root, "crowd", &gid, NULL), 0);
    assert_int_equal(gid, 7);
    assert_int_equal(users_find_group(&f->root, "last", &gid, NULL), 0);
    assert_int_equal(gid, 8);
}

static void test_list(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(users_clear) struct users u = USERS_INIT, copy = USERS_INIT;
    _cleanup_(free_ptr) char *list = NULL;
    uint32_t id = 0;

    fake_write(f, "etc/passwd", "ada:x:1000:100::/:/bin/sh\n");
    fake_write(f, "etc/group", "ada:x:100:\na b:x:101:\n");
    assert_int_equal(users_find_kept(&u, &f->root, "ada", false, &id, &e), 0);
    assert_int_equal(id, 1000);
    assert_int_equal(users_find_kept(&u, &f->root, "ada", true, &id, &e), 0);
    assert_int_equal(id, 100);
    assert_int_equal(users_find_kept(&u, &f->root, "a b", true, &id, &e), 0);
    assert_int_equal(users_find_kept(&u, &f->root, "ada", false, &id, &e), 0);
    assert_int_equal(users_find_kept(&u, &f->root, "eve", false, &id, &e), -EINVAL);
    list = users_list(&u);
    assert_string_equal(list, "u1000 ada\ng100 ada\ng101 a b\n");
    assert_int_equal(users_add_list(&copy, list, &e), 0);
    copy.closed = true;
    fake_write(f, "etc/passwd", "ada:x:2:100::/:/bin/sh\neve:x:3:100::/:/bin/sh\n");
    assert_int_equal(users_find_kept(&copy, &f->root, "a b", true, &id, &e), 0);
    assert_int_equal(id, 101);
    assert_int_equal(users_find_kept(&copy, &f->root, "ada", false, &id, &e), 0);
    assert_int_equal(id, 1000);
    assert_int_equal(users_find_kept(&copy, &f->root, "7", false, &id, &e), 0);
    assert_int_equal(id, 7);
    assert_int_equal(users_find_kept(&copy, &f->root, "eve", false, &id, &e), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
}

static void test_no_list(void **state _unused_)
{
    static const char *const wrong[] = {"u1000 ada", "1000 ada\n", "u1000\n", "ux ada\n", "\n"};

    for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
        _cleanup_(users_clear) struct users u = USERS_INIT;

        assert_int_equal(users_add_list(&u, wrong[i], NULL), -EINVAL);
        assert_int_equal(u.n, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_list, fake_setup, fake_teardown),
        cmocka_unit_test(test_no_list),
        cmocka_unit_test_setup_teardown(test_tree, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_find, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_long_record, fake_setup, fake_teardown),
        cmocka_unit_test(test_live),
    };

    return cmocka_run_group_tests_name("users", tests, NULL, NULL);
}
