/* SPDX-License-Identifier: MIT */
/* blockdev and mounts: who uses a device */
#include "blockdev.h"
#include "fake.h"
#include "mounts.h"

#include <sys/sysmacros.h>

#define DISK "sys/dev/block/8:0/"
#define PART "sys/dev/block/8:1/"

static int setup(void **state)
{
    int r = fake_setup(state);

    if (r == 0)
        fake_write(*state, "proc/self/mountinfo",
                   "22 1 253:0 / / rw shared:1 - ext4 /dev/vda rw\n"
                   "23 22 8:17 / /mnt/my\\040disk rw - ext4 /dev/sdb1 rw\n"
                   "24 22 8:17 / /mnt/again rw - ext4 /dev/sdb1 rw\n"
                   "25 22 0:40 /sub /mnt/btrfs rw - btrfs /dev/sdc rw\n");
    return r;
}

static void mounted_at(struct fake *f, dev_t dev, const char *wanted)
{
    _cleanup_(free_ptr) char *point = NULL;

    assert_int_equal(mounts_point_of(&f->root, dev, &point, NULL), wanted ? 1 : 0);
    if (wanted)
        assert_string_equal(point, wanted);
    else
        assert_null(point);
}

static void test_mounts(void **state)
{
    struct fake *f = *state;
    _cleanup_(free_ptr) char *point = NULL;

    mounted_at(f, makedev(253, 0), "/");
    mounted_at(f, makedev(8, 17), "/mnt/my disk");
    mounted_at(f, makedev(8, 1), NULL);
    fake_write(f, "proc/self/mountinfo", "");
    mounted_at(f, makedev(253, 0), NULL);
    assert_int_equal(unlink(fake_path(f, "proc/self/mountinfo")), 0);
    assert_int_equal(mounts_point_of(&f->root, makedev(253, 0), &point, NULL), -ENOENT);
}

static void used(struct fake *f, dev_t dev, const char *wanted)
{
    _cleanup_(free_ptr) char *user = NULL;

    assert_int_equal(blockdev_user(&f->root, dev, &user, NULL), wanted ? 1 : 0);
    if (wanted)
        assert_string_equal(user, wanted);
    else
        assert_null(user);
}

static void test_user(void **state)
{
    struct fake *f = *state;

    used(f, makedev(8, 17), "is mounted at /mnt/my disk");
    used(f, makedev(8, 0), NULL);
    fake_write(f, DISK "holders/md127/dev", "9:127\n");
    used(f, makedev(8, 0), "is part of /dev/md127 (RAID, LVM or encryption)");
    fake_write(f, PART "holders/dm-3/dev", "254:3\n");
    fake_write(f, "sys/block/dm-3/dm/name", "vg-root\n");
    used(f, makedev(8, 1), "is part of /dev/mapper/vg-root (RAID, LVM or encryption)");
}

static void test_partitions(void **state)
{
    struct fake *f = *state;

    fake_write(f, DISK "size", "1000\n");
    fake_write(f, DISK "queue/rotational", "0\n");
    assert_false(blockdev_has_partitions(&f->root, makedev(8, 0)));
    assert_false(blockdev_has_partitions(&f->root, makedev(8, 99)));
    used(f, makedev(8, 0), NULL);
    fake_write(f, DISK "sdb1/partition", "1\n");
    fake_write(f, DISK "sdb1/dev", "8:17\n");
    assert_true(blockdev_has_partitions(&f->root, makedev(8, 0)));
    used(f, makedev(8, 0), "has the partition sdb1, which is mounted at /mnt/my disk");
    /* not ours to understand */
    fake_write(f, DISK "sdb1/dev", "garbage\n");
    assert_false(blockdev_has_partitions(&f->root, makedev(8, 0)));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_mounts), TEST(test_user), TEST(test_partitions)};

    return cmocka_run_group_tests_name("blockdev", tests, NULL, NULL);
}
