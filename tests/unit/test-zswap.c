/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "zswap.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#define PARAMETERS "sys/module/zswap/parameters/"
#define LINE "w /sys/module/zswap/parameters/"

/* What the kernel says to a write; that it keeps its value; the file system of the settings. */
static int refusal;
static bool deaf;
/* Where the kernel changes the compressor by itself, with the next write. */
static struct fake *falls_back;
static long fs_type;

ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __wrap_fstatfs(int fd, struct statfs *out);
int __wrap_fstatfs64(int fd, struct statfs *out);

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
    struct fake *f = falls_back;

    if (deaf)
        return (ssize_t)n;
    if (f && *(const char *)buf == 'Y') {
        falls_back = NULL;
        fake_write(f, PARAMETERS "compressor", "lzo\n");
    }
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
    struct zswap_change change;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    zswap_change_clear(&x->change);
    err_clear(&x->e);
    refusal = 0;
    deaf = false;
    fs_type = 0;
}

#define FIXTURE                                                                                    \
    _cleanup_(fixture_clear) struct fixture x = {                                                  \
        .change = ZSWAP_CHANGE_INIT, .plan = PLAN_INIT, .e = ERR_INIT}

static void make_kernel(struct fake *f)
{
    fake_write(f, PARAMETERS "enabled", "N\n");
    fake_write(f, PARAMETERS "compressor", "lzo\n");
    fake_write(f, PARAMETERS "max_pool_percent", "20\n");
}

static void assert_file(struct fake *f, const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *text = fake_read(f, path);

    assert_string_equal(text, wanted);
}

static void test_read(void **state)
{
    struct fake *f = *state;
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;

    make_kernel(f);
    fake_write(f, PARAMETERS "shrinker_enabled", "Y\n");
    fake_write(f, "proc/meminfo", "MemTotal: 1000 kB\nZswap: 10 kB\nZswapped: 30 kB\n");
    fake_write(f, "proc/vmstat", "zswpin 1\nzswpwb 42\n");
    fake_write(f, "sys/kernel/debug/zswap/stored_pages", "8\n");
    fake_write(f, "sys/kernel/debug/zswap/written_back_pages", "43\n");
    assert_int_equal(zswap_read(&f->root, &z, NULL), 0);
    assert_string_equal(z.values[ZSWAP_ENABLED], "N");
    assert_string_equal(z.values[ZSWAP_COMPRESSOR], "lzo");
    assert_string_equal(z.values[ZSWAP_MAX_POOL_PERCENT], "20");
    assert_string_equal(z.values[ZSWAP_SHRINKER], "Y");
    assert_true(z.pool.known && z.stored.known && z.limit.known && z.pages.known);
    assert_int_equal(z.pool.value, 10240);
    assert_int_equal(z.stored.value, 30720);
    assert_int_equal(z.limit.value, 1024000 / 5);
    assert_int_equal(z.pages.value, 8);
    assert_int_equal(z.written_back.value, 42);
}

static void test_absent(void **state)
{
    struct fake *f = *state;
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_int_equal(zswap_read(&f->root, &z, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, "this kernel was built without zswap");
    make_kernel(f);
    assert_int_equal(zswap_read(&f->root, &z, NULL), 0);
    assert_null(z.values[ZSWAP_SHRINKER]);
    assert_false(z.pool.known || z.stored.known || z.limit.known || z.pages.known);
    assert_false(z.written_back.known);
}

/* Where /proc does not tell, debugfs may. */
static void test_debugfs(void **state)
{
    struct fake *f = *state;
    _cleanup_(zswap_clear) struct zswap z = ZSWAP_INIT;

    make_kernel(f);
    fake_write(f, "sys/kernel/debug/zswap/pool_total_size", "4096\n");
    fake_write(f, "sys/kernel/debug/zswap/written_back_pages", "43\n");
    assert_int_equal(zswap_read(&f->root, &z, NULL), 0);
    assert_int_equal(z.pool.value, 4096);
    assert_int_equal(z.written_back.value, 43);
}

static void test_set_and_undo(void **state)
{
    struct fake *f = *state;
    const char *values[ZSWAP_PARAMETERS] = {
        [ZSWAP_ENABLED] = "Y", [ZSWAP_COMPRESSOR] = "zstd", [ZSWAP_MAX_POOL_PERCENT] = "20"};
    FIXTURE;

    make_kernel(f);
    assert_int_equal(zswap_plan_set(&f->root, values, &x.change, &x.plan, NULL), 0);
    assert_int_equal(x.plan.n, 2);
    assert_string_equal(x.plan.steps[0].action, "zswap-compressor");
    assert_string_equal(x.plan.steps[0].text, "set zswap's compressor to zstd (now lzo)");
    assert_string_equal(x.plan.steps[1].action, "zswap-enabled");
    assert_file(f, PARAMETERS "enabled", "N\n");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_file(f, PARAMETERS "enabled", "Y");
    assert_file(f, PARAMETERS "compressor", "zstd");
    plan_undo(&x.plan, NULL);
    assert_file(f, PARAMETERS "enabled", "N");
    assert_file(f, PARAMETERS "compressor", "lzo");
}

static int set_one(struct fake *f, struct fixture *x, enum zswap_parameter p, const char *value)
{
    const char *values[ZSWAP_PARAMETERS] = {NULL};
    int r;

    values[p] = value;
    r = zswap_plan_set(&f->root, values, &x->change, &x->plan, &x->e);
    return r < 0 ? r : plan_apply(&x->plan, NULL, &x->e);
}

static void test_lacks_parameter(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    assert_int_equal(set_one(f, &x, ZSWAP_SHRINKER, "Y"), -EOPNOTSUPP);
    fake_assert_message(&x.e, "zswap: this kernel has no setting \"shrinker_enabled\"");
}

static void test_unknown_compressor(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    refusal = EINVAL;
    assert_int_equal(set_one(f, &x, ZSWAP_COMPRESSOR, "foo"), -EOPNOTSUPP);
    assert_int_equal(x.e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&x.e, "zswap: this kernel has no compressor \"foo\"");
}

static void test_cannot_enable(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    refusal = ENODEV;
    assert_int_equal(set_one(f, &x, ZSWAP_ENABLED, "Y"), -ENODEV);
    fake_assert_message(&x.e, "zswap: the kernel could not set it up");
}

/* A zswap that was never on takes any name, until then. */
static void test_falls_back(void **state)
{
    struct fake *f = *state;
    const char *values[ZSWAP_PARAMETERS] = {[ZSWAP_ENABLED] = "Y", [ZSWAP_COMPRESSOR] = "foo"};
    FIXTURE;

    make_kernel(f);
    assert_int_equal(zswap_plan_set(&f->root, values, &x.change, &x.plan, NULL), 0);
    falls_back = f;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -EOPNOTSUPP);
    fake_assert_message(&x.e, "zswap: this kernel has no compressor \"foo\"");
    assert_file(f, PARAMETERS "enabled", "N");
    assert_file(f, PARAMETERS "compressor", "lzo");
}

static void test_reads_back(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    fake_write(f, PARAMETERS "max_pool_percent", "0");
    deaf = true;
    assert_int_equal(set_one(f, &x, ZSWAP_MAX_POOL_PERCENT, "5"), -EIO);
    fake_assert_message(&x.e, "zswap: the kernel kept max_pool_percent at");
}

static void test_running_kernel_below_a_root(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    fs_type = SYSFS_MAGIC;
    assert_int_equal(set_one(f, &x, ZSWAP_ENABLED, "Y"), -EXDEV);
    assert_int_equal(x.e.kind, ERR_UNSUPPORTED);
    assert_file(f, PARAMETERS "enabled", "N\n");
}

static void assert_text(const char *before, const char *const values[static ZSWAP_PARAMETERS],
                        const char *after)
{
    _cleanup_(free_ptr) char *text = NULL, *again = NULL;

    assert_int_equal(zswap_text(before, values, &text, NULL), 0);
    assert_string_equal(text, after);
    assert_int_equal(zswap_text(text, values, &again, NULL), 0);
    assert_string_equal(again, after);
}

static void test_text(void **state _unused_)
{
    const char *on[ZSWAP_PARAMETERS] = {[ZSWAP_ENABLED] = "Y"};
    const char *both[ZSWAP_PARAMETERS] = {[ZSWAP_ENABLED] = "N", [ZSWAP_COMPRESSOR] = "lz4"};

    assert_text("", on,
                "# Written by headroom: settings of zswap at boot; see tmpfiles.d(5).\n" LINE
                "enabled - - - - Y\n");
    assert_text("#\n" LINE "enabled - - - - Y\nd /x\n", both,
                "#\n" LINE "enabled - - - - N\nd /x\n" LINE "compressor - - - - lz4\n");
    assert_text(LINE "compressor - - - - zstd", on,
                LINE "compressor - - - - zstd\n" LINE "enabled - - - - Y\n");
    assert_text(LINE "enabled - - - - Y\n" LINE "enabled\t- - - - N\n", both,
                LINE "enabled - - - - N\n" LINE "compressor - - - - lz4\n");
    assert_text("# " LINE "enabled - - - - N\n" LINE "enabled2 - - - - N\nw\n", on,
                "# " LINE "enabled - - - - N\n" LINE "enabled2 - - - - N\nw\n" LINE
                "enabled - - - - Y\n");
}

static void test_persist(void **state)
{
    struct fake *f = *state;
    const char *values[ZSWAP_PARAMETERS] = {[ZSWAP_ENABLED] = "Y", [ZSWAP_COMPRESSOR] = "lz4"};
    FIXTURE;

    assert_int_equal(zswap_plan_persist(&f->root, values, &x.change, &x.plan, &x.e), -EOPNOTSUPP);
    assert_int_equal(x.e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&x.e, "add zswap.compressor=lz4 zswap.enabled=Y to the kernel's command");
    fake_write(f, "usr/lib/systemd/systemd", "");
    assert_int_equal(zswap_plan_persist(&f->root, values, &x.change, &x.plan, NULL), 0);
    assert_string_equal(x.plan.steps[0].action, "persist-zswap");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_file(f, ZSWAP_FILE,
                "# Written by headroom: settings of zswap at boot; see tmpfiles.d(5).\n" LINE
                "compressor - - - - lz4\n" LINE "enabled - - - - Y\n");
    zswap_change_clear(&x.change);
    plan_clear(&x.plan);
    assert_int_equal(zswap_plan_persist(&f->root, values, &x.change, &x.plan, NULL), 1);
    assert_int_equal(x.plan.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_read),
        TEST(test_absent),
        TEST(test_debugfs),
        TEST(test_set_and_undo),
        TEST(test_lacks_parameter),
        TEST(test_unknown_compressor),
        TEST(test_cannot_enable),
        TEST(test_falls_back),
        TEST(test_reads_back),
        TEST(test_running_kernel_below_a_root),
        cmocka_unit_test(test_text),
        TEST(test_persist),
    };

    return cmocka_run_group_tests_name("zswap", tests, NULL, NULL);
}
