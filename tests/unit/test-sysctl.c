/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "sysctl.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#define NAME "vm.swappiness"
#define KERNEL "proc/sys/vm/swappiness"

/* What the kernel says to a write, and which file system the setting seems to lie on. */
static int refusal;
static long fs_type;

ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __wrap_fstatfs(int fd, struct statfs *out);
int __wrap_fstatfs64(int fd, struct statfs *out);

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
    if (!refusal)
        return __real_write(fd, buf, n);
    errno = refusal;
    return -1;
}

int __wrap_fstatfs(int fd _unused_, struct statfs *out)
{
    *out = (struct statfs){.f_type = fs_type};
    return 0;
}

/* what glibc makes of it when file offsets have 64 bits */
int __wrap_fstatfs64(int fd, struct statfs *out)
{
    return __wrap_fstatfs(fd, out);
}

struct fixture {
    struct sysctl sysctl;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    sysctl_clear(&x->sysctl);
    err_clear(&x->e);
    refusal = 0;
    fs_type = 0;
}

#define FIXTURE                                                                                    \
    _cleanup_(fixture_clear) struct fixture x = {                                                  \
        .sysctl = SYSCTL_INIT, .plan = PLAN_INIT, .e = ERR_INIT}

static int plan_set(struct fake *f, struct fixture *x, int64_t value)
{
    return sysctl_plan_set(&f->root, NAME, value, &x->sysctl, &x->plan, &x->e);
}

static void assert_file(struct fake *f, const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *text = fake_read(f, path);

    assert_string_equal(text, wanted);
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int64_t value = 0;

    fake_write(f, KERNEL, "60\n");
    fake_write(f, "proc/sys/net/eth0.1/x", "-1\n");
    fake_write(f, "proc/sys/vm/two", "1\t2\n");
    fake_write(f, "proc/sys/vm/empty", "");
    assert_int_equal(sysctl_read(&f->root, NAME, &value, NULL), 0);
    assert_int_equal(value, 60);
    assert_int_equal(sysctl_read(&f->root, "net.eth0/1.x", &value, NULL), 0);
    assert_int_equal(value, -1);
    assert_int_equal(sysctl_read(&f->root, "net/eth0.1/x", &value, NULL), 0);
    assert_int_equal(sysctl_read(&f->root, "vm.two", &value, &e), -EBADMSG);
    fake_assert_message(&e, "/proc/sys/vm/two does not hold one number");
    assert_int_equal(sysctl_read(&f->root, "vm.empty", &value, NULL), -EBADMSG);
    assert_int_equal(sysctl_read(&f->root, "vm.none", &value, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "vm.none: this kernel has no such setting");
}

static void test_set_and_undo(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, KERNEL, "60\n");
    assert_int_equal(plan_set(f, &x, 60), 1);
    assert_int_equal(plan_set(f, &x, 10), 0);
    assert_string_equal(x.plan.steps[0].action, "swappiness");
    assert_string_equal(x.plan.steps[0].text, "set vm.swappiness to 10 (now 60)");
    assert_file(f, KERNEL, "60\n");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_file(f, KERNEL, "10");
    plan_undo(&x.plan, NULL);
    assert_file(f, KERNEL, "60");
}

static void test_range(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, KERNEL, "60\n");
    assert_int_equal(plan_set(f, &x, 201), -ERANGE);
    assert_int_equal(x.e.kind, ERR_USAGE);
    fake_assert_message(&x.e, "vm.swappiness: 201 is out of range; this kernel takes 0 to 200");
    assert_int_equal(plan_set(f, &x, -1), -ERANGE);
    assert_int_equal(plan_set(f, &x, 200), 0);
    refusal = EINVAL;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -ERANGE);
    assert_int_equal(x.e.kind, ERR_USAGE);
    fake_assert_message(&x.e, "vm.swappiness: 200 is out of range; this kernel takes 0 to 100");
}

static void test_running_kernel_below_a_root(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, KERNEL, "60\n");
    assert_int_equal(plan_set(f, &x, 10), 0);
    fs_type = PROC_SUPER_MAGIC;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -EXDEV);
    assert_int_equal(x.e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&x.e, "vm.swappiness: belongs to the running kernel");
    assert_file(f, KERNEL, "60\n");
}

static void assert_edit(const char *before, const char *after)
{
    _cleanup_(free_ptr) char *text = NULL, *again = NULL;

    assert_int_equal(sysctl_text(before, NAME, 7, &text, NULL), 0);
    assert_string_equal(text, after);
    assert_int_equal(sysctl_text(text, NAME, 7, &again, NULL), 0);
    assert_string_equal(again, after);
}

static void test_text(void **state _unused_)
{
    assert_edit("", "# Written by headroom; see sysctl.d(5).\nvm.swappiness = 7\n");
    assert_edit("vm.swappiness=1", "vm.swappiness=7");
    assert_edit("a\nvm/swappiness = 1 \r\nb = 2\n", "a\nvm/swappiness = 7 \r\nb = 2\n");
    assert_edit("\t- vm.swappiness\t=\n", "\t- vm.swappiness\t=7\n");
    assert_edit("-vm.swappiness = 60\n", "-vm.swappiness = 7\n");
    assert_edit("vm.swappiness = 1\nvm.swappiness = 2\n", "vm.swappiness = 1\nvm.swappiness = 7\n");
    assert_edit("#vm.swappiness = 1\n;vm.swappiness = 1\nvm.swappiness\nvm.swappiness2 = 1",
                "#vm.swappiness = 1\n;vm.swappiness = 1\nvm.swappiness\nvm.swappiness2 = 1\n"
                "vm.swappiness = 7\n");
}

static void test_persist(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    fake_write(f, "etc/sysctl.d/60-headroom.conf", "vm.page-cluster = 0\nvm.swappiness = 60\n");
    assert_int_equal(sysctl_plan_persist(&f->root, NAME, 5, &x.sysctl, &x.plan, NULL), 0);
    assert_string_equal(x.plan.steps[0].action, "persist-swappiness");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_file(f, "etc/sysctl.d/60-headroom.conf", "vm.page-cluster = 0\nvm.swappiness = 5\n");
    plan_undo(&x.plan, NULL);
    confile_clear(&x.sysctl.file);
    assert_int_equal(sysctl_plan_persist(&f->root, NAME, 60, &x.sysctl, &x.plan, NULL), 1);
}

static void assert_overridden(struct fake *f, const char *wanted)
{
    _cleanup_(free_ptr) char *by = NULL;

    assert_int_equal(sysctl_overridden(&f->root, NAME, &by, NULL), wanted ? 1 : 0);
    if (wanted)
        assert_string_equal(by, wanted);
    else
        assert_null(by);
}

static void test_overridden(void **state)
{
    struct fake *f = *state;

    assert_overridden(f, NULL);
    fake_write(f, "etc/sysctl.d/60-headroom.conf", "vm.swappiness = 5\n");
    fake_write(f, "etc/sysctl.d/50-early.conf", "vm.swappiness = 5\n");
    fake_write(f, "etc/sysctl.d/70-other.conf", "vm.page-cluster = 5\n# vm.swappiness = 1\n");
    fake_write(f, "etc/sysctl.d/90-backup.conf.bak", "vm.swappiness = 5\n");
    fake_write(f, "etc/sysctl.conf", "# nothing\n");
    assert_overridden(f, NULL);
    fake_write(f, "usr/lib/sysctl.d/80-vendor.conf", "-vm/swappiness=1\n");
    assert_overridden(f, "/usr/lib/sysctl.d/80-vendor.conf");
    fake_write(f, "run/sysctl.d/75-run.conf", "vm.swappiness=1\n");
    assert_overridden(f, "/usr/lib/sysctl.d/80-vendor.conf");
    /* hidden, in the two ways that sysctl.d(5) tells */
    fake_write(f, "etc/sysctl.d/80-vendor.conf", "");
    assert_overridden(f, "/run/sysctl.d/75-run.conf");
    assert_int_equal(symlink("/dev/null", fake_path(f, "etc/sysctl.d/75-run.conf")), 0);
    assert_overridden(f, NULL);
    fake_write(f, "etc/sysctl.conf", "vm.swappiness = 1\n");
    assert_overridden(f, "/etc/sysctl.conf");
}

static void test_declared(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int64_t value = 77;

    assert_int_equal(sysctl_declared(&f->root, "vm.swappiness", &value, NULL), 0);
    fake_write(f, "etc/sysctl.d/60-headroom.conf", "# vm.swappiness = 5\nvm.page-cluster = 0\n");
    assert_int_equal(sysctl_declared(&f->root, "vm.swappiness", &value, NULL), 0);
    assert_int_equal(value, 77);
    fake_write(f, "etc/sysctl.d/60-headroom.conf", "vm.swappiness = 5\nvm/swappiness=12\n");
    assert_int_equal(sysctl_declared(&f->root, "vm.swappiness", &value, NULL), 1);
    assert_int_equal(value, 12);
    fake_write(f, "etc/sysctl.d/60-headroom.conf", "vm.swappiness = much\n");
    assert_int_equal(sysctl_declared(&f->root, "vm.swappiness", &value, &e), -EBADMSG);
    fake_assert_message(&e, "60-headroom.conf: sets vm.swappiness to \"much\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read),       TEST(test_set_and_undo),
        TEST(test_range),      TEST(test_running_kernel_below_a_root),
        TEST(test_persist),    cmocka_unit_test(test_text),
        TEST(test_overridden), TEST(test_declared),
    };

    return cmocka_run_group_tests_name("sysctl", tests, NULL, NULL);
}
