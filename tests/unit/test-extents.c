/* SPDX-License-Identifier: MIT */
#include "extents.h"
#include "fake.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

/* What the fake FIEMAP answers: extents in order; a call gets those in its range, at most two at a time. */
static struct fiemap_extent layout[8];
static size_t n_layout;
static int fail_with;
static int calls;

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd _unused_, unsigned long request, void *arg)
{
    struct fiemap *map = arg;

    assert_int_equal(request, FS_IOC_FIEMAP);
    assert_true(map->fm_flags & FIEMAP_FLAG_SYNC);
    calls++;
    if (fail_with) {
        errno = fail_with;
        return -1;
    }
    map->fm_mapped_extents = 0;
    for (size_t i = 0; i < n_layout && map->fm_mapped_extents < 2 && map->fm_mapped_extents < map->fm_extent_count; i++)
        if (layout[i].fe_logical + layout[i].fe_length > map->fm_start &&
            layout[i].fe_logical < map->fm_start + map->fm_length)
            map->fm_extents[map->fm_mapped_extents++] = layout[i];
    return 0;
}

static void lay(size_t n, const struct fiemap_extent *extents)
{
    memcpy(layout, extents, n * sizeof(*extents));
    n_layout = n;
    fail_with = calls = 0;
}

static struct extents look(uint64_t size)
{
    struct extents x;

    assert_int_equal(extents_look(0, "/x", size, &x, NULL), 0);
    return x;
}

static void test_whole(void **state _unused_)
{
    lay(5, (struct fiemap_extent[]){{.fe_logical = 0, .fe_length = 10, .fe_flags = FIEMAP_EXTENT_UNWRITTEN},
                                    {.fe_logical = 10, .fe_length = 10},
                                    {.fe_logical = 20, .fe_length = 10},
                                    {.fe_logical = 30, .fe_length = 10},
                                    {.fe_logical = 40, .fe_length = 20, .fe_flags = FIEMAP_EXTENT_LAST}});
    struct extents x = look(50);

    assert_true(x.known && !x.hole && !x.shared && !x.encoded);
    assert_int_equal(calls, 3);
}

static void test_holes(void **state _unused_)
{
    lay(2, (struct fiemap_extent[]){{.fe_logical = 0, .fe_length = 10}, {.fe_logical = 20, .fe_length = 40}});
    assert_true(look(50).hole);
    assert_false(look(10).hole);
    lay(1, (struct fiemap_extent[]){{.fe_logical = 10, .fe_length = 40}});
    assert_true(look(50).hole);
    lay(1, (struct fiemap_extent[]){{.fe_logical = 0, .fe_length = 40, .fe_flags = FIEMAP_EXTENT_LAST}});
    assert_true(look(50).hole);
    lay(0, layout);
    assert_true(look(50).hole);
}

static void test_shared_and_encoded(void **state _unused_)
{
    lay(2, (struct fiemap_extent[]){{.fe_logical = 0, .fe_length = 10},
                                    {.fe_logical = 10, .fe_length = 40, .fe_flags = FIEMAP_EXTENT_SHARED}});
    assert_true(look(50).shared);
    lay(1, (struct fiemap_extent[]){{.fe_logical = 0, .fe_length = 50, .fe_flags = FIEMAP_EXTENT_ENCODED}});
    assert_true(look(50).encoded);
}

static void test_cannot_tell(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct extents x;

    fail_with = EOPNOTSUPP;
    assert_false(look(50).known);
    fail_with = EIO;
    assert_int_equal(extents_look(0, "/x", 50, &x, &e), -EIO);
    fake_assert_message(&e, "/x: cannot look at its blocks");
}

static void assert_first(int wanted, uint64_t place)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t found = 7;

    assert_int_equal(extents_first(0, "/x", 10, &found, &e), wanted);
    assert_int_equal(found, wanted < 0 ? 7 : place);
    if (wanted < 0)
        fake_assert_message(&e, "/x: ");
}

static void test_first(void **state _unused_)
{
    lay(2, (struct fiemap_extent[]){{.fe_logical = 0, .fe_length = 10, .fe_physical = 70},
                                    {.fe_logical = 10, .fe_length = 10, .fe_physical = 30}});
    assert_first(0, 70);
    layout[0].fe_length = 9;
    assert_first(-EINVAL, 0);
    lay(1, (struct fiemap_extent[]){{.fe_logical = 5, .fe_length = 50}});
    assert_first(-EINVAL, 0);
    lay(1, (struct fiemap_extent[]){{.fe_length = 50, .fe_flags = FIEMAP_EXTENT_DELALLOC |
                                                                  FIEMAP_EXTENT_UNKNOWN}});
    assert_first(-EINVAL, 0);
    lay(1, (struct fiemap_extent[]){{.fe_length = 50, .fe_flags = FIEMAP_EXTENT_ENCODED}});
    assert_first(-EINVAL, 0);
    lay(0, layout);
    assert_first(-EINVAL, 0);
    fail_with = EOPNOTSUPP;
    assert_first(-EOPNOTSUPP, 0);
    fail_with = EIO;
    assert_first(-EIO, 0);
}

static bool yes(void *arg _unused_)
{
    return true;
}

static void test_all_zero(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = -1;

    fake_write(f, "zero", "");
    fd = root_openat(&f->root, "zero", O_RDWR, 0);
    assert_int_equal(extents_all_zero(fd, "zero", NULL, NULL, NULL), 1);
    assert_int_equal(ftruncate(fd, 5 << 20), 0);
    assert_int_equal(extents_all_zero(fd, "zero", NULL, NULL, NULL), 1);
    assert_int_equal(pwrite(fd, "\0\0\0", 3, 3 << 20), 3);
    assert_int_equal(extents_all_zero(fd, "zero", NULL, NULL, NULL), 1);
    assert_int_equal(extents_all_zero(fd, "zero", yes, NULL, NULL), -EINTR);
    assert_int_equal(pwrite(fd, "x", 1, (5 << 20) - 1), 1);
    assert_int_equal(extents_all_zero(fd, "zero", NULL, NULL, NULL), 0);
    assert_int_equal(pwrite(fd, "\0", 1, (5 << 20) - 1), 1);
    assert_int_equal(pwrite(fd, "x", 1, 0), 1);
    assert_int_equal(extents_all_zero(fd, "zero", NULL, NULL, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole),
        cmocka_unit_test(test_holes),
        cmocka_unit_test(test_shared_and_encoded),
        cmocka_unit_test(test_cannot_tell),
        cmocka_unit_test(test_first),
        cmocka_unit_test_setup_teardown(test_all_zero, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("extents", tests, NULL, NULL);
}
