/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapusage.h"

#define KB UINT64_C(1024)

static void process(struct fake *f, int pid, const char *name, unsigned uid, int kib)
{
    char path[64], text[256];
    int n = snprintf(text, sizeof(text), "Name:\t%s\nUid:\t%u\t%u\t%u\t%u\nGid:\t0\t0\t0\t0\n",
                     name, uid, uid, uid, uid);

    if (kib >= 0)
        snprintf(text + n, sizeof(text) - (size_t)n, "VmSwap:\t%8d kB\n", kib);
    snprintf(path, sizeof(path), "proc/%d/status", pid);
    fake_write(f, path, text);
}

static struct swapusage processes(struct fake *f)
{
    struct swapusage u;

    assert_int_equal(swapusage_processes(&f->root, &u, NULL), 0);
    swapusage_sort(&u);
    return u;
}

static void assert_process(const struct swapusage_row *row, int pid, const char *name, uint64_t kib)
{
    assert_int_equal(row->pid, pid);
    assert_string_equal(row->name, name);
    assert_int_equal(row->swap, kib * KB);
}

static void test_processes(void **state)
{
    struct fake *f = *state;

    process(f, 1, "init", 0, 8);
    process(f, 2, "kthreadd", 0, -1);
    process(f, 30, "idle", 0, 0);
    process(f, 41, "a\\nb", 1000, 100);
    process(f, 40, "twin", 1000, 100);
    _cleanup_(swapusage_clear) struct swapusage u = processes(f);

    assert_int_equal(u.n, 3);
    assert_process(&u.rows[0], 40, "twin", 100);
    assert_process(&u.rows[1], 41, "a\nb", 100);
    assert_process(&u.rows[2], 1, "init", 8);
    assert_int_equal(u.rows[0].uid, 1000);
    assert_int_equal(u.accounted, 208 * KB);
    assert_int_equal(u.unreadable, 0);
    assert_false(u.hidden);
}

static void test_many(void **state)
{
    struct fake *f = *state;

    for (int pid = 1; pid <= 100; pid++)
        process(f, pid, "many", 0, pid);
    _cleanup_(swapusage_clear) struct swapusage u = processes(f);

    assert_int_equal(u.n, 100);
    for (int i = 0; i < 100; i++)
        assert_process(&u.rows[i], 100 - i, "many", (uint64_t)(100 - i));
    assert_int_equal(u.accounted, 5050 * KB);
}

static void test_incomplete(void **state)
{
    struct fake *f = *state;

    process(f, 5, "seen", 0, 4);
    fake_write(f, "proc/6/status", "garbage\n");
    fake_write(f, "proc/7/stat", ""); /* no status: gone meanwhile */
    assert_int_equal(root_mkdirs(&f->root, "proc/8/status", NULL), 0); /* cannot be read */
    _cleanup_(swapusage_clear) struct swapusage u = processes(f);

    assert_int_equal(u.n, 1);
    assert_int_equal(u.unreadable, 2);
    assert_true(u.hidden);
}

static void test_users(void **state)
{
    struct fake *f = *state;

    process(f, 1, "init", 0, 8);
    process(f, 2, "x", 1000, 5);
    process(f, 3, "y", 33, 1);
    process(f, 4, "z", 1000, 7);
    process(f, 5, "w", 33, 0);
    _cleanup_(swapusage_clear) struct swapusage u = SWAPUSAGE_INIT;

    assert_int_equal(swapusage_users(&f->root, &u, NULL), 0);
    swapusage_sort(&u);
    assert_int_equal(u.n, 3);
    assert_int_equal(u.rows[0].uid, 1000);
    assert_int_equal(u.rows[0].count, 2);
    assert_int_equal(u.rows[0].swap, 12 * KB);
    assert_int_equal(u.rows[1].uid, 0);
    assert_int_equal(u.rows[2].uid, 33);
    assert_int_equal(u.rows[2].count, 1);
    assert_int_equal(u.accounted, 21 * KB);
}

static void test_nobody(void **state)
{
    struct fake *f = *state;

    process(f, 1, "init", 0, 0);
    _cleanup_(swapusage_clear) struct swapusage u = SWAPUSAGE_INIT;

    assert_int_equal(swapusage_users(&f->root, &u, NULL), 0);
    swapusage_sort(&u);
    assert_int_equal(u.n, 0);
}

static void assert_group(const struct swapusage_row *row, const char *path, uint64_t swap,
                         uint64_t tree)
{
    assert_string_equal(row->name, path);
    assert_int_equal(row->swap, swap);
    assert_int_equal(row->tree, tree);
}

static struct swapusage groups(struct fake *f)
{
    struct swapusage u;

    assert_int_equal(swapusage_cgroups(&f->root, &u, NULL), 0);
    swapusage_sort(&u);
    return u;
}

#define V2 "sys/fs/cgroup/"
#define V1 "sys/fs/cgroup/memory/"

static void test_groups(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 none rw\n");
    fake_write(f, V2 "cgroup.controllers", "memory\n");
    fake_write(f, V2 "a/memory.swap.current", "100\n");
    fake_write(f, V2 "a/b/memory.swap.current", "60\n");
    fake_write(f, V2 "a/c/memory.swap.current", "0\n");
    fake_write(f, V2 "d/memory.swap.current", "7\n");
    /* the controller is not enabled below it */
    fake_write(f, V2 "d/e/cgroup.procs", "");
    /* was read before its child grew */
    fake_write(f, V2 "g/memory.swap.current", "1\n");
    fake_write(f, V2 "g/h/memory.swap.current", "5\n");
    _cleanup_(swapusage_clear) struct swapusage u = groups(f);

    assert_int_equal(u.n, 4);
    assert_group(&u.rows[0], "/a/b", 60, 60);
    assert_group(&u.rows[1], "/a", 40, 100);
    assert_group(&u.rows[2], "/d", 7, 7);
    assert_group(&u.rows[3], "/g/h", 5, 5);
    assert_int_equal(u.accounted, 112);
}

/* In a container the top is a group itself. */
static void test_group_at_the_top(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo", "26 25 0:23 /../.. /sys/fs/cgroup ro - cgroup2 none rw\n");
    fake_write(f, V2 "cgroup.controllers", "memory\n");
    fake_write(f, V2 "memory.swap.current", "9\n");
    fake_write(f, V2 "a/memory.swap.current", "4\n");
    _cleanup_(swapusage_clear) struct swapusage u = groups(f);

    assert_int_equal(u.n, 2);
    assert_group(&u.rows[0], "/", 5, 9);
    assert_group(&u.rows[1], "/a", 4, 4);
}

static void test_groups_version_1(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo",
               "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    fake_write(f, V1 "memory.stat", "cache 5\nswap 3\ntotal_cache 5\ntotal_swap 10\n");
    fake_write(f, V1 "a/memory.stat", "swap 7\nswapcached 9\ntotal_swap 7\ntotal_swapcached 11\n");
    _cleanup_(swapusage_clear) struct swapusage u = groups(f);

    assert_int_equal(u.n, 2);
    assert_group(&u.rows[0], "/a", 16, 18);
    assert_group(&u.rows[1], "/", 3, 10);
    assert_int_equal(u.accounted, 19);
}

static void test_groups_uncounted(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct swapusage u;

    fake_write(f, "proc/self/mountinfo",
               "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    fake_write(f, V1 "memory.stat", "cache 5\ntotal_cache 5\n");
    assert_int_equal(swapusage_cgroups(&f->root, &u, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "none of them counts swap (swap in memory.stat)");
    fake_write(f, "proc/self/mountinfo", "");
    assert_int_equal(swapusage_cgroups(&f->root, &u, &e), -EOPNOTSUPP);
    fake_assert_message(&e, "none that count memory are mounted");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_processes),        TEST(test_many),
        TEST(test_incomplete),       TEST(test_users),
        TEST(test_nobody),           TEST(test_groups),
        TEST(test_group_at_the_top), TEST(test_groups_version_1),
        TEST(test_groups_uncounted),
    };

    return cmocka_run_group_tests_name("swapusage", tests, NULL, NULL);
}
