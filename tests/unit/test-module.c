/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "module.h"

/* A modprobe that writes down its arguments and ends with @status. */
static void make_modprobe(struct fake *f, int status)
{
    char text[256];

    fake_write(f, "told", "");
    snprintf(text, sizeof(text), "#!/bin/sh\necho \"$@\" >>%s\nexit %d\n", fake_path(f, "told"),
             status);
    fake_write(f, "bin/modprobe", text);
    assert_int_equal(chmod(fake_path(f, "bin/modprobe"), 0755), 0);
    assert_int_equal(setenv("PATH", fake_path(f, "bin"), 1), 0);
}

static void assert_told(struct fake *f, const char *wanted)
{
    _cleanup_(free_ptr) char *text = fake_read(f, "told");

    assert_string_equal(text, wanted);
}

static void test_there(void **state)
{
    struct fake *f = *state;

    make_modprobe(f, 0);
    assert_int_equal(module_find("zram"), 0);
    assert_told(f, "--dry-run -- zram\n");
    assert_int_equal(module_load("zram", NULL), 0);
    assert_told(f, "--dry-run -- zram\n--quiet -- zram\n");
}

static void test_missing(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    make_modprobe(f, 1);
    assert_int_equal(module_find("zram"), -ENOENT);
    assert_int_equal(module_load("zram", &e), -EIO);
    assert_int_equal(e.kind, ERR_FAILED);
    fake_assert_message(&e, "zram: modprobe could not load this kernel module (status 1)");
}

/* Neither in PATH, nor a module of that name where it is looked for next. */
static void test_no_modprobe(void **state)
{
    struct fake *f = *state;

    assert_int_equal(setenv("PATH", fake_path(f, "nowhere"), 1), 0);
    assert_int_equal(module_find("headroom_no_such_module"), -ENOENT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_there),
        TEST(test_missing),
        TEST(test_no_modprobe),
    };

    return cmocka_run_group_tests_name("module", tests, NULL, NULL);
}
