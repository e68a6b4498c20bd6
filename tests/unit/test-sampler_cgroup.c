/* SPDX-License-Identifier: MIT */
#include "rig.h"

/* ---- groups */

#define V2 "30 1 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define V1                                                                                         \
    "30 1 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"                             \
    "31 1 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

static void write_group(struct fake *f, const char *file, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "sys/fs/cgroup/%s", file);
    fake_write(f, path, text);
}

static void test_groups(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/self/mountinfo", V2);
    fake_write(f, "proc/self/cgroup", "0::/\n");
    write_group(f, "cgroup.procs", "");
    write_group(f, "a/cgroup.procs", "");
    write_group(f, "a/memory.max", "8192\n");
    write_group(f, "a/b/cgroup.procs", "");
    write_group(f, "a/b/memory.current", "6000\n");
    write_group(f, "a/b/memory.max", "max\n");
    write_group(f, "a/b/memory.swap.current", "77\n");
    write_group(f, "a/b/memory.stat",
                "anon 1\nfile_dirty 100\nfile_writeback 4\ninactive_file 1000\nactive_file 1008\n");
    write_group(f, "a/b/memory.pressure",
                "some avg10=1.50 avg60=0.00 avg300=0.00 total=0\n"
                "full avg10=0.50 avg60=0.00 avg300=0.00 total=0\n");
    write_group(f, "a/b/memory.events", "low 0\noom 9\noom_kill 3\n");
    rig_begin(&r, &f->root,
              "cgroup:/a/b.memory cgroup:a/b.memory_percent cgroup:/a/b.max cgroup:/a.max "
              "cgroup:/a/b.swap cgroup:/a/b.swap_max cgroup:/a/b.psi cgroup:/a/b.psi_full "
              "cgroup:/a/b.oom cgroup:/.memory cgroup:/none.memory cgroup:/../x.memory");
    sampler_take(r.s);
    assert_number(&r, 0, 6000);
    assert_number(&r, 1, 100.0 * (6000 - 2008 + 104) / 8192);
    assert_state(&r, 2, SAMPLER_ABSENT, "the group has no limit");
    assert_number(&r, 3, 8192);
    assert_number(&r, 4, 77);
    assert_state(&r, 5, SAMPLER_ABSENT, "not enabled");
    assert_number(&r, 6, 1.5);
    assert_number(&r, 7, 0.5);
    assert_state(&r, 8, SAMPLER_EARLY, "cgroup:/a/b.oom: ");
    assert_state(&r, 9, SAMPLER_ABSENT, "not enabled");
    assert_state(&r, 10, SAMPLER_ABSENT, "there is no such group");
    assert_state(&r, 11, SAMPLER_ABSENT, "there is no such group");
    write_group(f, "a/b/memory.events", "low 0\noom 9\noom_kill 5\n");
    write_group(f, "a/b/memory.max", "4096\n");
    write_group(f, "a/b/memory.current", "99999999999999999999\n");
    write_group(f, "none/memory.current", "5\n");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_BROKEN, "makes no sense");
    assert_number(&r, 2, 4096);
    assert_number(&r, 8, 2);
    assert_number(&r, 10, 5);
    rig_end(&r);
}

static void test_groups_v1(void **state)
{
    struct fake *f = *state;
    struct rig r;

    fake_write(f, "proc/self/mountinfo", V1);
    fake_write(f, "proc/self/cgroup", "4:memory:/a\n0::/\n");
    write_group(f, "unified/cgroup.procs", "");
    write_group(f, "memory/cgroup.procs", "");
    write_group(f, "memory/memory.limit_in_bytes", "9223372036854771712\n");
    write_group(f, "memory/a/cgroup.procs", "");
    write_group(f, "memory/a/memory.usage_in_bytes", "3000\n");
    write_group(f, "memory/a/memory.limit_in_bytes", "4000\n");
    write_group(f, "memory/a/memory.memsw.usage_in_bytes", "3500\n");
    write_group(f, "memory/a/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 1\n");
    write_group(f, "memory/a/memory.stat", "total_inactive_file 1000\ntotal_active_file 0\n");
    rig_begin(&r, &f->root,
              "cgroup:/a.memory cgroup:/a.memory_percent cgroup:/a.max cgroup:/.max cgroup:/a.swap "
              "cgroup:/a.swap_max cgroup:/a.psi cgroup:/a.oom");
    sampler_take(r.s);
    sampler_take(r.s);
    assert_number(&r, 0, 3000);
    assert_number(&r, 1, 50);
    assert_number(&r, 2, 4000);
    assert_state(&r, 3, SAMPLER_ABSENT, "the group has no limit");
    assert_number(&r, 4, 500);
    assert_state(&r, 5, SAMPLER_ABSENT, "this kernel lacks it");
    assert_state(&r, 6, SAMPLER_ABSENT, "this kernel lacks it");
    assert_number(&r, 7, 0);
    rig_end(&r);
}

static void test_no_groups(void **state)
{
    struct fake *f = *state;
    struct rig r;

    rig_begin(&r, &f->root, "cgroup:/a.memory");
    sampler_take(r.s);
    assert_state(&r, 0, SAMPLER_ABSENT, "there are no control groups");
    rig_end(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_groups, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_groups_v1, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_no_groups, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("sampler_cgroup", tests, NULL, NULL);
}
