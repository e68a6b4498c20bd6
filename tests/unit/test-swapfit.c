/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapfit.h"

#include <inttypes.h>

#define MB (UINT64_C(1) << 20)
#define NONE UINT64_MAX
#define V2 "sys/fs/cgroup/"
#define V1 "sys/fs/cgroup/memory/"

/* The area that shall go, and two others. */
static struct swaps_area areas[3];
static const struct swaps swaps = {areas, ARRAY_SIZE(areas)};

/* 1 GiB of RAM is available; /a holds 100 MiB; /b has nothing free; there is no third one. */
static int setup(void **state)
{
    int r = fake_setup(state);

    areas[0] = (struct swaps_area){.path = (char *)"/a", .size = 200 * MB, .used = 100 * MB};
    areas[1] = (struct swaps_area){.path = (char *)"/b", .size = 50 * MB, .used = 50 * MB};
    areas[2] = (struct swaps_area){.path = (char *)"/c"};
    if (r == 0)
        fake_write(*state, "proc/meminfo",
                   "MemTotal: 2097152 kB\nMemFree: 1 kB\nMemAvailable: 1048576 kB\nBuffers: 0 kB\n"
                   "Cached: 0 kB\nSwapCached: 0 kB\nSwapTotal: 1048576 kB\nSwapFree: 1048576 kB\n"
                   "CommitLimit: 1 kB\nCommitted_AS: 1 kB\n");
    return r;
}

static void put(struct fake *f, const char *dir, const char *file, uint64_t n)
{
    char path[128], text[32];

    snprintf(path, sizeof(path), "%s%s", dir, file);
    snprintf(text, sizeof(text), "%" PRIu64 "\n", n);
    fake_write(f, path, n == NONE ? "max\n" : text);
}

/* A group of version 2: limit and use of memory, limit and use of swap. */
static void group(struct fake *f, const char *dir, uint64_t max, uint64_t current,
                  uint64_t swap_max, uint64_t swap)
{
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 none rw\n");
    fake_write(f, V2 "cgroup.controllers", "cpu memory\n");
    put(f, dir, "memory.max", max);
    put(f, dir, "memory.current", current);
    put(f, dir, "memory.swap.max", swap_max);
    put(f, dir, "memory.swap.current", swap);
    put(f, dir, "memory.stat", 0);
}

static void stat_has(struct fake *f, const char *dir, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "%smemory.stat", dir);
    fake_write(f, path, text);
}

static void fits(struct fake *f)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (swapfit_check(&f->root, &swaps, &areas[0], 0, &e) != 0)
        fail_msg("refused: %s", e.text);
}

static void refused(struct fake *f, const char *part)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(swapfit_check(&f->root, &swaps, &areas[0], 0, &e), -ENOMEM);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, part);
}

static void test_machine(void **state)
{
    struct fake *f = *state;

    areas[0].used = 1030 * MB;
    areas[1].used = 44 * MB;
    fits(f);
    areas[0].used++;
    refused(f, "/a: holds 1G in use, and only 1G are free in RAM and the other areas");
    assert_int_equal(swapfit_check(&f->root, &swaps, &areas[0], MB, NULL), 0);
}

/* What moves to zram takes RAM again. */
static void test_machine_with_zram(void **state)
{
    struct fake *f = *state;

    areas[0].used = 1100 * MB;
    areas[2] = (struct swaps_area){.path = (char *)"/dev/zram0", .size = 500 * MB};
    refused(f, "/a: holds 1.1G");
    areas[2].path = (char *)"/dev/sda1";
    fits(f);
}

static void test_no_groups(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 none rw\n");
    fake_write(f, V2 "cgroup.controllers", "cpu\n");
    put(f, V2 "a/", "memory.swap.current", 100 * MB);
    put(f, V2 "a/", "memory.max", MB);
    fits(f);
    /* the controller is there, the group does not count swap */
    fake_write(f, V2 "cgroup.controllers", "memory\n");
    put(f, V2 "b/", "memory.max", MB);
    fake_write(f, V2 "a/memory.swap.current", "garbage\n");
    fits(f);
    put(f, V2 "a/", "memory.swap.current", 100 * MB);
    refused(f, "cgroup /a ");
}

static void test_limit(void **state)
{
    struct fake *f = *state;

    group(f, V2 "a/", 140 * MB, 60 * MB, NONE, 80 * MB);
    fits(f);
    put(f, V2 "a/", "memory.current", 60 * MB + 1);
    refused(f, "/a: cgroup /a holds up to 80M of it and has room for 80M (memory.max is 140M, 60M "
               "in use); raise its memory.max, stop something in it, or add swap that it may use");
    put(f, V2 "a/", "memory.max", NONE);
    fits(f);
    /* above its limit, which was lowered */
    put(f, V2 "a/", "memory.max", 10 * MB);
    refused(f, "has room for 0B");
}

static void test_known_exactly(void **state)
{
    struct fake *f = *state;

    group(f, V2 "a/", 100 * MB, 60 * MB, NONE, 80 * MB);
    areas[1].used = areas[1].size = 0;
    refused(f, "cgroup /a holds 80M of it and has room for 40M");
}

/* No more comes back than the area holds. */
static void test_area_is_small(void **state)
{
    struct fake *f = *state;

    group(f, V2 "a/", 100 * MB, 60 * MB, NONE, 500 * MB);
    areas[0].used = 40 * MB;
    fits(f);
    areas[0].used++;
    refused(f, "holds up to 40M of it");
    areas[0].used = 0;
    fits(f);
}

static void test_cache_is_room(void **state)
{
    struct fake *f = *state;

    group(f, V2 "a/", 100 * MB, 100 * MB, NONE, 80 * MB);
    stat_has(f, V2 "a/", "anon 1\nactive_file 52428800\ninactive_file 31457280\n");
    fits(f);
    stat_has(f, V2 "a/",
             "active_file 52428800\ninactive_file 31457280\nfile_dirty 1000000\n"
             "file_writeback 48576\n");
    refused(f, "has room for 79M");
    /* one that is in memory already needs no room */
    stat_has(f, V2 "a/",
             "active_file 52428800\ninactive_file 31457280\nfile_dirty 1000000\n"
             "file_writeback 48576\nswapcached 1048576\n");
    fits(f);
}

static void test_other_areas(void **state)
{
    struct fake *f = *state;

    group(f, V2 "a/", 100 * MB, 100 * MB, NONE, 80 * MB);
    refused(f, "has room for 0B");
    areas[2] = (struct swaps_area){.path = (char *)"/c", .size = 80 * MB};
    fits(f);
    areas[2].used = 1;
    refused(f, "has room for 80M");
    /* and one that will be there */
    assert_int_equal(swapfit_check(&f->root, &swaps, &areas[0], 1, NULL), 0);
}

/* The other area is large, but the group may not swap more than it does, or even less. */
static void test_swap_max(void **state)
{
    struct fake *f = *state;

    areas[2] = (struct swaps_area){.path = (char *)"/c", .size = 800 * MB};
    group(f, V2 "a/", 100 * MB, 100 * MB, 80 * MB, 80 * MB);
    fits(f);
    put(f, V2 "a/", "memory.swap.max", 30 * MB);
    refused(f, "holds up to 80M of it and has room for 30M");
    put(f, V2 "a/", "memory.swap.max", 0);
    refused(f, "has room for 0B");
    assert_int_equal(swapfit_check(&f->root, &swaps, &areas[0], 800 * MB, NULL), -ENOMEM);
}

static void test_parent(void **state)
{
    struct fake *f = *state;

    group(f, V2 "p/", 200 * MB, 150 * MB, NONE, 60 * MB);
    group(f, V2 "p/x/", NONE, 75 * MB, NONE, 30 * MB);
    group(f, V2 "p/y/", 500 * MB, 75 * MB, NONE, 30 * MB);
    refused(f, "cgroup /p holds up to 60M of it and has room for 50M");
    put(f, V2 "p/", "memory.max", 210 * MB);
    fits(f);
    put(f, V2 "p/y/", "memory.max", 80 * MB);
    refused(f, "cgroup /p/y holds up to 30M of it and has room for 5M");
}

/* Each group could send its pages to the other area, but it is too small for all. */
static void test_together(void **state)
{
    struct fake *f = *state;

    areas[2] = (struct swaps_area){.path = (char *)"/c", .size = 50 * MB};
    group(f, V2 "x/", 100 * MB, 90 * MB, NONE, 30 * MB);
    group(f, V2 "y/", 100 * MB, 100 * MB, NONE, 30 * MB);
    fits(f);
    put(f, V2 "x/", "memory.current", 90 * MB + 1);
    refused(f, "/a: cgroup /y and others have no room for what they hold of it: up to 50M would "
               "have to be swapped out again, and 50M can be");
    /* they cannot all have it in an area that holds less */
    areas[0].used = 50 * MB;
    fits(f);
}

/* The same below a group whose swap is limited. */
static void test_together_in_a_group(void **state)
{
    struct fake *f = *state;

    areas[2] = (struct swaps_area){.path = (char *)"/c", .size = 500 * MB};
    group(f, V2 "p/", NONE, 200 * MB, 59 * MB, 60 * MB);
    group(f, V2 "p/x/", 100 * MB, 100 * MB, NONE, 29 * MB);
    group(f, V2 "p/y/", 100 * MB, 100 * MB, NONE, 31 * MB);
    refused(f, "cgroup /p/y and others");
    put(f, V2 "p/", "memory.swap.max", 60 * MB);
    fits(f);
}

/* In a container the top is a group itself. */
static void test_top(void **state)
{
    struct fake *f = *state;

    group(f, V2, 100 * MB, 90 * MB, NONE, 30 * MB);
    refused(f, "cgroup / holds up to 30M");
}

static void test_version_1(void **state)
{
    struct fake *f = *state;

    fake_write(f, "proc/self/mountinfo",
               "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
    fake_write(f, V1 "memory.stat", "total_swap 83886080\n");
    put(f, V1, "memory.limit_in_bytes", UINT64_C(9223372036854771712));
    put(f, V1, "memory.usage_in_bytes", 900 * MB);
    fake_write(f, V1 "a/memory.stat", "total_swap 0\n");
    fake_write(f, V1 "a/b/memory.stat",
               "swap 5\nactive_file 5\ntotal_swap 83886080\ntotal_swapcached 8388608\n"
               "total_active_file 1048576\ntotal_inactive_file 1048577\ntotal_dirty 1\n");
    put(f, V1 "a/b/", "memory.limit_in_bytes", 100 * MB);
    put(f, V1 "a/b/", "memory.usage_in_bytes", 22 * MB);
    fits(f);
    put(f, V1 "a/b/", "memory.usage_in_bytes", 22 * MB + 1);
    refused(f, "cgroup /a/b holds up to 80M of it and has room for 80M (memory.limit_in_bytes is "
               "100M, 22M in use); raise its memory.limit_in_bytes");
    areas[2] = (struct swaps_area){.path = (char *)"/c", .size = MB};
    fits(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_machine),       TEST(test_machine_with_zram), TEST(test_no_groups),
        TEST(test_limit),         TEST(test_known_exactly),     TEST(test_area_is_small),
        TEST(test_cache_is_room), TEST(test_other_areas),       TEST(test_swap_max),
        TEST(test_parent),        TEST(test_together),          TEST(test_together_in_a_group),
        TEST(test_top),           TEST(test_version_1),
    };

    return cmocka_run_group_tests_name("swapfit", tests, NULL, NULL);
}
