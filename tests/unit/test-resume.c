/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "probe.h"
#include "resume.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

static long magic;
static uint64_t place; /* of the first extent */
static bool realtime;
static const char *uuid; /* of the device; NULL: it has none */

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd _unused_, unsigned long request, void *arg)
{
    struct fiemap *map = arg;
    struct fsxattr *attr = arg;

    if (request == FS_IOC_FSGETXATTR) {
        attr->fsx_xflags = realtime ? FS_XFLAG_REALTIME : 0;
        return 0;
    }
    assert_int_equal(request, FS_IOC_FIEMAP);
    map->fm_mapped_extents = 1;
    map->fm_extents[0] = (struct fiemap_extent){.fe_physical = place, .fe_length = 1 << 20};
    return 0;
}

int __wrap_fstatfs64(int fd, struct statfs64 *out);
int __wrap_fstatfs64(int fd _unused_, struct statfs64 *out)
{
    memset(out, 0, sizeof(*out));
    out->f_type = (__typeof__(out->f_type))magic;
    return 0;
}

int __wrap_probe_device_uuid(dev_t dev, const char *name, char **out, struct err *e);
int __wrap_probe_device_uuid(dev_t dev _unused_, const char *name, char **out, struct err *e)
{
    if (!uuid)
        return err_set(e, -ENODEV, "%s: no UUID", name);
    *out = strdup(uuid);
    return *out ? 0 : -ENOMEM;
}

static uint64_t page_size(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

/* A swap header at the beginning of the file; @signature may be of another kind. */
static void swap_file(struct fake *f, const char *path, const char *signature)
{
    struct swapheader h = {
        .kind = SWAPHEADER_VALID, .page_size = (uint32_t)page_size(), .pages = 10};
    _cleanup_(free_ptr) char *text = calloc(10, page_size());

    assert_non_null(text);
    swapheader_format(&h, text);
    memcpy(text + page_size() - 10, signature, strlen(signature));
    fake_write_bytes(f, path, text, 10 * page_size());
}

static int setup(void **state)
{
    magic = EXT4_SUPER_MAGIC;
    place = 1234 * page_size();
    realtime = false;
    uuid = "0a1b2c3d-0000-4000-8000-123456789abc";
    return fake_setup(state);
}

static int find(struct fake *f, const char *path, struct resume *out, struct err *e)
{
    _cleanup_(close_fd) int fd = root_openat(&f->root, path, O_RDONLY, 0);

    assert_true(fd >= 0);
    return resume_find(fd, path, out, e);
}

static void test_found(void **state)
{
    static const long kinds[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC};
    struct fake *f = *state;
    struct resume resume;

    swap_file(f, "swap", "SWAPSPACE2");
    for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
        magic = kinds[i];
        assert_int_equal(find(f, "swap", &resume, NULL), 0);
        assert_int_equal(resume.offset, 1234);
        assert_string_equal(resume.uuid, uuid);
    }
}

/* The offset is asked for while an image is there, too. */
static void test_hibernated(void **state)
{
    struct fake *f = *state;
    struct resume resume;

    swap_file(f, "swap", "S1SUSPEND");
    assert_int_equal(find(f, "swap", &resume, NULL), 0);
}

static void assert_fails(struct fake *f, const char *path, int wanted, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct resume resume = {.offset = 7};

    assert_int_equal(find(f, path, &resume, &e), wanted);
    assert_int_equal(resume.offset, 7);
    assert_int_equal(e.kind, wanted == -EOPNOTSUPP ? ERR_UNSUPPORTED : ERR_FAILED);
    fake_assert_message(&e, message);
}

static void test_no_swap(void **state)
{
    struct fake *f = *state;

    fake_write(f, "text", "hello");
    fake_write(f, "dir/file", "");
    assert_fails(f, "text", -EINVAL, "text: is not a swap file");
    assert_fails(f, "dir/file", -EINVAL, "is not a swap file");
    assert_fails(f, "dir", -EINVAL, "dir: is not a swap file");
}

static void test_no_place(void **state)
{
    struct fake *f = *state;

    swap_file(f, "swap", "SWAPSPACE2");
    place++;
    assert_fails(f, "swap", -EOPNOTSUPP, "begins amid a page");
    place--;
    realtime = true;
    assert_fails(f, "swap", -EOPNOTSUPP, "real-time device");
    realtime = false;
    magic = F2FS_SUPER_MAGIC;
    assert_fails(f, "swap", -EOPNOTSUPP, "lies on f2fs; its place");
    magic = 0x12345678;
    assert_fails(f, "swap", -EOPNOTSUPP, "lies on an unknown file system");
}

static void test_no_uuid(void **state)
{
    struct fake *f = *state;

    swap_file(f, "swap", "SWAPSPACE2");
    uuid = NULL;
    assert_fails(f, "swap", -ENODEV, "no UUID");
    uuid = "0a1b2c3d-0000-4000-8000-123456789abc-and-more";
    assert_fails(f, "swap", -EBADMSG, "is too long");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_found),    TEST(test_hibernated), TEST(test_no_swap),
        TEST(test_no_place), TEST(test_no_uuid),
    };

    return cmocka_run_group_tests_name("resume", tests, NULL, NULL);
}
