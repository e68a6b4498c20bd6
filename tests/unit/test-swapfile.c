/* SPDX-License-Identifier: MIT */
/* What is found at a path, and what is planned for it. The real thing, on real file systems, is in tests/root. */
#include "fake.h"
#include "swapfile.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#define MIB ((uint64_t)1 << 20)

static int on_calls, on_error, off_calls;
static uint32_t magic;

int __wrap_swapon(const char *path, int flags);
int __wrap_swapon(const char *path _unused_, int flags _unused_)
{
    errno = on_calls++ == 0 ? on_error : 0;
    return errno ? -1 : 0;
}

int __wrap_swapoff(const char *path);
int __wrap_swapoff(const char *path _unused_)
{
    off_calls++;
    return 0;
}

/* The tests must not depend on what /tmp is. */
int __wrap_fstatfs64(int fd, struct statfs *out);
int __wrap_fstatfs64(int fd _unused_, struct statfs *out)
{
    *out = (struct statfs){.f_type = magic, .f_frsize = 4096, .f_bavail = 1 << 20};
    return 0;
}

/* What SELinux calls each file, if it is on. */
static const char *selinux;

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);
ssize_t __wrap_fgetxattr(int fd _unused_, const char *name _unused_, void *value, size_t size)
{
    if (value)
        memcpy(value, selinux, size);
    return (ssize_t)strlen(selinux);
}

static int setup(void **state)
{
    selinux = "u:r:var_t:s0";
    on_calls = on_error = off_calls = 0;
    magic = EXT4_SUPER_MAGIC;
    return fake_setup(state);
}

static const struct swaps none = SWAPS_INIT;
static const struct swapfile_want two_mib = {.size = 2 * MIB, .priority = -1, .activate = true};

static void make_area(struct fake *f, const char *path, uint64_t bytes)
{
    uint32_t page = (uint32_t)sysconf(_SC_PAGESIZE);
    struct swapheader h = {.kind = SWAPHEADER_VALID, .page_size = page, .pages = bytes / page, .label = "old"};
    char *file = calloc(1, bytes);

    assert_non_null(file);
    swapheader_format(&h, file);
    fake_write_bytes(f, path, file, bytes);
    free(file);
    assert_int_equal(chmod(fake_path(f, path), 0600), 0);
}

/* Inspect and plan; compares the actions with @actions ("create activate") or, when it fails, the message. */
static void plan_is(struct fake *f, const char *path, const struct swapfile_want *want, const struct swaps *swaps,
                    const char *actions)
{
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char all[256] = "";

    if (swapfile_inspect(&f->root, path, swaps, &file, &e) < 0 || swapfile_plan(&file, want, &plan, &e) < 0)
        fail_msg("%s", e.text);
    for (size_t i = 0; i < plan.n; i++) {
        strcat(all, plan.steps[i].action);
        strcat(all, i + 1 < plan.n ? " " : "");
    }
    assert_string_equal(all, actions);
}

static void plan_fails(struct fake *f, const char *path, const struct swapfile_want *want, enum err_kind kind,
                       const char *part)
{
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r;

    r = swapfile_inspect(&f->root, path, &none, &file, &e);
    if (r == 0)
        r = swapfile_plan(&file, want, &plan, &e);
    assert_true(r < 0);
    fake_assert_message(&e, part);
    assert_int_equal(e.kind, kind);
}

static void test_inspect(void **state)
{
    struct fake *f = *state;
    struct swapfile file;

    assert_int_equal(root_mkdirs(&f->root, "/var/lib", NULL), 0);
    assert_int_equal(symlink("lib", fake_path(f, "var/link")), 0);
    make_area(f, "var/lib/s", 2 * MIB);
    assert_int_equal(swapfile_inspect(&f->root, "/var/link//s", &none, &file, NULL), 0);
    assert_string_equal(file.path, "/var/lib/s");
    assert_string_equal(file.name, "s");
    assert_int_equal(file.found, SWAPFILE_AREA);
    assert_int_equal(file.header.pages * file.header.page_size, 2 * MIB);
    assert_string_equal(file.header.label, "old");
    assert_null(file.active);
    swapfile_clear(&file);

    assert_int_equal(swapfile_inspect(&f->root, "/none", &none, &file, NULL), 0);
    assert_int_equal(file.found, SWAPFILE_ABSENT);
    assert_string_equal(file.path, "/none");
    swapfile_clear(&file);
}

static void test_refused_kinds(void **state)
{
    struct fake *f = *state;

    assert_int_equal(symlink("nowhere", fake_path(f, "dangling")), 0);
    assert_int_equal(mkfifo(fake_path(f, "fifo"), 0600), 0);
    assert_int_equal(mkdir(fake_path(f, "dir"), 0700), 0);
    fake_write(f, "text", "precious");
    plan_fails(f, "/dangling", &two_mib, ERR_REFUSED, "/dangling: is a symbolic link");
    plan_fails(f, "/fifo", &two_mib, ERR_REFUSED, "is not a regular file");
    plan_fails(f, "/dir", &two_mib, ERR_REFUSED, "is a directory");
    plan_fails(f, "/dir/", &two_mib, ERR_REFUSED, "names a directory");
    plan_fails(f, "/dir/..", &two_mib, ERR_REFUSED, "names a directory");
    plan_fails(f, "", &two_mib, ERR_USAGE, "empty path");
    plan_fails(f, "/absent/s", &two_mib, ERR_FAILED, "the folder /absent does not exist");
    plan_fails(f, "/text/s", &two_mib, ERR_FAILED, "/text is not a folder");
    plan_fails(f, "/text", &two_mib, ERR_REFUSED, "holds data");
}

static void test_plans(void **state)
{
    struct fake *f = *state;
    struct swapfile_want want = two_mib;

    plan_is(f, "/new", &two_mib, &none, "create activate");
    fake_write(f, "empty", "");
    plan_is(f, "/empty", &two_mib, &none, "remake activate");
    make_area(f, "s", 2 * MIB);
    plan_is(f, "/s", &two_mib, &none, "activate");
    assert_int_equal(chmod(fake_path(f, "s"), 0644), 0);
    want.label = "new";
    plan_is(f, "/s", &want, &none, "chmod label activate");
    want.activate = false;
    plan_is(f, "/s", &want, &none, "chmod label");
    want.label = "old";
    assert_int_equal(chmod(fake_path(f, "s"), 0600), 0);
    plan_is(f, "/s", &want, &none, "");
}

static void test_selinux(void **state)
{
    struct fake *f = *state;
    struct swapfile_want want = two_mib;

    fake_write(f, "sys/fs/selinux/enforce", "1");
    make_area(f, "s", 2 * MIB);
    plan_is(f, "/s", &two_mib, &none, "chcon activate");
    want.activate = false;
    plan_is(f, "/s", &want, &none, "chcon");
    plan_is(f, "/new", &want, &none, "create");
    selinux = "u:r:swapfile_t:s0";
    plan_is(f, "/s", &two_mib, &none, "activate");
}

static void test_active(void **state)
{
    struct fake *f = *state;
    struct swaps_area area = {.path = (char *)"/elsewhere", .size = 2 * MIB - 4096, .priority = -2};
    const struct swaps swaps = {&area, 1};
    struct swapfile_want want = two_mib;

    fake_write(f, "proc/meminfo", "MemTotal: 900 kB\nMemFree: 500 kB\nMemAvailable: 500 kB\nBuffers: 0 kB\nCached: 0 kB\n"
                                  "SwapTotal: 2044 kB\nSwapFree: 2044 kB\n");
    make_area(f, "s", 2 * MIB);
    assert_int_equal(linkat(f->root.fd, "s", f->root.fd, "elsewhere", 0), 0);
    plan_is(f, "/s", &two_mib, &swaps, "");
    want.priority = 5;
    plan_is(f, "/s", &want, &swaps, "deactivate activate");
    area.priority = 5;
    plan_is(f, "/s", &want, &swaps, "");
    want.label = "new";
    plan_is(f, "/s", &want, &swaps, "deactivate label activate");
}

static void test_unusable(void **state)
{
    struct fake *f = *state;
    struct swapfile_want force = two_mib;

    force.force = true;
    make_area(f, "short", 2 * MIB);
    assert_int_equal(truncate(fake_path(f, "short"), 1 * MIB), 0);
    plan_fails(f, "/short", &two_mib, ERR_REFUSED, "promises more than the file holds");
    plan_is(f, "/short", &force, &none, "remake activate");
    fake_write(f, "zero", "");
    assert_int_equal(truncate(fake_path(f, "zero"), 1 * MIB), 0);
    plan_fails(f, "/zero", &two_mib, ERR_REFUSED, "only zeros");
    plan_is(f, "/zero", &force, &none, "remake activate");
    make_area(f, "other", 1 * MIB);
    plan_fails(f, "/other", &force, ERR_REFUSED, "is a swap area of 1M (1048576 bytes), not of 2M");
    fake_write(f, "text", "precious");
    plan_fails(f, "/text", &force, ERR_REFUSED, "never overwritten");
}

static void test_hibernation(void **state)
{
    struct fake *f = *state;
    struct swapfile_want force = two_mib;
    _cleanup_(close_fd) int fd = -1;

    force.force = true;
    make_area(f, "s", 2 * MIB);
    fd = root_openat(&f->root, "s", O_WRONLY, 0);
    assert_int_equal(pwrite(fd, "S1SUSPEND\0", 10, sysconf(_SC_PAGESIZE) - 10), 10);
    plan_fails(f, "/s", &force, ERR_REFUSED, "hibernation image");
}

static void test_folder(void **state)
{
    struct fake *f = *state;

    assert_int_equal(mkdir(fake_path(f, "open"), 0700), 0);
    assert_int_equal(chmod(fake_path(f, "open"), 0777), 0);
    plan_fails(f, "/open/s", &two_mib, ERR_REFUSED, "everybody may exchange files");
    assert_int_equal(chmod(fake_path(f, "open"), 01777), 0);
    plan_is(f, "/open/s", &two_mib, &none, "create activate");
}

static void test_sizes_and_labels(void **state)
{
    struct fake *f = *state;
    struct swapfile_want want = two_mib;

    want.size = 40959;
    plan_fails(f, "/s", &want, ERR_USAGE, "40959 bytes");
    want.size = UINT64_MAX;
    plan_fails(f, "/s", &want, ERR_USAGE, "2^32 - 1");
    want = two_mib;
    want.label = "sixteen bytes!!!";
    plan_fails(f, "/s", &want, ERR_USAGE, "longer than the 15 bytes");
    want.label = "a\nb";
    plan_fails(f, "/s", &want, ERR_USAGE, "control characters");
}

static void test_held_open_while_readable(void **state)
{
    struct fake *f = *state;
    _cleanup_(close_fd) int spy = -1;

    make_area(f, "s", 2 * MIB);
    assert_int_equal(chmod(fake_path(f, "s"), 0644), 0);
    spy = root_openat(&f->root, "s", O_RDONLY, 0);
    plan_fails(f, "/s", &two_mib, ERR_REFUSED, "another process still holds it");
    close_fd(&spy);
    plan_is(f, "/s", &two_mib, &none, "chmod activate");
}

/* XFS before 4.18, ext4 in 5.7 to 5.9: blocks that were only allocated are not good enough. */
static void test_written_when_the_kernel_wants_it(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;

    on_error = EINVAL;
    assert_int_equal(swapfile_inspect(&f->root, "/s", &none, &file, NULL), 0);
    assert_int_equal(swapfile_plan(&file, &two_mib, &plan, NULL), 0);
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_int_equal(on_calls, 2);
    assert_true(file.make.written);
    plan_undo(&plan, NULL);
    assert_int_equal(off_calls, 1);
    assert_false(fake_exists(f, "s"));
}

/* Every step of a plan that is applied on the fake kernel; compares the file's size and its header's. */
static void resized(struct fake *f, const char *path, uint64_t to, uint64_t file_size)
{
    struct swapfile_want want = {.size = to, .priority = -1, .resize = true};
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT, after = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;

    assert_int_equal(swapfile_inspect(&f->root, path, &none, &file, NULL), 0);
    assert_int_equal(swapfile_plan(&file, &want, &plan, NULL), 0);
    assert_int_equal(plan.n, 1);
    assert_string_equal(plan.steps[0].action, "resize");
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_int_equal(swapfile_inspect(&f->root, path, &none, &after, NULL), 0);
    assert_int_equal(after.header.pages * after.header.page_size, to);
    assert_int_equal(after.st.st_size, file_size);
    assert_string_equal(after.header.label, "old");
    assert_string_equal(after.uuid, file.uuid);
    plan_undo(&plan, NULL);
    swapfile_clear(&after);
    assert_int_equal(swapfile_inspect(&f->root, path, &none, &after, NULL), 0);
    assert_int_equal(after.header.pages, file.header.pages);
    assert_int_equal(after.st.st_size, file.st.st_size);
}

static void test_resize(void **state)
{
    struct fake *f = *state;

    make_area(f, "s", 2 * MIB);
    plan_fails(f, "/s", &(struct swapfile_want){.size = 3 * MIB, .priority = -1}, ERR_REFUSED, "--resize");
    resized(f, "/s", 3 * MIB, 3 * MIB);
    resized(f, "/s", 1 * MIB, 1 * MIB);
    /* a file that is longer than its area is cut when the area shrinks and used when it grows */
    assert_int_equal(truncate(fake_path(f, "s"), 2 * MIB + 4096), 0);
    resized(f, "/s", 1 * MIB, 1 * MIB);
    resized(f, "/s", 4 * MIB, 4 * MIB);
    /* a resize that was killed before it cut the file is finished, and only when asked for */
    assert_int_equal(truncate(fake_path(f, "s"), 3 * MIB), 0);
    plan_is(f, "/s", &(struct swapfile_want){.size = 2 * MIB, .priority = -1}, &none, "");
    plan_is(f, "/s", &(struct swapfile_want){.size = 2 * MIB, .priority = -1, .resize = true}, &none, "resize");
}

/* 4 KiB of RAM and an area that holds 1 MiB: only a helper can take that. */
static void test_resize_with_helper(void **state)
{
    struct fake *f = *state;
    struct swaps_area area = {
        .path = (char *)"/s", .size = 4 * MIB - 4096, .used = 1 * MIB, .priority = 7};
    const struct swaps swaps = {&area, 1};
    struct swapfile_want want = {.size = 8 * MIB, .priority = -1, .activate = true, .resize = true};
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT, left = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT, again = PLAN_INIT;
    _cleanup_(free_ptr) char *helper = NULL;

    fake_write(f, "proc/meminfo", "MemTotal: 900 kB\nMemFree: 4 kB\nMemAvailable: 4 kB\nBuffers: 0 kB\n"
                                  "Cached: 0 kB\nSwapTotal: 4092 kB\nSwapFree: 3068 kB\n");
    make_area(f, "s", 4 * MIB);
    assert_int_equal(swapfile_inspect(&f->root, "/s", &swaps, &file, NULL), 0);
    assert_int_equal(swapfile_plan(&file, &want, &plan, NULL), 0);
    assert_int_equal(swapfile_plan_finish(&file, &plan, NULL), 0);
    assert_int_equal(plan.n, 5);
    assert_string_equal(plan.steps[0].action, "helper-on");
    assert_string_equal(plan.steps[1].action, "deactivate");
    assert_string_equal(plan.steps[2].action, "resize");
    assert_string_equal(plan.steps[3].text, "activate /s with priority 7");
    assert_string_equal(plan.steps[4].action, "helper-off");
    plan.n = 4; /* as if the process were killed before the last step */
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    plan.n = 5;
    assert_true(asprintf(&helper, ".headroom-%llu.swap", (unsigned long long)file.st.st_ino) > 0);
    assert_true(fake_exists(f, helper));

    /* the next run finds it, whatever it is asked for, and takes it away */
    assert_int_equal(swapfile_inspect(&f->root, "/s", &swaps, &left, NULL), 0);
    assert_int_equal(swapfile_plan(&left, &want, &again, NULL), 0);
    assert_int_equal(swapfile_plan_finish(&left, &again, NULL), 0);
    assert_int_equal(again.n, 1);
    assert_string_equal(again.steps[0].action, "helper-off");
    assert_int_equal(plan_apply(&again, NULL, NULL), 0);
    assert_false(fake_exists(f, helper));

    /* what has its name and is not ours is never touched */
    fake_write(f, helper, "precious");
    plan_fails(f, "/s", &want, ERR_REFUSED, "in the way of a helper");
    assert_true(fake_exists(f, helper));
}

static void test_resize_below_use(void **state)
{
    struct fake *f = *state;
    struct swaps_area area = {.path = (char *)"/s", .size = 8 * MIB - 4096, .used = 4 * MIB};
    const struct swaps swaps = {&area, 1};
    struct swapfile_want want = {.size = 4 * MIB, .priority = -1, .resize = true};
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    make_area(f, "s", 8 * MIB);
    assert_int_equal(swapfile_inspect(&f->root, "/s", &swaps, &file, NULL), 0);
    assert_true(swapfile_plan(&file, &want, &plan, &e) < 0);
    assert_int_equal(e.kind, ERR_REFUSED);
    fake_assert_message(&e, "/s: holds 4M in use, so it cannot be made smaller than 5.5M now");
}

static void test_loop(void **state)
{
    struct fake *f = *state;
    struct swapfile_want want = two_mib;

    make_area(f, "old", 2 * MIB);
    want.backing = DECLARATION_BACKING_LOOP;
    plan_is(f, "/new", &want, &none, "create attach protect activate");
    plan_is(f, "/old", &want, &none, "attach protect activate");
    want.discard = DECLARATION_DISCARD_ONCE;
    plan_fails(f, "/new", &want, ERR_REFUSED, "would make holes");
    want.discard = DECLARATION_DISCARD_NONE;
    magic = TMPFS_MAGIC;
    plan_fails(f, "/new", &want, ERR_UNSUPPORTED, "lies on tmpfs");
    magic = OVERLAYFS_SUPER_MAGIC;
    plan_is(f, "/new", &two_mib, &none, "create attach protect activate");
    want.backing = DECLARATION_BACKING_FILE;
    plan_fails(f, "/new", &want, ERR_UNSUPPORTED, "only to a loop device over it (--backing loop)");
    want.activate = false;
    want.backing = DECLARATION_BACKING_AUTO;
    plan_is(f, "/new", &want, &none, "create");
}

static void test_unlink(void **state)
{
    struct fake *f = *state;
    _cleanup_(swapfile_clear) struct swapfile file = SWAPFILE_INIT, text = SWAPFILE_INIT, gone = SWAPFILE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    make_area(f, "s", 2 * MIB);
    fake_write(f, "text", "precious");
    assert_int_equal(swapfile_inspect(&f->root, "/text", &none, &text, NULL), 0);
    assert_true(swapfile_plan_unlink(&text, &plan, &e) < 0);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(swapfile_inspect(&f->root, "/gone", &none, &gone, NULL), 0);
    assert_int_equal(swapfile_plan_unlink(&gone, &plan, NULL), 1);
    assert_int_equal(swapfile_inspect(&f->root, "/s", &none, &file, NULL), 0);
    assert_int_equal(swapfile_plan_off(&file, false, &plan, NULL), 1);
    assert_int_equal(swapfile_plan_unlink(&file, &plan, NULL), 0);
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_false(fake_exists(f, "s"));
    assert_true(fake_exists(f, "text"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_inspect, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_refused_kinds, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_plans, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_selinux, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_active, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_unusable, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_hibernation, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_folder, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_sizes_and_labels, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_held_open_while_readable, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_written_when_the_kernel_wants_it, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_resize, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_resize_with_helper, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_resize_below_use, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_unlink, setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_loop, setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("swapfile", tests, NULL, NULL);
}
