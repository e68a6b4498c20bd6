/* SPDX-License-Identifier: MIT */
#include "cgroup.h"
#include "fake.h"

#define SYSTEMD "26 25 0:23 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define V1 "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
#define OTHERS                                                                                     \
    "22 1 8:1 / / rw shared:1 master:2 - ext4 /dev/sda1 rw\n"                                      \
    "34 31 0:31 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,memoryless\n"                       \
    "40 31 0:37 / /mnt rw - tmpfs cgroup2 rw,memory\n"

static void assert_mount(const char *text, int version, const char *wanted)
{
    _cleanup_(free_ptr) char *point = NULL;

    assert_int_equal(cgroup_mount_parse(text, version, &point), wanted ? 1 : 0);
    if (wanted)
        assert_string_equal(point, wanted);
    else
        assert_null(point);
}

static void test_parse(void **state _unused_)
{
    assert_mount(OTHERS SYSTEMD V1, 2, "/sys/fs/cgroup");
    assert_mount(OTHERS SYSTEMD V1, 1, "/sys/fs/cgroup/memory");
    assert_mount(OTHERS, 2, NULL);
    assert_mount(OTHERS, 1, NULL);
    assert_mount("", 2, NULL);
    assert_mount("1 2 3\n\n26 25 0:23 / /x rw -\n26 25 0:23 / /x rw - cgroup2\n", 2, NULL);
    assert_mount("26 25 0:23 / /a\\4000\\0x0\\04 rw - cgroup2 cgroup2 rw", 2, "/a\\4000\\0x0\\04");
    assert_mount("26 25 0:23 / /a\\040b\\134 rw - cgroup2 cgroup2 rw", 2, "/a b\\");
}

static void test_whole_goes_first(void **state _unused_)
{
    assert_mount("30 25 0:23 /part /a rw - cgroup2 cgroup2 rw\n"
                 "31 25 0:23 /other /b rw - cgroup2 cgroup2 rw\n" SYSTEMD,
                 2, "/sys/fs/cgroup");
    assert_mount("30 25 0:23 /part /a rw - cgroup2 cgroup2 rw\n"
                 "31 25 0:23 /other /b rw - cgroup2 cgroup2 rw\n",
                 2, "/a");
}

static void assert_opens(struct fake *f, int version)
{
    struct cgroup_mount mount;

    assert_int_equal(cgroup_open_memory(&f->root, &mount, NULL), 0);
    assert_int_equal(mount.version, version);
    close_fd(&mount.fd);
}

static void test_open(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct cgroup_mount mount;

    assert_int_equal(cgroup_open_memory(&f->root, &mount, &e), -ENOENT);
    fake_write(f, "proc/self/mountinfo", OTHERS SYSTEMD V1);
    assert_int_equal(cgroup_open_memory(&f->root, &mount, &e), -ENOENT);
    fake_assert_message(&e, "/sys/fs/cgroup: cannot open the cgroups");
    fake_write(f, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    fake_write(f, "sys/fs/cgroup/memory/memory.stat", "");
    assert_opens(f, 2);
    fake_write(f, "sys/fs/cgroup/cgroup.controllers", "cpu memory2\n");
    assert_opens(f, 1);
    fake_write(f, "proc/self/mountinfo", OTHERS SYSTEMD);
    assert_int_equal(cgroup_open_memory(&f->root, &mount, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test(test_whole_goes_first),
        cmocka_unit_test_setup_teardown(test_open, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgroup", tests, NULL, NULL);
}
