/* SPDX-License-Identifier: MIT */
#include "cgowner.h"
#include "fake.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"

static void assert_owner(const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *owner = NULL;

    assert_int_equal(cgowner_of(path, &owner), 0);
    if (wanted)
        assert_string_equal(owner, wanted);
    else
        assert_null(owner);
}

static void test_of(void **state _unused_)
{
    assert_owner("", NULL);
    assert_owner("web/worker", NULL);
    assert_owner("system.slice/nginx.service", "nginx.service");
    assert_owner("system.slice/nginx.service/worker", "nginx.service");
    assert_owner("user.slice/user-1000.slice/session-1.scope", "session-1.scope");
    assert_owner("system.slice", "system.slice");
    assert_owner(".service", NULL);
    assert_owner("system.slice/docker-" ID ".scope", "docker 0123456789ab");
    assert_owner("docker/" ID "/init", "docker 0123456789ab");
}

static void test_find(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) char *path = NULL;

    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, "sys/fs/cgroup/docker/" OTHER "/cgroup.procs", "");
    fake_write(f, "sys/fs/cgroup/docker/" ID "/own/cgroup.procs", "");
    assert_int_equal(cgtree_open(&f->root, &t, &e), 0);
    assert_int_equal(cgowner_find(&t, "0123456789ab", &path, &e), 0);
    assert_string_equal(path, "docker/" ID);
    assert_int_equal(cgowner_find(&t, "aaaaaaaaaaaa", &path, &e), -ENOENT);
    fake_assert_message(&e, "no group below /sys/fs/cgroup belongs");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of),
        cmocka_unit_test_setup_teardown(test_find, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgowner", tests, NULL, NULL);
}
