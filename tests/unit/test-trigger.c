/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "trigger.h"

static void test_parse(void **state _unused_)
{
    struct trigger t;

    assert_int_equal(trigger_parse("some:150ms/2s", &t, NULL), 0);
    assert_false(t.full);
    assert_int_equal(t.stall_us, 150000);
    assert_int_equal(t.window_us, 2000000);
    assert_int_equal(trigger_parse("full:10s/10s", &t, NULL), 0);
    assert_true(t.full);
    assert_int_equal(t.stall_us, 10000000);
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
    } bad[] = {
        {"", -EINVAL},           {"some", -EINVAL},       {"some:150ms", -EINVAL},
        {"most:1s/2s", -EINVAL}, {"150ms/2s", -EINVAL},   {"some:/2s", -EINVAL},
        {"some:1s/", -EINVAL},   {"some:x/2s", -EINVAL},  {"some:1s/2s/3s", -EINVAL},
        {"some:0/2s", -ERANGE},  {"some:3s/2s", -ERANGE}, {"some:1s/11s", -ERANGE},
    };

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct trigger t = {.stall_us = 7};

        if (trigger_parse(bad[i].text, &t, &e) != bad[i].r)
            fail_msg("case %zu: \"%s\"", i, bad[i].text);
        assert_int_equal(e.kind, ERR_USAGE);
        assert_int_equal(t.stall_us, 7);
    }
}

/* The kernel cuts the last byte off, so that must be the NUL. */
static void test_written(void **state)
{
    static const char want[] = "full 150000 2000000";
    struct fake *f = *state;
    const struct trigger t = {true, 150000, 2000000};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(close_fd) int fd = -1;
    char got[64];

    fake_write(f, "memory", "");
    fd = root_openat(&f->root, "/memory", O_RDWR, 0);
    assert_int_equal(trigger_arm(fd, "/memory", &t, NULL), 0);
    assert_int_equal(pread(fd, got, sizeof(got), 0), sizeof(want));
    assert_memory_equal(got, want, sizeof(want));
    close_fd(&fd);
    fd = root_openat(&f->root, "/memory", O_RDONLY, 0);
    assert_int_equal(trigger_arm(fd, "/memory", &t, &e), -EBADF);
    fake_assert_message(&e, "/memory: cannot ask the kernel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_bad),
        cmocka_unit_test_setup_teardown(test_written, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("trigger", tests, NULL, NULL);
}
