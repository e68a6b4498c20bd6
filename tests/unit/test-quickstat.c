/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "quickstat.h"

/* What it says is what stat(2) says. */
static void test_at(void **state)
{
    struct fake *f = *state;
    struct stat quick, st;

    fake_write(f, "etc/a", "text");
    assert_int_equal(stat(fake_path(f, "etc/a"), &st), 0);
    assert_int_equal(quickstat_at(f->root.fd, "etc/a", 0, &quick), 0);
    assert_true(quick.st_dev == st.st_dev && quick.st_ino == st.st_ino);
    assert_true(quick.st_mode == st.st_mode && quick.st_nlink == st.st_nlink);
    assert_true(quick.st_uid == st.st_uid && quick.st_size == 4);
    assert_true(quick.st_mtim.tv_sec == st.st_mtim.tv_sec);
    assert_int_equal(quickstat_at(f->root.fd, "etc/none", 0, &quick), -ENOENT);
}

/* What was looked at just now is at hand. */
static void test_open(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int inside = -1, outside = -1;
    struct stat st;

    fake_write(f, "etc/a", "text");
    assert_int_equal(symlink("/etc/a", fake_path(f, "etc/link")), 0);
    assert_int_equal(stat(fake_path(f, "etc/a"), &st), 0);
    inside = quickstat_open(f->root.fd, "/etc/link", true);
    assert_true(inside >= 0 || inside == -EAGAIN);
    if (inside >= 0) {
        assert_int_equal(quickstat_at(inside, "", AT_EMPTY_PATH, &st), 0);
        assert_int_equal(st.st_size, 4);
    }
    outside = quickstat_open(f->root.fd, "etc/a", false);
    assert_true(outside >= 0);
    assert_true(quickstat_open(f->root.fd, "etc/a/b", false) < 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_at, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_open, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("quickstat", tests, NULL, NULL);
}
