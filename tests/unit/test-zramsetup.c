/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapheader.h"
#include "zramsetup.h"

#include <sys/swap.h>
#include <time.h>

#define MIB (UINT64_C(1) << 20)

/* How often a write to a setting of a device is refused as busy, and what the kernel was told. */
static int busy, naps, refused_on;
static char told[512];

ssize_t __real_write(int fd, const void *buf, size_t n);
ssize_t __wrap_write(int fd, const void *buf, size_t n);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *left);
int __wrap_swapon(const char *path, int flags);
int __wrap_swapoff(const char *path);
int __wrap_module_find(const char *name);

static void tell(const char *word, const char *value)
{
    size_t used = strlen(told);

    snprintf(told + used, sizeof(told) - used, "%s%s%s%s", used ? " " : "", word, *value ? "=" : "",
             value);
}

ssize_t __wrap_write(int fd, const void *buf, size_t n)
{
    char link[32], path[256] = "", value[64];
    const char *name;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (readlink(link, path, sizeof(path) - 1) < 0 || !strstr(path, "zram"))
        return __real_write(fd, buf, n);
    if (busy > 0) {
        busy--;
        errno = EBUSY;
        return -1;
    }
    name = strrchr(path, '/') + 1;
    snprintf(value, sizeof(value), "%.*s", (int)n, (const char *)buf);
    tell(name, value);
    return __real_write(fd, buf, n);
}

int __wrap_nanosleep(const struct timespec *wanted _unused_, struct timespec *left _unused_)
{
    naps++;
    return 0;
}

int __wrap_swapon(const char *path _unused_, int flags)
{
    char value[16];

    if (refused_on > 0) {
        refused_on--;
        errno = ENOMEM;
        return -1;
    }
    snprintf(value, sizeof(value), "%d", flags & 0x8000 ? flags & 0x7fff : -1);
    tell("swapon", value);
    return 0;
}

int __wrap_swapoff(const char *path _unused_)
{
    tell("swapoff", "");
    return 0;
}

int __wrap_module_find(const char *name _unused_)
{
    return -ENOENT;
}

struct fixture {
    struct zramsetup setup;
    struct zramsetup_wish wish;
    struct swaps swaps;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    zramsetup_clear(&x->setup);
    swaps_clear(&x->swaps);
    err_clear(&x->e);
    busy = naps = refused_on = 0;
    *told = '\0';
}

#define FIXTURE                                                                                    \
    _cleanup_(fixture_clear) struct fixture x = {                                                  \
        .setup = ZRAMSETUP_INIT,                                                                   \
        .wish = {.limit = -1, .priority = -1},                                                     \
        .e = ERR_INIT,                                                                             \
    }

/* Device 5 as hot_add would make it. */
static void make_kernel(struct fake *f)
{
    fake_write(f, "sys/class/zram-control/hot_add", "5\n");
    fake_write(f, "sys/class/zram-control/hot_remove", "");
    fake_write(f, "sys/block/zram5/disksize", "0\n");
    fake_write(f, "sys/block/zram5/comp_algorithm", "[lzo] lz4\n");
    fake_write(f, "sys/block/zram5/mem_limit", "");
    fake_write(f, "sys/block/zram5/mm_stat", "0 0 0 0 0 0\n");
    fake_write(f, "sys/block/zram5/reset", "");
    fake_write(f, "dev/zram5", "");
    fake_write(f, "proc/meminfo",
               "MemTotal: 1000 kB\nMemFree: 900 kB\nMemAvailable: 900 kB\n"
               "SwapTotal: 0 kB\nSwapFree: 0 kB\n");
    *told = '\0';
}

/* Device 5 is ours, with 1 MiB, and maybe an active area. */
static void make_ours(struct fake *f, struct fixture *x, const char *used_kib)
{
    struct swapheader h = {
        .pages = 16, .page_size = (uint32_t)sysconf(_SC_PAGESIZE), .label = ZRAM_LABEL};
    _cleanup_(free_ptr) void *page = malloc(h.page_size);
    char text[128];

    make_kernel(f);
    swapheader_format(&h, page);
    fake_write_bytes(f, "dev/zram5", page, h.page_size);
    fake_write(f, "sys/block/zram5/disksize", "1048576\n");
    fake_write(f, "sys/block/zram5/mm_stat", "0 0 0 65536 0 0\n");
    snprintf(text, sizeof(text), "Filename Type Size Used Priority\n%s%s%s",
             used_kib ? "/dev/zram5 partition 1020 " : "", used_kib ? used_kib : "",
             used_kib ? " 100\n" : "");
    assert_int_equal(swaps_parse(text, &x->swaps, NULL), 0);
    *told = '\0';
}

static int plan(struct fake *f, struct fixture *x, int number)
{
    int r = zramsetup_find(&f->root, number, &x->setup, &x->e);

    return r < 0 ? r : zramsetup_plan(&x->setup, &x->wish, &x->swaps, &x->plan, &x->e);
}

static void assert_actions(const struct fixture *x, const char *wanted)
{
    char all[256] = "";

    for (size_t i = 0; i < x->plan.n; i++) {
        size_t used = strlen(all);

        snprintf(all + used, sizeof(all) - used, "%s%s", used ? " " : "", x->plan.steps[i].action);
    }
    assert_string_equal(all, wanted);
}

static bool has_header(struct fake *f)
{
    _cleanup_(close_fd) int fd = open(fake_path(f, "dev/zram5"), O_RDONLY | O_CLOEXEC);
    struct swapheader h;

    assert_int_equal(swapheader_read(fd, &h), 0);
    return h.kind == SWAPHEADER_VALID && streq(h.label, ZRAM_LABEL) &&
           h.pages == 2 * MIB / h.page_size;
}

static void test_new(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    x.wish = (struct zramsetup_wish){2 * MIB, "lz4", 1, 7, false};
    assert_int_equal(plan(f, &x, -1), 0);
    assert_actions(&x, "add-device set-algorithm set-size set-mem-limit format activate");
    assert_string_equal(x.plan.steps[2].text, "set the size of the new zram device to 2M");
    assert_string_equal(told, "");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_string_equal(told, "comp_algorithm=lz4 disksize=2097152 mem_limit=4096 swapon=7");
    assert_int_equal(x.setup.number, 5);
    assert_true(has_header(f));
}

static void test_new_fails_late(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    x.wish.size = 2 * MIB;
    assert_int_equal(plan(f, &x, -1), 0);
    assert_actions(&x, "add-device set-size format activate");
    refused_on = 1;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -ENOMEM);
    assert_string_equal(told, "disksize=2097152 reset=1 hot_remove=5");
}

static void test_busy(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    x.wish.size = 2 * MIB;
    assert_int_equal(plan(f, &x, 5), 0);
    assert_actions(&x, "set-size format activate");
    busy = 3;
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_int_equal(naps, 3);
    plan_undo(&x.plan, NULL);
    assert_string_equal(told, "disksize=2097152 swapon=100 swapoff reset=1");
    busy = 1000;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -EBUSY);
    fake_assert_message(&x.e, "/dev/zram5: another program has it in use");
    assert_int_equal(naps, 3 + 99);
}

static void test_algorithm(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    x.wish.size = 2 * MIB;
    x.wish.algorithm = "lz";
    assert_int_equal(plan(f, &x, -1), -EOPNOTSUPP);
    assert_int_equal(x.e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&x.e, "\"lz\": this kernel's zram has no such algorithm; it has lzo, lz4");
    assert_int_equal(x.plan.n, 0);
}

static void test_unchanged(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "0");
    assert_int_equal(plan(f, &x, -1), 0);
    assert_actions(&x, "");
    x.wish = (struct zramsetup_wish){MIB, "lzo", 65535, 100, false};
    assert_int_equal(zramsetup_plan(&x.setup, &x.wish, &x.swaps, &x.plan, NULL), 0);
    assert_actions(&x, "");
}

static void test_inactive(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, NULL);
    assert_int_equal(plan(f, &x, 5), 0);
    assert_actions(&x, "activate");
}

static void test_limit_alone(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "0");
    x.wish.limit = 0;
    assert_int_equal(plan(f, &x, -1), 0);
    assert_actions(&x, "set-mem-limit");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    plan_undo(&x.plan, NULL);
    assert_string_equal(told, "mem_limit=0 mem_limit=65536");
}

static void test_remake_and_undo(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "8");
    x.wish.size = 2 * MIB;
    assert_int_equal(plan(f, &x, -1), 0);
    assert_actions(&x, "deactivate reset set-algorithm set-size set-mem-limit format activate");
    refused_on = 1;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -ENOMEM);
    assert_string_equal(told, "swapoff reset=1 comp_algorithm=lzo disksize=2097152 mem_limit=65536 "
                              "mem_limit=65536 reset=1 reset=1 comp_algorithm=lzo disksize=1048576 "
                              "mem_limit=65536 swapon=100");
}

static void test_does_not_fit(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "1000");
    x.wish.priority = 5;
    assert_int_equal(plan(f, &x, -1), -ENOMEM);
    assert_int_equal(x.e.kind, ERR_REFUSED);
    x.wish.force = true;
    assert_int_equal(zramsetup_plan(&x.setup, &x.wish, &x.swaps, &x.plan, NULL), 0);
    assert_actions(&x, "deactivate activate");
}

static void test_others(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_kernel(f);
    fake_write(f, "sys/block/zram5/disksize", "1048576\n");
    x.wish.size = MIB;
    assert_int_equal(plan(f, &x, 5), -EBUSY);
    assert_int_equal(x.e.kind, ERR_REFUSED);
    fake_assert_message(&x.e, "/dev/zram5: is in use and was not set up by swapctl");
    assert_int_equal(plan(f, &x, 6), -ENODEV);
    assert_int_equal(plan(f, &x, -1), 0);
    assert_actions(&x, "add-device set-size format activate");
}

static void test_no_kernel(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    assert_int_equal(plan(f, &x, -1), -EOPNOTSUPP);
    assert_int_equal(x.e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&x.e, "load its module with \"modprobe zram\"");
}

static int plan_remove(struct fake *f, struct fixture *x, bool force)
{
    int r = zramsetup_find(&f->root, 5, &x->setup, &x->e);

    return r < 0 ? r : zramsetup_plan_remove(&x->setup, &x->swaps, force, &x->plan, &x->e);
}

static void test_remove(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "8");
    assert_int_equal(plan_remove(f, &x, false), 0);
    assert_actions(&x, "deactivate remove-device");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_string_equal(told, "swapoff hot_remove=5");
}

static void test_remove_busy(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "8");
    assert_int_equal(plan_remove(f, &x, false), 0);
    busy = 1000;
    assert_int_equal(plan_apply(&x.plan, NULL, &x.e), -EBUSY);
    fake_assert_message(&x.e, "/dev/zram5: cannot remove it; another program has it in use");
    assert_string_equal(told, "swapoff swapon=100");
}

static void test_remove_refuses(void **state)
{
    struct fake *f = *state;
    FIXTURE;

    make_ours(f, &x, "1000");
    assert_int_equal(plan_remove(f, &x, false), -ENOMEM);
    assert_int_equal(x.e.kind, ERR_REFUSED);
    zramsetup_clear(&x.setup);
    assert_int_equal(plan_remove(f, &x, true), 0);
    zramsetup_clear(&x.setup);
    fake_write(f, "sys/block/zram5/disksize", "0\n");
    assert_int_equal(plan_remove(f, &x, true), -EBUSY);
    fake_assert_message(&x.e, "/dev/zram5: was not set up by swapctl");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_new),         TEST(test_new_fails_late),  TEST(test_busy),
        TEST(test_algorithm),   TEST(test_unchanged),       TEST(test_inactive),
        TEST(test_limit_alone), TEST(test_remake_and_undo), TEST(test_does_not_fit),
        TEST(test_others),      TEST(test_no_kernel),       TEST(test_remove),
        TEST(test_remove_busy), TEST(test_remove_refuses),
    };

    return cmocka_run_group_tests_name("zramsetup", tests, NULL, NULL);
}
