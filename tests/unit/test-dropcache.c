/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <linux/magic.h>
#include <sys/vfs.h>

#include "dropcache.h"

#define KERNEL "proc/sys/vm/drop_caches"
#define STAMP "run/headroom/drop-caches"

static uid_t user;
static long fs_type;

uid_t __wrap_geteuid(void);
int __wrap_fstatfs(int fd, struct statfs *out);
int __wrap_fstatfs64(int fd, struct statfs *out);

uid_t __wrap_geteuid(void)
{
    return user;
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
    struct dropcache d;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    err_clear(&x->e);
    user = 0;
    fs_type = 0;
}

#define FIXTURE                                                                                    \
    struct fake *f = *state;                                                                       \
    _cleanup_(fixture_clear) struct fixture x = {.d = {.root = &f->root,                           \
                                                       .what = DROPCACHE_BOTH,                     \
                                                       .sync_timeout_ms = 1000,                    \
                                                       .drop_timeout_ms = 60000},                  \
                                                 .plan = PLAN_INIT,                                \
                                                 .e = ERR_INIT};                                   \
    fake_write(f, KERNEL, "0\n");                                                                  \
    fake_write(f, "proc/meminfo", meminfo)

static const char meminfo[] = "MemTotal: 1000 kB\nMemFree: 100 kB\nMemAvailable: 700 kB\n"
                              "Buffers: 10 kB\nCached: 500 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n"
                              "SReclaimable: 90 kB\n";

static void assert_refused(struct fixture *x, int r, enum err_kind kind, const char *message)
{
    assert_int_equal(dropcache_plan(&x->d, false, &x->plan, &x->e), r);
    assert_int_equal(x->e.kind, kind);
    fake_assert_message(&x->e, message);
    assert_int_equal(x->plan.n, 0);
}

static void test_steps(void **state)
{
    FIXTURE;
    _cleanup_(free_ptr) char *text = NULL, *stamp = NULL;

    assert_int_equal(dropcache_plan(&x.d, false, &x.plan, &x.e), 0);
    assert_int_equal(x.plan.n, 2);
    assert_string_equal(x.plan.steps[0].action, "sync");
    assert_string_equal(x.plan.steps[0].text, "write back what is dirty, for at most 1 s");
    assert_string_equal(x.plan.steps[1].text, "drop the page cache and reclaimable slab objects");
    assert_false(fake_exists(f, STAMP));
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), 0);
    text = fake_read(f, KERNEL);
    assert_string_equal(text, "3\n");
    assert_true(x.d.synced);
    assert_int_equal(x.d.before.cached, 500 * 1024);
    assert_int_equal(dropcache_freed_pages(&x.d), 0);
    stamp = fake_read(f, STAMP);
    assert_true(strtoull(stamp, NULL, 10) > 0);
}

static void test_what(void **state)
{
    FIXTURE;
    _cleanup_(free_ptr) char *text = NULL;

    x.d.what = DROPCACHE_SLAB;
    assert_int_equal(dropcache_plan(&x.d, false, &x.plan, &x.e), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), 0);
    text = fake_read(f, KERNEL);
    assert_string_equal(text, "2\n");
}

static void test_freed(void **state _unused_)
{
    struct dropcache d = {
        .before = {.cached = 500, .buffers = 50, .sreclaimable = 90},
        .after = {.cached = 100, .buffers = 60, .sreclaimable = 95},
    };

    assert_int_equal(dropcache_freed_pages(&d), 390);
    assert_int_equal(dropcache_freed_slab(&d), 0);
}

static void test_once_a_minute(void **state)
{
    FIXTURE;

    assert_int_equal(dropcache_plan(&x.d, false, &x.plan, &x.e), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), 0);
    plan_clear(&x.plan);
    assert_refused(&x, -EALREADY, ERR_REFUSED, "wait 60 s more, or use --force");
    assert_int_equal(dropcache_plan(&x.d, true, &x.plan, NULL), 0);
}

/* What stands there from an earlier boot, or is no number, keeps nobody away. */
static void test_stamp_that_says_nothing(void **state)
{
    static const char *const stamps[] = {
        "", "99999999999999\n", "99999999999999999999\n", "x\n", "-1\n", "12 x\n", "0\n"};
    FIXTURE;

    for (size_t i = 0; i < ARRAY_SIZE(stamps); i++) {
        fake_write(f, STAMP, stamps[i]);
        assert_int_equal(dropcache_plan(&x.d, false, &x.plan, &x.e), 0);
    }
}

static void test_not_root(void **state)
{
    FIXTURE;

    user = 1000;
    assert_refused(&x, -EPERM, ERR_FAILED, "only user 0 may, whatever capabilities");
}

static void test_running_kernel_below_a_root(void **state)
{
    FIXTURE;

    fs_type = PROC_SUPER_MAGIC;
    assert_refused(&x, -EXDEV, ERR_UNSUPPORTED, "belongs to the running kernel");
}

static void test_no_such_file(void **state)
{
    FIXTURE;

    assert_int_equal(unlink(fake_path(f, KERNEL)), 0);
    assert_refused(&x, -EOPNOTSUPP, ERR_UNSUPPORTED, "this kernel has no");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_steps),        TEST(test_what),
        TEST(test_freed),        TEST(test_once_a_minute),
        TEST(test_not_root),     TEST(test_stamp_that_says_nothing),
        TEST(test_no_such_file), TEST(test_running_kernel_below_a_root),
    };

    return cmocka_run_group_tests_name("dropcache", tests, NULL, NULL);
}
