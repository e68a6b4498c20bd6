/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "fake.h"
#include "filesystem.h"

#include <linux/magic.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

static struct statfs answer;

int __wrap_fstatfs64(int fd, struct statfs *out);
int __wrap_fstatfs64(int fd _unused_, struct statfs *out)
{
    *out = answer;
    return 0;
}

static struct filesystem look(long magic, long flags)
{
    struct filesystem fs;

    answer = (struct statfs){.f_type = magic, .f_flags = flags, .f_bavail = 10, .f_frsize = 4096, .f_bsize = 1};
    assert_int_equal(filesystem_of(0, "/x", &fs, NULL), 0);
    return fs;
}

static void test_can(void **state _unused_)
{
    struct filesystem fs = look(EXT4_SUPER_MAGIC, 0);

    assert_string_equal(fs.name, "ext4");
    assert_int_equal(fs.available, 40960);
    assert_false(fs.nocow || fs.pin || fs.read_only);
    assert_int_equal(filesystem_check_swap(&fs, "/x", NULL), 0);
    assert_true(look(BTRFS_SUPER_MAGIC, 0).nocow);
    assert_true(look(F2FS_SUPER_MAGIC, 0).pin);
    fs = look(0x12345, 0);
    assert_null(fs.name);
    assert_int_equal(filesystem_check_swap(&fs, "/x", NULL), 0);
}

static void test_loop(void **state _unused_)
{
    struct filesystem fs = look(OVERLAYFS_SUPER_MAGIC, 0);

    assert_int_equal(fs.swap, FILESYSTEM_SWAP_LOOP);
    assert_int_equal(filesystem_check_loop(&fs, "/x", NULL), 0);
    fs = look(EXT4_SUPER_MAGIC, 0);
    assert_int_equal(filesystem_check_loop(&fs, "/x", NULL), 0);
    fs = look(OVERLAYFS_SUPER_MAGIC, ST_RDONLY);
    assert_int_equal(filesystem_check_loop(&fs, "/x", NULL), -EROFS);
    fs = look(TMPFS_MAGIC, 0);
    assert_int_equal(filesystem_check_loop(&fs, "/x", NULL), -EOPNOTSUPP);
    fs = look(ECRYPTFS_SUPER_MAGIC, 0);
    assert_int_equal(filesystem_check_loop(&fs, "/x", NULL), -EOPNOTSUPP);
}

static void test_cannot(void **state _unused_)
{
    const struct {
        long magic;
        const char *name, *part;
    } cases[] = {
        {TMPFS_MAGIC, "tmpfs", "RAM"},           {OVERLAYFS_SUPER_MAGIC, "overlay", "overlay"},
        {SQUASHFS_MAGIC, "squashfs", "read-only file system"}, {NFS_SUPER_MAGIC, "nfs", "local disk"},
        {ABI_MAGIC_ZFS, "zfs", "deadlock"},      {ABI_MAGIC_BCACHEFS, "bcachefs", "deadlock"},
        {MSDOS_SUPER_MAGIC, "vfat", "owner"},    {FUSE_SUPER_MAGIC, "fuse", "program"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;
        struct filesystem fs = look(cases[i].magic, 0);

        assert_int_equal(filesystem_check_swap(&fs, "/mnt/x", &e), -EOPNOTSUPP);
        assert_int_equal(e.kind, ERR_UNSUPPORTED);
        assert_string_equal(fs.name, cases[i].name);
        fake_assert_message(&e, "/mnt/x: lies on ");
        fake_assert_message(&e, cases[i].part);
    }
}

static void test_mounted_read_only(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct filesystem fs = look(XFS_SUPER_MAGIC, ST_RDONLY);

    assert_int_equal(filesystem_check_swap(&fs, "/x", &e), -EROFS);
    assert_int_equal(e.kind, ERR_FAILED);
    fake_assert_message(&e, "remount");
}

static void test_mounted_as(void **state)
{
    struct fake *f = *state;
    char *type = NULL;

    fake_write(f, "proc/self/mountinfo",
               "23 28 8:1 / /data\\040x rw,relatime shared:1 - ext2 /dev/sda1 rw\n"
               "24 28 8:11 / /b rw,relatime - xfs /dev/sda11 rw\n");
    assert_int_equal(filesystem_mounted_as(&f->root, makedev(8, 11), &type, NULL), 0);
    assert_string_equal(type, "xfs");
    free(type);
    assert_int_equal(filesystem_mounted_as(&f->root, makedev(8, 1), &type, NULL), 0);
    assert_string_equal(type, "ext2");
    free(type);
    type = NULL;
    assert_int_equal(filesystem_mounted_as(&f->root, makedev(9, 1), &type, NULL), 0);
    assert_null(type);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_can),
        cmocka_unit_test(test_cannot), cmocka_unit_test(test_loop),
        cmocka_unit_test(test_mounted_read_only),
        cmocka_unit_test_setup_teardown(test_mounted_as, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("filesystem", tests, NULL, NULL);
}
