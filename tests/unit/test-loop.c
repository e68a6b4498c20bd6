/* SPDX-License-Identifier: MIT */
/* Loop devices of a kernel that is made up here; the real ones are in tests/root. */
#include "abi.h"
#include "fake.h"
#include "loop.h"
#include "module.h"

#include <linux/fs.h>
#include <linux/major.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

enum { DEVICES = 4, FILE_DEV = 7, CONTROL = 100 };

/* The kernel. */
static struct {
    struct {
        bool bound;
        struct loop_info64 info;
        uint32_t block_size;
    } devices[DEVICES];
    unsigned next;       /* what LOOP_CTL_GET_FREE says, and one more each time */
    int overtaken;       /* so many configurations fail with EBUSY */
    bool old;            /* no LOOP_CONFIGURE */
    bool buffered;       /* the file system does no direct I/O */
    int status_errors;   /* so many LOOP_SET_STATUS64 fail */
    int status_error;    /* with this */
    int control_error;   /* of opening /dev/loop-control */
    bool module;         /* modprobe would find it */
    int exclusive_error; /* of opening a device with O_EXCL */
    bool mute;           /* LOOP_GET_STATUS64 fails */
    bool held;           /* LOOP_CLR_FD marks it only */
    unsigned loaded, slept, refreshed, cleared;
    ino_t attaches; /* inode of the file that is attached */
} kernel;

static int which[1024]; /* what a descriptor is: CONTROL, or a device's number + 1 */
static struct fake *tree;

int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...)
{
    unsigned number;
    mode_t mode;
    va_list ap;
    int fd;

    if (!str_after(path, "/dev/loop")) {
        va_start(ap, flags);
        mode = flags & O_CREAT ? va_arg(ap, mode_t) : 0;
        va_end(ap);
        return __real_open64(path, flags, mode);
    }
    if (streq(path, "/dev/loop-control") && kernel.control_error) {
        errno = kernel.control_error;
        return -1;
    }
    if (flags & O_EXCL && kernel.exclusive_error) {
        errno = kernel.exclusive_error;
        return -1;
    }
    fd = __real_open64("/dev/null", O_RDWR | O_CLOEXEC);
    assert_in_range(fd, 0, ARRAY_SIZE(which) - 1);
    which[fd] = streq(path, "/dev/loop-control") ? CONTROL : 0;
    if (sscanf(path, "/dev/loop%u", &number) == 1)
        which[fd] = (int)number + 1;
    assert_int_not_equal(which[fd], 0);
    return fd;
}

static void show(unsigned number)
{
    char path[64];

    snprintf(path, sizeof(path), "sys/block/loop%u/loop/backing_file", number);
    if (kernel.devices[number].bound)
        fake_write(tree, path, "/swapfile\n");
    else
        unlink(fake_path(tree, path));
}

static int bind_device(unsigned number, const struct loop_info64 *info)
{
    if (kernel.devices[number].bound || kernel.overtaken-- > 0) {
        errno = EBUSY;
        return -1;
    }
    kernel.devices[number].bound = true;
    kernel.devices[number].info = *info;
    kernel.devices[number].info.lo_device = FILE_DEV;
    kernel.devices[number].info.lo_inode = kernel.attaches;
    if (kernel.buffered)
        kernel.devices[number].info.lo_flags &= ~(uint32_t)ABI_LO_FLAGS_DIRECT_IO;
    return 0;
}

static int configure(unsigned number, const struct abi_loop_config *config)
{
    if (kernel.old) {
        errno = EINVAL;
        return -1;
    }
    kernel.devices[number].block_size = config->block_size;
    return bind_device(number, &config->info);
}

static int set_status(unsigned number, const struct loop_info64 *info)
{
    if (kernel.status_errors-- > 0) {
        errno = kernel.status_error;
        return -1;
    }
    kernel.devices[number].info.lo_flags = info->lo_flags;
    return 0;
}

static int get_status(unsigned number, struct loop_info64 *info)
{
    errno = kernel.mute ? EIO : ENXIO;
    if (!kernel.devices[number].bound || kernel.mute)
        return -1;
    *info = kernel.devices[number].info;
    return 0;
}

static int clear(unsigned number)
{
    kernel.cleared++;
    kernel.devices[number].bound = kernel.held;
    show(number);
    return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg);
int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
    unsigned number = (unsigned)which[fd] - 1;

    if (which[fd] == CONTROL) {
        assert_int_equal(request, LOOP_CTL_GET_FREE);
        return (int)(kernel.next++ % DEVICES);
    }
    assert_in_range(number, 0, DEVICES - 1);
    switch (request) {
    case ABI_LOOP_CONFIGURE:
        return configure(number, arg);
    case LOOP_SET_FD:
        return bind_device(number, &(struct loop_info64){.lo_flags = 0});
    case LOOP_SET_STATUS64:
        return set_status(number, arg);
    case LOOP_GET_STATUS64:
        return get_status(number, arg);
    case ABI_LOOP_SET_BLOCK_SIZE:
        kernel.devices[number].block_size = (uint32_t)(uintptr_t)arg;
        return 0;
    case ABI_LOOP_SET_DIRECT_IO:
        if (!kernel.buffered)
            kernel.devices[number].info.lo_flags |= ABI_LO_FLAGS_DIRECT_IO;
        return 0;
    case LOOP_SET_CAPACITY:
    case BLKFLSBUF:
        kernel.refreshed++;
        return 0;
    case LOOP_CLR_FD:
        return clear(number);
    default:
        fail_msg("ioctl %lx", request);
        return -1;
    }
}

int __wrap_nanosleep(const struct timespec *pause, struct timespec *left);
int __wrap_nanosleep(const struct timespec *pause _unused_, struct timespec *left _unused_)
{
    kernel.slept++;
    return 0;
}

int __wrap_module_find(const char *name);
int __wrap_module_find(const char *name _unused_)
{
    return kernel.module ? 0 : -ENOENT;
}

int __wrap_module_load(const char *name, struct err *e);
int __wrap_module_load(const char *name, struct err *e _unused_)
{
    assert_string_equal(name, "loop");
    kernel.loaded++;
    kernel.control_error = 0;
    return 0;
}

static int setup(void **state)
{
    int r = fake_setup(state);

    memset(&kernel, 0, sizeof(kernel));
    kernel.attaches = 12;
    tree = *state;
    return r;
}

static void make_live(struct fake *f)
{
    f->root.live = true; /* so that the devices are asked */
}

static const struct stat file = {.st_dev = FILE_DEV, .st_ino = 12};
static const struct stat other = {.st_dev = FILE_DEV, .st_ino = 13};

/* ---- reading ---- */

static void make_device(struct fake *f, unsigned number, ino_t ino)
{
    kernel.attaches = ino;
    assert_int_equal(bind_device(number, &(struct loop_info64){.lo_flags = 0}), 0);
    show(number);
    kernel.attaches = 12;
    (void)f;
}

static void test_list(void **state)
{
    struct fake *f = *state;
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;

    fake_write(f, "sys/block/loop10/loop/backing_file", "/a b (deleted)\n");
    fake_write(f, "sys/block/loop10/size", "16384\n");
    fake_write(f, "sys/block/loop10/dev", "7:160\n");
    fake_write(f, "sys/block/loop10/ro", "1\n");
    fake_write(f, "sys/block/loop10/loop/autoclear", "1\n");
    fake_write(f, "sys/block/loop10/loop/dio", "1\n");
    fake_write(f, "sys/block/loop10/loop/offset", "512\n");
    fake_write(f, "sys/block/loop2/loop/backing_file", "/swapfile\n");
    fake_write(f, "sys/block/loop3/size", "0\n");
    fake_write(f, "sys/block/loop-control/loop/backing_file", "/x\n");
    fake_write(f, "sys/block/sda/size", "8\n");
    fake_write(f, "swapfile", "x");
    assert_int_equal(loop_list_read(&f->root, NULL, &list, NULL), 0);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.loops[0].number, 2);
    assert_int_equal(list.loops[0].rdev, makedev(LOOP_MAJOR, 2));
    assert_false(list.loops[0].autoclear || list.loops[0].direct_io || list.loops[0].read_only);
    assert_true(list.loops[0].identified);
    assert_string_equal(list.loops[1].backing_file, "/a b (deleted)");
    assert_int_equal(list.loops[1].rdev, makedev(7, 160));
    assert_int_equal(list.loops[1].size, 16384 * 512);
    assert_int_equal(list.loops[1].offset, 512);
    assert_true(list.loops[1].autoclear && list.loops[1].direct_io && list.loops[1].read_only);
    assert_false(list.loops[1].identified);
}

static void test_list_without_sys(void **state)
{
    struct fake *f = *state;
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;

    assert_int_equal(loop_list_read(&f->root, NULL, &list, NULL), 0);
    assert_int_equal(list.n, 0);
}

/* The name says /swapfile for all of them; what counts is what the device answers. */
static void test_list_of_a_file(void **state)
{
    struct fake *f = *state;
    _cleanup_(loop_list_clear) struct loop_list list = LOOP_LIST_INIT;

    make_live(f);
    make_device(f, 0, 13);
    make_device(f, 1, 12);
    make_device(f, 2, 12);
    fake_write(f, "sys/block/loop3/loop/backing_file", "/swapfile\n"); /* it went meanwhile */
    assert_int_equal(loop_list_read(&f->root, &file, &list, NULL), 0);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.loops[0].number, 1);
    assert_int_equal(list.loops[1].number, 2);
    assert_int_equal(list.loops[1].ino, 12);
}

/* It could be the one that holds the swap. */
static void test_list_with_a_mute_device(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct loop_list list;

    make_live(f);
    make_device(f, 1, 12);
    kernel.mute = true;
    assert_int_equal(loop_list_read(&f->root, &file, &list, &e), -EIO);
    fake_assert_message(&e, "/dev/loop1: cannot ask which file it has");
}

static void test_is(void **state _unused_)
{
    const struct stat loop = {.st_mode = S_IFBLK, .st_rdev = makedev(LOOP_MAJOR, 3)};
    const struct stat disk = {.st_mode = S_IFBLK, .st_rdev = makedev(8, 3)};
    const struct stat plain = {.st_mode = S_IFREG, .st_rdev = makedev(LOOP_MAJOR, 3)};
    char path[LOOP_PATH_MAX];

    assert_true(loop_is(&loop));
    assert_false(loop_is(&disk));
    assert_false(loop_is(&plain));
    assert_string_equal(loop_path(31, path), "/dev/loop31");
}

/* ---- attaching ---- */

static void attaches(bool autoclear, unsigned number, bool direct_io)
{
    struct loop_device made = {.fd = -1};

    assert_int_equal(loop_attach(0, "/swapfile", autoclear, &made, NULL), 0);
    assert_int_equal(made.number, number);
    assert_int_equal(made.direct_io, direct_io);
    assert_int_equal(which[made.fd], (int)number + 1);
    close(made.fd);
}

static void test_attach(void **state _unused_)
{
    attaches(true, 0, true);
    assert_int_equal(kernel.devices[0].info.lo_flags, LO_FLAGS_AUTOCLEAR | ABI_LO_FLAGS_DIRECT_IO);
    assert_int_equal(kernel.devices[0].block_size, 4096);
    assert_string_equal((const char *)kernel.devices[0].info.lo_file_name, "/swapfile");
    kernel.buffered = true;
    attaches(false, 1, false);
    assert_int_equal(kernel.devices[1].info.lo_flags, 0);
}

static void test_attach_is_overtaken(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct loop_device made;

    kernel.overtaken = 3;
    attaches(true, 3, true);
    kernel.overtaken = 1000;
    assert_int_equal(loop_attach(0, "/swapfile", true, &made, &e), -EBUSY);
    fake_assert_message(&e, "/swapfile: other processes took every loop device");
}

static void test_attach_old_kernel(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct loop_device made;

    kernel.old = true;
    kernel.status_errors = 2;
    kernel.status_error = EAGAIN;
    attaches(true, 0, true);
    assert_int_equal(kernel.devices[0].info.lo_flags, LO_FLAGS_AUTOCLEAR | ABI_LO_FLAGS_DIRECT_IO);
    assert_int_equal(kernel.devices[0].block_size, 4096);
    kernel.status_errors = 1;
    kernel.status_error = EPERM;
    assert_int_equal(loop_attach(0, "/swapfile", true, &made, &e), -EPERM);
    fake_assert_message(&e, "/swapfile: cannot attach it to /dev/loop1");
    assert_int_equal(kernel.cleared, 1);
    assert_false(kernel.devices[1].bound);
}

static void test_no_loop_devices(void **state _unused_)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct loop_device made;

    kernel.control_error = ENOENT;
    assert_int_equal(loop_attach(0, "/swapfile", true, &made, &e), -EOPNOTSUPP);
    fake_assert_message(&e, "this kernel has no loop devices");
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    assert_int_equal(kernel.loaded, 0);
    kernel.module = true;
    attaches(true, 0, true);
    assert_int_equal(kernel.loaded, 1);
    kernel.control_error = EACCES;
    assert_int_equal(loop_attach(0, "/swapfile", true, &made, &e), -EACCES);
    fake_assert_message(&e, "/dev/loop-control: cannot open");
}

static void test_open_exactly(void **state)
{
    struct fake *f = *state;
    int fd;

    make_device(f, 1, 12);
    fd = loop_open(1, &file, O_RDONLY, NULL);
    assert_true(fd >= 0);
    assert_int_equal(loop_refresh(fd, "/swapfile", NULL), 0);
    assert_int_equal(kernel.refreshed, 2);
    close(fd);
    assert_int_equal(loop_open(1, &other, O_RDONLY, NULL), -ENXIO);
    assert_int_equal(loop_open(2, &file, O_RDONLY, NULL), -ENXIO);
}

/* ---- detaching ---- */

static void test_detach(void **state)
{
    struct fake *f = *state;

    make_device(f, 1, 12);
    assert_int_equal(loop_detach(&f->root, 1, &other, "/swapfile", NULL), 1);
    assert_int_equal(kernel.cleared, 0);
    assert_int_equal(loop_detach(&f->root, 1, &file, "/swapfile", NULL), 0);
    assert_int_equal(kernel.cleared, 1);
    assert_int_equal(kernel.slept, 0);
    assert_int_equal(loop_detach(&f->root, 1, &file, "/swapfile", NULL), 1);
}

static void test_detach_in_use(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    make_device(f, 1, 12);
    kernel.exclusive_error = EBUSY;
    assert_int_equal(loop_detach(&f->root, 1, &file, "/swapfile", &e), -EBUSY);
    fake_assert_message(&e, "/swapfile: its loop device /dev/loop1 is in use");
    assert_int_equal(kernel.cleared, 0);
    kernel.exclusive_error = EACCES;
    assert_int_equal(loop_detach(&f->root, 1, &file, "/swapfile", &e), -EACCES);
    fake_assert_message(&e, "/dev/loop1: cannot open");
}

/* The kernel said yes, and yet it is there. */
static void test_detach_lingers(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    make_device(f, 1, 12);
    kernel.held = true;
    assert_int_equal(loop_detach(&f->root, 1, &file, "/swapfile", &e), -EBUSY);
    fake_assert_message(&e, "/swapfile: is still attached to /dev/loop1");
    assert_int_equal(kernel.cleared, 1);
    assert_true(kernel.slept > 10);
    assert_false(loop_wait_gone(&f->root, 1, &file));
    /* it has another file by now */
    assert_true(loop_wait_gone(&f->root, 1, &other));
}

#define TEST(t) cmocka_unit_test_setup_teardown(t, setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_list),          TEST(test_list_without_sys),    TEST(test_list_of_a_file),  TEST(test_list_with_a_mute_device),
        TEST(test_is),            TEST(test_attach),              TEST(test_attach_is_overtaken),
        TEST(test_open_exactly),  TEST(test_attach_old_kernel),   TEST(test_no_loop_devices),
        TEST(test_detach),        TEST(test_detach_in_use),       TEST(test_detach_lingers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
