/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <dirent.h>

#include "textfile.h"

static int replace(struct fake *f, const char *path, const char *text, struct err *e)
{
    return textfile_replace(&f->root, path, text, strlen(text), e);
}

static void assert_file(struct fake *f, const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *text = fake_read(f, path);
    struct stat st;

    assert_string_equal(text, wanted);
    assert_int_equal(lstat(fake_path(f, path), &st), 0);
    assert_int_equal(st.st_mode, S_IFREG | 0644);
}

/* Nothing but what was asked for lies in the folder. */
static void assert_alone(struct fake *f, const char *folder, int wanted)
{
    _cleanup_(close_dir) DIR *dir = opendir(fake_path(f, folder));
    int n = 0;

    assert_non_null(dir);
    while (readdir(dir))
        n++;
    assert_int_equal(n - 2, wanted);
}

static void test_replace(void **state)
{
    struct fake *f = *state;
    mode_t old = umask(077);

    fake_write(f, "d/other", "");
    assert_int_equal(replace(f, "/d/a.prom", "one\n", NULL), 0);
    umask(old);
    assert_file(f, "d/a.prom", "one\n");
    assert_int_equal(chmod(fake_path(f, "d/a.prom"), 0600), 0);
    assert_int_equal(replace(f, "/d/a.prom", "", NULL), 0);
    assert_file(f, "d/a.prom", "");
    assert_alone(f, "d", 2);
}

static void test_link(void **state)
{
    struct fake *f = *state;

    fake_write(f, "d/target", "old");
    assert_int_equal(symlink("target", fake_path(f, "d/a.prom")), 0);
    assert_int_equal(replace(f, "/d/a.prom", "new\n", NULL), 0);
    assert_file(f, "d/a.prom", "new\n");
    assert_file(f, "d/target", "old");
}

static void test_refused(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    fake_write(f, "d/sub.prom/file", "");
    assert_int_equal(replace(f, "/d/sub.prom", "x", &e), -EISDIR);
    fake_assert_message(&e, "/d/sub.prom: cannot write it");
    assert_alone(f, "d", 1);
    assert_int_equal(replace(f, "/none/a.prom", "x", &e), -ENOENT);
    fake_assert_message(&e, "/none/a.prom: cannot open its directory");
    assert_int_equal(replace(f, "/d/", "x", &e), -EINVAL);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_int_equal(replace(f, "/d/..", "x", NULL), -EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_replace), TEST(test_link), TEST(test_refused)};

    return cmocka_run_group_tests_name("textfile", tests, NULL, NULL);
}
