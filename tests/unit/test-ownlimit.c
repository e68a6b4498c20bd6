/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "ownlimit.h"

#define CG "sys/fs/cgroup/"

static void make_v2(struct fake *f, const char *own)
{
    char text[128];

    snprintf(text, sizeof(text), "0::%s\n", own);
    fake_write(f, "proc/self/cgroup", text);
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, CG "cgroup.controllers", "memory\n");
}

static void group(struct fake *f, const char *path, const char *max, const char *current)
{
    char name[128];

    snprintf(name, sizeof(name), CG "%s/memory.max", path);
    fake_write(f, name, max);
    snprintf(name, sizeof(name), CG "%s/memory.current", path);
    fake_write(f, name, current);
}

static void assert_limit(struct fake *f, const char *path, uint64_t limit, uint64_t used)
{
    _cleanup_(ownlimit_clear) struct ownlimit l = OWNLIMIT_INIT;

    assert_int_equal(ownlimit_read(&f->root, &l, NULL), 1);
    assert_string_equal(l.group, path);
    assert_int_equal(l.limit, limit);
    assert_int_equal(l.used, used);
}

static void assert_none(struct fake *f)
{
    struct ownlimit l = OWNLIMIT_INIT;

    assert_int_equal(ownlimit_read(&f->root, &l, NULL), 0);
    assert_null(l.group);
}

static void test_lowest_on_the_path(void **state)
{
    struct fake *f = *state;

    make_v2(f, "/a/b/c");
    group(f, "a", "4096000\n", "100\n");
    group(f, "a/b", "2048000\n", "1000000\n");
    group(f, "a/b/c", "max\n", "10\n");
    group(f, "other", "1\n", "1\n");
    fake_write(f, CG "a/b/memory.stat", "anon 5\ninactive_file 400000\n");
    assert_limit(f, "/a/b", 2048000, 600000);
}

/* In a container with a namespace of its own the top is the container's group. */
static void test_top_of_a_namespace(void **state)
{
    struct fake *f = *state;

    make_v2(f, "/");
    group(f, ".", "268435456\n", "1000\n");
    assert_limit(f, "/", 268435456, 1000);
}

static void test_none(void **state)
{
    struct fake *f = *state;

    make_v2(f, "/a");
    group(f, "a", "max\n", "10\n");
    assert_none(f);
    fake_write(f, CG "a/memory.max", "99999999999999999999\n");
    assert_none(f);
    fake_write(f, "proc/self/mountinfo", "");
    assert_none(f);
}

static void test_version_1(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/cgroup", "5:cpu:/x\n4:memory:/docker/abc/in\n");
    fake_write(f, "proc/self/mountinfo",
               "30 25 0:27 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    fake_write(f, CG "memory/in/memory.usage_in_bytes", "5000\n");
    fake_write(f, CG "memory/in/memory.stat",
               "hierarchical_memory_limit 104857600\ntotal_inactive_file 1000\n");
    assert_limit(f, "/in", 104857600, 4000);
    fake_write(f, CG "memory/in/memory.stat", "hierarchical_memory_limit 9223372036854771712\n");
    assert_none(f);
    /* the path is that of the host: what is mounted is the container's own */
    fake_write(f, "proc/self/cgroup", "4:memory:/elsewhere\n");
    fake_write(f, CG "memory/memory.usage_in_bytes", "7000\n");
    fake_write(f, CG "memory/memory.stat", "hierarchical_memory_limit 1048576\n");
    assert_limit(f, "/", 1048576, 7000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lowest_on_the_path),
        TEST(test_top_of_a_namespace),
        TEST(test_none),
        TEST(test_version_1),
    };

    return cmocka_run_group_tests_name("ownlimit", tests, NULL, NULL);
}
