/* SPDX-License-Identifier: MIT */
#include "cglack.h"
#include "fake.h"

static void test_command_line(void **state _unused_)
{
    assert_true(cglack_is_disabled("quiet cgroup_disable=memory\n", "memory"));
    assert_true(cglack_is_disabled("cgroup_disable=io,memory quiet", "memory"));
    assert_true(cglack_is_disabled("cgroup_disable=io cgroup_disable=memory", "memory"));
    assert_false(cglack_is_disabled("cgroup_disable=memory2", "memory"));
    assert_false(cglack_is_disabled("nocgroup_disable=memory", "memory"));
    assert_false(cglack_is_disabled("cgroup_disable= memory", "memory"));
    assert_false(cglack_is_disabled("", "memory"));
}

static void assert_lack(const struct fake *f, enum cglack wanted, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;

    assert_int_equal(cgtree_look(&f->root, &t, NULL), 0);
    assert_int_equal(cglack_of(&t, "memory"), wanted);
    assert_int_equal(cglack_refuse(&t, "memory", &e), message ? -EOPNOTSUPP : 0);
    if (message)
        assert_non_null(strstr(e.text, message));
}

static void test_why(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /cg rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, "proc/cmdline", "quiet\n");
    fake_write(f, "cg/cgroup.controllers", "cpu memory\n");
    assert_lack(f, CGLACK_NONE, NULL);
    fake_write(f, "cg/cgroup.controllers", "cpu\n");
    assert_lack(f, CGLACK_UNKNOWN, "/cg: there is no memory controller; this kernel was built");
    fake_write(f, "proc/cmdline", "cgroup_disable=memory\n");
    assert_lack(f, CGLACK_DISABLED, "switched off by \"cgroup_disable=memory\"");
    fake_write(f, "proc/cmdline", "quiet\n");
    fake_write(f, "cg/cgroup.type", "domain\n");
    assert_lack(f, CGLACK_OUTSIDE, "is not handed down to this container or namespace");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_command_line),
        cmocka_unit_test_setup_teardown(test_why, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cglack", tests, NULL, NULL);
}
