/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "caps.h"
#include "fake.h"
#include "swaparea.h"
#include "swapheader.h"

#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

static int on_error, off_error, last_flags, file_flags;
static char last_path[64];
static bool privileged;
static long magic;

int __wrap_swapon(const char *path, int flags);
int __wrap_swapon(const char *path, int flags)
{
    snprintf(last_path, sizeof(last_path), "%s", path);
    last_flags = flags;
    errno = on_error;
    return on_error ? -1 : 0;
}

int __wrap_swapoff(const char *path);
int __wrap_swapoff(const char *path)
{
    snprintf(last_path, sizeof(last_path), "%s", path);
    errno = off_error;
    return off_error ? -1 : 0;
}

bool __wrap_caps_sys_admin(void);
bool __wrap_caps_sys_admin(void)
{
    return privileged;
}

int __wrap_caps_need_sys_admin(const char *what, struct err *e);
int __wrap_caps_need_sys_admin(const char *what, struct err *e)
{
    return privileged ? 0 : err_set(e, -EPERM, "%s needs CAP_SYS_ADMIN", what);
}

/* How many areas /proc/swaps shows. */
static size_t n_active;

int __wrap_swaps_read(const struct root *root, struct swaps *out, struct err *e);
int __wrap_swaps_read(const struct root *root _unused_, struct swaps *out, struct err *e _unused_)
{
    *out = (struct swaps){calloc(n_active + 1, sizeof(struct swaps_area)), n_active};
    for (size_t i = 0; i < n_active; i++)
        out->areas[i].path = strdup("/nowhere");
    return 0;
}

int __wrap_fstatfs64(int fd, struct statfs *out);
int __wrap_fstatfs64(int fd _unused_, struct statfs *out)
{
    *out = (struct statfs){.f_type = magic, .f_frsize = 4096};
    return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd _unused_, unsigned long request, void *arg)
{
    if (request == FS_IOC_GETFLAGS) {
        *(int *)arg = file_flags;
        return 0;
    }
    errno = EOPNOTSUPP; /* FIEMAP */
    return -1;
}

static int reset(void **state _unused_)
{
    on_error = off_error = file_flags = 0;
    n_active = 0;
    privileged = true;
    magic = EXT4_SUPER_MAGIC;
    return 0;
}

static int setup(void **state)
{
    reset(state);
    return fake_setup(state);
}

static void test_flags(void **state _unused_)
{
    assert_int_equal(swaparea_on(7, "/s", -1, DECLARATION_DISCARD_NONE, NULL), 0);
    assert_string_equal(last_path, "/proc/self/fd/7");
    assert_int_equal(last_flags, 0);
    swaparea_on(7, "/s", 0, DECLARATION_DISCARD_NONE, NULL);
    assert_int_equal(last_flags, 0x8000);
    swaparea_on(7, "/s", 32767, DECLARATION_DISCARD_BOTH, NULL);
    assert_int_equal(last_flags, 0x8000 | 32767 | 0x10000);
    /* the kernel silently ignores one policy without the flag that turns discard on */
    swaparea_on(7, "/s", -1, DECLARATION_DISCARD_ONCE, NULL);
    assert_int_equal(last_flags, 0x10000 | 0x20000);
    swaparea_on(7, "/s", -1, DECLARATION_DISCARD_PAGES, NULL);
    assert_int_equal(last_flags, 0x10000 | 0x40000);
}

static void fails(int fd, int error, int r, const char *part)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    on_error = error;
    assert_int_equal(swaparea_on(fd, "/s", -1, DECLARATION_DISCARD_NONE, &e), r);
    fake_assert_message(&e, part);
}

static void test_errors(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int fd = -1;

    fake_write(f, "s", "x");
    fd = root_openat(&f->root, "s", O_RDONLY, 0);
    fails(fd, EPERM, -EPERM, "user namespace");
    n_active = 23;
    fails(fd, EPERM, -ENOSPC, "no more swap areas, 23 are active");
    privileged = false;
    fails(fd, EPERM, -EPERM, "needs CAP_SYS_ADMIN");
    n_active = 0;
    file_flags = FS_IMMUTABLE_FL;
    fails(fd, EPERM, -EPERM, "chattr -i");
    fails(fd, EROFS, -EROFS, "read-only");
    fails(fd, ENOSYS, -EOPNOTSUPP, "without swap");
    fails(fd, EBUSY, -EBUSY, "in use");
    fails(fd, ENOMEM, -ENOMEM, "Cannot allocate memory");
}

static void write_area(struct fake *f, uint64_t pages, uint32_t page_size, size_t size)
{
    struct swapheader h = {.kind = SWAPHEADER_VALID, .page_size = page_size, .pages = pages};
    char *file = calloc(1, size);

    assert_non_null(file);
    swapheader_format(&h, file);
    fake_write_bytes(f, "s", file, size);
    free(file);
}

static void test_invalid_is_explained(void **state)
{
    struct fake *f = *state;
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    _cleanup_(close_fd) int fd = -1;

    fake_write(f, "s", "just text");
    fd = root_openat(&f->root, "s", O_RDONLY, 0);
    fails(fd, EINVAL, -EINVAL, "no swap header");
    magic = TMPFS_MAGIC;
    fails(fd, EINVAL, -EOPNOTSUPP, "tmpfs");
    magic = EXT4_SUPER_MAGIC;
    write_area(f, 20, page, 10 * page);
    fails(fd, EINVAL, -EINVAL, "promises more than it holds");
    write_area(f, 10, page * 2, 40 * page);
    fails(fd, EINVAL, -EINVAL, "pages of");
    write_area(f, 10, page, 10 * page);
    fails(fd, EINVAL, -EOPNOTSUPP, "dmesg");
    file_flags = FS_COMPR_FL;
    fails(fd, EINVAL, -EINVAL, "compressed");
    file_flags = 0;
    magic = BTRFS_SUPER_MAGIC;
    fails(fd, EINVAL, -EINVAL, "copy-on-write");
    file_flags = FS_NOCOW_FL;
    fails(fd, EINVAL, -EOPNOTSUPP, "btrfs as it is set up here");
}

static void test_off(void **state _unused_)
{
    const struct {
        int error, r;
        const char *part;
    } cases[] = {{EPERM, -EPERM, "CAP_SYS_ADMIN"}, {ENOMEM, -ENOMEM, "still active"}, {EINTR, -EINTR, "still active"},
                 {EIO, -EIO, "cannot deactivate"}};

    assert_int_equal(swaparea_off(3, "/s", NULL), 0);
    off_error = EPERM;
    assert_int_equal(swaparea_off(3, "/s", NULL), -EPERM);
    off_error = EINVAL;
    assert_int_equal(swaparea_off(3, "/s", NULL), 1);
    privileged = false;
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        _cleanup_(err_clear) struct err e = ERR_INIT;

        off_error = cases[i].error;
        assert_int_equal(swaparea_off(3, "/s", &e), cases[i].r);
        fake_assert_message(&e, cases[i].part);
    }
}

static void test_plan(void **state)
{
    struct fake *f = *state;
    struct swaps_area area = {.path = (char *)"/a", .size = 4096, .used = 0, .priority = 9};
    struct swaps swaps = {&area, 1};
    struct swaparea a = {.fd = 5, .path = "/a", .priority = 3};
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;

    assert_int_equal(swaparea_plan_off(&a, &f->root, &swaps, &area, true, &plan, NULL), 0);
    assert_int_equal(swaparea_plan_on(&a, &plan, NULL), 0);
    assert_string_equal(plan.steps[0].action, "deactivate");
    assert_string_equal(plan.steps[1].text, "activate /a with priority 3");
    /* when the second step fails, the first one's undo gives the old priority back: it fails too, and both are told */
    on_error = EIO;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    assert_int_equal(plan_apply(&plan, NULL, &e), -EIO);
    assert_int_equal(last_flags, 0x8000 | 9);
    fake_assert_message(&e, "undoing \"deactivate\" failed");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_flags, reset),
        cmocka_unit_test_setup_teardown(test_errors, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_invalid_is_explained, setup, fake_teardown),
        cmocka_unit_test_setup(test_off, reset),
        cmocka_unit_test_setup_teardown(test_plan, setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("swaparea", tests, NULL, NULL);
}
