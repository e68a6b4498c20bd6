/* SPDX-License-Identifier: MIT */
#include "fake.h"

static void test_read_whole(void **state)
{
    struct fake *f = *state;
    char *big = calloc(1, 100001), *text = NULL;
    size_t len = 0;

    memset(big, 'x', 100000);
    fake_write(f, "proc/big", big);
    assert_int_equal(root_read(&f->root, "/proc/big", &text, &len, NULL), 0);
    assert_int_equal(len, 100000);
    assert_string_equal(text, big);
    free(text);
    free(big);
}

static void test_read_absent(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char *text = NULL;

    assert_int_equal(root_read(&f->root, "/proc/none", &text, NULL, &e), -ENOENT);
    assert_null(text);
    fake_assert_message(&e, "/proc/none: cannot open: No such file or directory");
}

static void test_links_stay_inside(void **state)
{
    struct fake *f = *state;
    char *text = NULL;

    fake_write(f, "etc/real", "inside");
    assert_int_equal(symlink("/etc/real", fake_path(f, "absolute")), 0);
    assert_int_equal(symlink("../../../../../../etc/real", fake_path(f, "dots")), 0);
    assert_int_equal(root_read(&f->root, "/absolute", &text, NULL, NULL), 0);
    assert_string_equal(text, "inside");
    free(text);
    assert_int_equal(root_read(&f->root, "dots", &text, NULL, NULL), 0);
    assert_string_equal(text, "inside");
    free(text);
}

static void test_path_of(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = -1;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct root live = ROOT_INIT;
    char *path = NULL;

    fake_write(f, "a/b", "x");
    fd = root_openat(&f->root, "a/b", O_PATH, 0);
    assert_int_equal(root_path_of(&f->root, fd, &path, NULL), 0);
    assert_string_equal(path, "/a/b");
    free(TAKE_PTR(path));

    assert_int_equal(root_open(&live, NULL, NULL), 0);
    assert_true(live.live);
    assert_int_equal(root_path_of(&live, fd, &path, NULL), 0);
    assert_string_equal(path, fake_path(f, "a/b"));
    free(TAKE_PTR(path));
    assert_int_equal(root_path_of(&f->root, live.fd, &path, &e), -ENOENT);
    fake_assert_message(&e, "outside");
    root_close(&live);

    assert_int_equal(unlink(fake_path(f, "a/b")), 0);
    assert_int_equal(root_path_of(&f->root, fd, &path, &e), -ENOENT);
    fake_assert_message(&e, "deleted");
}

static void test_write_and_mkdirs(void **state)
{
    struct fake *f = *state;
    char *text;

    fake_write(f, "proc/sys/vm/swappiness", "60\n");
    assert_int_equal(root_write(&f->root, "/proc/sys/vm/swappiness", "5", NULL), 0);
    text = fake_read(f, "proc/sys/vm/swappiness");
    assert_string_equal(text, "5");
    free(text);
    assert_int_equal(root_write(&f->root, "/proc/sys/vm/absent", "5", NULL), -ENOENT);
    assert_false(fake_exists(f, "proc/sys/vm/absent"));
    assert_int_equal(root_mkdirs(&f->root, "/x/y//z", NULL), 0);
    assert_int_equal(root_mkdirs(&f->root, "/x/y/z", NULL), 0);
    assert_true(fake_exists(f, "x/y/z"));
}

/* An absolute link in an image means the image's folder, not ours. */
static void test_mkdirs_stays_inside(void **state)
{
    struct fake *f = *state;
    char outside[64];
    struct stat st;

    strcpy(outside, "/tmp/headroom-outside.XXXXXX");
    assert_non_null(mkdtemp(outside));
    assert_int_equal(symlink(outside, fake_path(f, "link")), 0);
    assert_true(root_mkdirs(&f->root, "/link/made", NULL) < 0);
    strcat(outside, "/made");
    assert_int_equal(stat(outside, &st), -1);
    *strrchr(outside, '/') = '\0';
    assert_int_equal(rmdir(outside), 0);
    assert_int_equal(unlink(fake_path(f, "link")), 0);
    assert_int_equal(root_mkdirs(&f->root, "real", NULL), 0);
    assert_int_equal(symlink("/real", fake_path(f, "link")), 0);
    assert_int_equal(root_mkdirs(&f->root, "/link/made", NULL), 0);
    assert_true(fake_exists(f, "real/made"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read_whole, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_read_absent, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_links_stay_inside, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_path_of, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_write_and_mkdirs, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_mkdirs_stays_inside, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("root", tests, NULL, NULL);
}
