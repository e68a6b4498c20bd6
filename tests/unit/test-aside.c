/* SPDX-License-Identifier: MIT */
#include "aside.h"
#include "fake.h"

#include <fcntl.h>

/* Stands for another program: what it does right before the next renameat2(2). */
static void (*meanwhile)(struct fake *f);
static struct fake *where;
static int rename_error;

int __real_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);
int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags);

int __wrap_renameat2(int from_dir, const char *from, int to_dir, const char *to, unsigned flags)
{
    void (*act)(struct fake *f) = meanwhile;

    if (rename_error) {
        errno = rename_error;
        return -1;
    }
    meanwhile = NULL;
    if (act)
        act(where);
    return __real_renameat2(from_dir, from, to_dir, to, flags);
}

static struct stat look(struct fake *f, const char *name)
{
    struct stat st;

    assert_int_equal(root_stat(&f->root, name, O_NOFOLLOW, &st), 0);
    return st;
}

static void assert_text(struct fake *f, const char *name, const char *text)
{
    char *is = fake_read(f, name);

    assert_string_equal(is, text);
    free(is);
}

static void move(struct fake *f, const char *from, const char *to)
{
    char *there = strdup(fake_path(f, to));

    assert_int_equal(rename(fake_path(f, from), there), 0);
    free(there);
}

static int setup(void **state)
{
    rename_error = 0;
    meanwhile = NULL;
    fake_setup(state);
    where = *state;
    fake_write(where, "a", "meant");
    fake_write(where, "stranger", "precious");
    return 0;
}

static void test_name(void **state _unused_)
{
    char aside[NAME_MAX + 1], name[NAME_MAX + 1];

    aside_name("swapfile", aside);
    assert_string_equal(aside, ".swapfile.headroom");
    assert_true(aside_first_name(aside, name));
    assert_string_equal(name, "swapfile");
    assert_false(aside_first_name("swapfile.headroom", name));
    assert_false(aside_first_name(".swapfile.headroo", name));
    assert_false(aside_first_name(".headroom", name));
    memset(name, 'x', NAME_MAX);
    name[NAME_MAX] = '\0';
    aside_name(name, aside);
    assert_int_equal(strlen(aside), 1 + 240 + strlen(".headroom"));
}

static void test_move(void **state)
{
    struct fake *f = *state;
    struct stat meant = look(f, "a"), other = look(f, "stranger");

    assert_int_equal(aside_move(f->root.fd, "a", ".a", &other), -ESTALE);
    assert_int_equal(aside_move(f->root.fd, "none", ".a", &meant), -ESTALE);
    assert_int_equal(aside_move(f->root.fd, "a", "stranger", &meant), -EEXIST);
    assert_int_equal(aside_move(f->root.fd, "a", ".a", &meant), 0);
    assert_false(fake_exists(f, "a"));
    assert_int_equal(aside_move_back(f->root.fd, "a", ".a"), 0);
    assert_text(f, "a", "meant");
}

static void take_name(struct fake *f)
{
    move(f, "stranger", "a");
}

static void test_move_a_stranger(void **state)
{
    struct fake *f = *state;
    struct stat meant = look(f, "a");

    meanwhile = take_name;
    assert_int_equal(aside_move(f->root.fd, "a", ".a", &meant), -ESTALE);
    assert_text(f, "a", "precious");
    assert_false(fake_exists(f, ".a"));
}

static void test_exchange(void **state)
{
    struct fake *f = *state;
    struct stat meant = look(f, "a"), ours;

    fake_write(f, ".a", "ours");
    ours = look(f, ".a");
    assert_int_equal(aside_exchange(f->root.fd, "stranger", ".a", &meant, &ours), -ESTALE);
    assert_int_equal(aside_exchange(f->root.fd, "a", ".a", &meant, &ours), 0);
    assert_text(f, "a", "ours");
    assert_text(f, ".a", "meant");
}

static void test_exchange_a_stranger(void **state)
{
    struct fake *f = *state;
    struct stat meant = look(f, "a"), ours;

    fake_write(f, ".a", "ours");
    ours = look(f, ".a");
    meanwhile = take_name;
    assert_int_equal(aside_exchange(f->root.fd, "a", ".a", &meant, &ours), -ESTALE);
    assert_text(f, "a", "precious");
    assert_text(f, ".a", "ours");
}

static void take_name_twice(struct fake *f)
{
    fake_write(f, "second", "precious too");
    move(f, "second", "a");
}

static void take_name_again(struct fake *f)
{
    take_name(f);
    meanwhile = take_name_twice;
}

/* The second one takes the place of ours while the first one gets its name back: it is the newer. */
static void test_exchange_two_strangers(void **state)
{
    struct fake *f = *state;
    struct stat meant = look(f, "a"), ours;

    fake_write(f, ".a", "ours");
    ours = look(f, ".a");
    meanwhile = take_name_again;
    assert_int_equal(aside_exchange(f->root.fd, "a", ".a", &meant, &ours), -EUCLEAN);
    assert_text(f, "a", "precious too");
    assert_text(f, ".a", "precious");
}

static void test_unsupported(void **state)
{
    struct fake *f = *state;
    struct stat meant = look(f, "a"), ours = look(f, "stranger");

    rename_error = EINVAL;
    assert_int_equal(aside_move(f->root.fd, "a", ".a", &meant), -EOPNOTSUPP);
    assert_int_equal(aside_exchange(f->root.fd, "a", "stranger", &meant, &ours), -EOPNOTSUPP);
    rename_error = EROFS;
    assert_int_equal(aside_move(f->root.fd, "a", ".a", &meant), -EROFS);
    assert_int_equal(aside_exchange(f->root.fd, "a", "stranger", &meant, &ours), -EROFS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_name),
        cmocka_unit_test_setup_teardown(test_move, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_move_a_stranger, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_exchange, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_exchange_a_stranger, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_exchange_two_strangers, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_unsupported, setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("aside", tests, NULL, NULL);
}
