/* SPDX-License-Identifier: MIT */
#include "cglimit.h"
#include "cgvalue.h"
#include "fake.h"

enum { RAM = 1 << 30 };

static void assert_bytes(const char *text, uint64_t wanted, uint64_t rounded_from)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t out, asked;

    assert_int_equal(cglimit_bytes(text, RAM, 4096, &out, &asked, &e), 0);
    assert_true(out == wanted);
    assert_true(asked == rounded_from);
}

static void refuse_bytes(const char *text, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    uint64_t out, asked;

    assert_true(cglimit_bytes(text, RAM, 4096, &out, &asked, &e) < 0);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, message);
}

static void test_bytes(void **state _unused_)
{
    assert_bytes("8G", 8ULL << 30, 0);
    assert_bytes("1.5M", 3 << 19, 0);
    assert_bytes("50%", RAM / 2, 0);
    assert_bytes("0", 0, 0);
    assert_bytes("0%", 0, 0);
    assert_bytes("max", CGVALUE_MAX, 0);
    assert_bytes("5000", 4096, 5000);
    assert_bytes("1MB", 999424, 1000000);
    refuse_bytes("4095", "less than a page");
    refuse_bytes("0.0001%", "less than a page");
    refuse_bytes("16E", "\"16E\"");
    refuse_bytes("18446744073709551616", "");
    refuse_bytes("8E", "more than the kernel can count");
    refuse_bytes("", "is empty");
    refuse_bytes(" ", "");
    refuse_bytes("-1", "");
    refuse_bytes("max ", "");
    refuse_bytes("MAX", "");
}

static void assert_cpu(const char *text, const char *wanted)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char buf[CGLIMIT_TEXT];
    int r = cglimit_cpu(text, buf, &e);

    if (wanted) {
        assert_int_equal(r, 0);
        assert_string_equal(buf, wanted);
    } else {
        assert_true(r < 0);
        assert_int_equal(e.kind, ERR_USAGE);
    }
}

static void test_cpu(void **state _unused_)
{
    assert_cpu("150%", "150000 100000");
    assert_cpu("1.5", "150000 100000");
    assert_cpu("1", "100000 100000");
    assert_cpu("0.01", "1000 100000");
    assert_cpu("12.3456%", "12345 100000");
    assert_cpu("max", "max 100000");
    assert_cpu("0", NULL);
    assert_cpu("0.001", NULL);
    assert_cpu("0.5%", NULL);
    assert_cpu("", NULL);
    assert_cpu("%", NULL);
    assert_cpu(".5", NULL);
    assert_cpu("1.", NULL);
    assert_cpu("1.2.3", NULL);
    assert_cpu("-1", NULL);
    assert_cpu("1e3", NULL);
    assert_cpu("99999999999999999999", NULL);
    assert_cpu("10000", NULL);
}

static void assert_cpus(const char *text, const char *wanted)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) char *out = NULL;
    int r = cglimit_cpus(text, &out, &e);

    if (wanted) {
        assert_int_equal(r, 0);
        assert_string_equal(out, wanted);
    } else {
        assert_true(r < 0);
        assert_int_equal(e.kind, ERR_USAGE);
    }
}

static void test_cpus(void **state _unused_)
{
    assert_cpus("0", "0");
    assert_cpus("0,1,2", "0-2");
    assert_cpus("3,0-1,1", "0-1,3");
    assert_cpus("8191", "8191");
    assert_cpus("max", "");
    assert_cpus("", NULL);
    assert_cpus("3-1", NULL);
    assert_cpus("1,", NULL);
    assert_cpus(",1", NULL);
    assert_cpus("1-", NULL);
    assert_cpus("1-2-3", NULL);
    assert_cpus("8192", NULL);
    assert_cpus("a", NULL);
}

static void assert_io(const char *text, const char *wanted)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char buf[CGLIMIT_TEXT];
    int r = cglimit_io(text, buf, &e);

    if (wanted) {
        assert_int_equal(r, 0);
        assert_string_equal(buf, wanted);
    } else {
        assert_true(r < 0);
        assert_int_equal(e.kind, ERR_USAGE);
    }
}

static void test_io(void **state _unused_)
{
    assert_io("rbps=10M", "rbps=10485760");
    assert_io("wiops=max,rbps=1MB", "rbps=1000000 wiops=max");
    assert_io("rbps=0", NULL);
    assert_io("riops=1K", NULL);
    assert_io("rbps=1,rbps=2", NULL);
    assert_io("bps=1", NULL);
    assert_io("rbps", NULL);
    assert_io("", NULL);
    assert_io("rbps=1,", NULL);
}

static void test_controller(void **state _unused_)
{
    char buf[CGLIMIT_CONTROLLER];

    assert_string_equal(cglimit_controller("memory.swap.max", buf), "memory");
    assert_string_equal(cglimit_controller("cpu.max", buf), "cpu");
    assert_string_equal(cglimit_controller("cpuset.cpus", buf), "cpuset");
    assert_string_equal(cglimit_controller("cgroup.max.depth", buf), "");
    assert_null(cglimit_controller("cgroup.procs", buf));
    assert_null(cglimit_controller("memory", buf));
    assert_null(cglimit_controller("memory.", buf));
    assert_null(cglimit_controller("memory.a/b", buf));
    assert_null(cglimit_controller("../memory.max", buf));
    assert_null(cglimit_controller("mem.max", buf));
}

static void assert_undo(const struct cglimit *l, const char *text, const char *wanted)
{
    _cleanup_(free_ptr) char *old = cglimit_undo(l, text);

    assert_string_equal(old, wanted);
}

static void test_holds(void **state _unused_)
{
    const struct cglimit max = {.file = (char *)"memory.max", .value = (char *)"4096"},
                         io = {.file = (char *)"io.max", .value = (char *)"8:0 rbps=5 wiops=max"},
                         weight = {.file = (char *)"io.weight", .value = (char *)"default 50"},
                         cpus = {.file = (char *)"cpuset.cpus", .value = (char *)""};

    assert_true(cglimit_holds(&max, "4096\n"));
    assert_false(cglimit_holds(&max, "40960\n"));
    assert_false(cglimit_holds(&max, "max\n"));
    assert_undo(&max, "max\n", "max");
    assert_true(cglimit_holds(&io, "8:0 rbps=5 wbps=max riops=7 wiops=max\n"));
    assert_false(cglimit_holds(&io, "8:0 rbps=5 wbps=max riops=max wiops=1\n"));
    assert_false(cglimit_holds(&io, "8:16 rbps=5 wbps=max riops=max wiops=max\n"));
    assert_undo(&io, "8:0 rbps=1 wbps=2 riops=max wiops=4\n",
                "8:0 rbps=1 wbps=2 riops=max wiops=4");
    assert_undo(&io, "", "8:0 rbps=max wbps=max riops=max wiops=max");
    assert_true(cglimit_holds(&weight, "default 50\n8:0 100\n"));
    assert_false(cglimit_holds(&weight, "default 500\n"));
    assert_undo(&weight, "default 100\n", "default 100");
    assert_true(cglimit_holds(&cpus, "\n"));
    assert_false(cglimit_holds(&cpus, "0-3\n"));
    assert_undo(&cpus, "\n", "\n");
}

static void assert_reads(struct fake *f, const struct cglimit_words *w, const char *file,
                         const char *value)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(cglimit_clear) struct cglimits l = CGLIMITS_INIT;
    const struct cglimit *found;

    assert_int_equal(cglimit_read(&f->root, w, &l, &e), 0);
    found = cglimit_find(&l, file);
    assert_non_null(found);
    assert_string_equal(found->value, value);
}

static void refuse_words(struct fake *f, const struct cglimit_words *w, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct cglimits l = CGLIMITS_INIT;

    assert_true(cglimit_read(&f->root, w, &l, &e) < 0);
    assert_int_equal(e.kind, ERR_USAGE);
    assert_int_equal(l.n, 0);
    fake_assert_message(&e, message);
}

static void test_read(void **state)
{
    struct fake *f = *state;
    const char *io[] = {"8:0:rbps=1M", NULL}, *part[] = {"8:1:rbps=1M", NULL},
               *no_device[] = {"rbps=1M", NULL}, *file[] = {"/proc/meminfo:rbps=1M", NULL},
               *set[] = {"cpu.idle=1", NULL}, *reclaim[] = {"memory.reclaim=1G", NULL},
               *bytes[] = {"memory.swap.high=5000", NULL}, *empty[] = {"cpu.idle= ", NULL};
    const struct cglimit_words both = {.memory_max = "64M", .memory_plus_swap = "96M"};

    fake_write(f, "proc/meminfo", "MemTotal: 1048576 kB\nMemFree: 1 kB\nSwapTotal: 0 kB\n");
    fake_write(f, "sys/dev/block/8:1/partition", "1\n");
    assert_reads(f, &(struct cglimit_words){.memory_max = "25%"}, "memory.max", "268435456");
    assert_reads(f, &both, "memory.swap.max", "33554432");
    assert_reads(f, &(struct cglimit_words){.memory_max = "1M", .memory_plus_swap = "max"},
                 "memory.swap.max", "max");
    assert_reads(f, &(struct cglimit_words){.io_weight = "50"}, "io.weight", "default 50");
    assert_reads(f, &(struct cglimit_words){.pids_max = "max"}, "pids.max", "max");
    assert_reads(f, &(struct cglimit_words){.io_max = io}, "io.max", "8:0 rbps=1048576");
    assert_reads(f, &(struct cglimit_words){.set = set}, "cpu.idle", "1");
    assert_reads(f, &(struct cglimit_words){.set = bytes}, "memory.swap.high", "4096");
    refuse_words(f, &(struct cglimit_words){.io_max = part}, "--io-max: 8:1: is a partition");
    refuse_words(f, &(struct cglimit_words){.io_max = no_device}, "is not DEVICE:");
    refuse_words(f, &(struct cglimit_words){.io_max = file}, "is not a block device");
    refuse_words(f, &(struct cglimit_words){.set = reclaim}, "memory.reclaim: is not a limit");
    refuse_words(f, &(struct cglimit_words){.set = empty}, "is not FILE=VALUE with a value");
    refuse_words(f, &(struct cglimit_words){.memory_plus_swap = "1G"}, "needs --memory-max");
    refuse_words(f, &(struct cglimit_words){.cpu_weight = "0"}, "--cpu-weight: ");
    refuse_words(f, &(struct cglimit_words){.cpu_weight = "max"}, "--cpu-weight: ");
}

/* Memory must not be squeezed into swap that is about to be limited. */
static void test_order(void **state)
{
    struct fake *f = *state;
    _cleanup_(cglimit_clear) struct cglimits l = CGLIMITS_INIT;
    const struct cglimit_words w = {
        .memory_max = "8M", .memory_high = "7M", .swap_max = "1M", .oom_group = true};

    assert_int_equal(cglimit_read(&f->root, &w, &l, NULL), 0);
    assert_int_equal(l.n, 4);
    assert_string_equal(l.items[0].file, "memory.swap.max");
    assert_string_equal(l.items[2].file, "memory.high");
    assert_string_equal(l.items[3].file, "memory.max");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_cpu),
        cmocka_unit_test(test_cpus),
        cmocka_unit_test(test_io),
        cmocka_unit_test(test_controller),
        cmocka_unit_test(test_holds),
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_order, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cglimit", tests, NULL, NULL);
}
