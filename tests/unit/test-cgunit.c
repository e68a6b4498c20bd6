/* SPDX-License-Identifier: MIT */
#include "cgunit.h"
#include "fake.h"

#define MANAGER "user.slice/user-1000.slice/user@1000.service"

static void assert_unit(const char *path, uid_t whose, const char *name, const char *rest)
{
    struct cgunit u;

    cgunit_of(path, &u);
    assert_int_equal(u.whose, whose);
    assert_string_equal(u.name, name);
    assert_string_equal(u.rest, rest);
    assert_int_equal(u.slice, !*name || strstr(name, ".slice") != NULL);
    if (*name)
        assert_memory_equal(path + u.length - strlen(name), name, strlen(name));
}

static void test_of(void **state _unused_)
{
    assert_unit("", SDBUS_SYSTEM, "", "");
    assert_unit("by-hand", SDBUS_SYSTEM, "", "by-hand");
    assert_unit("init.scope", SDBUS_SYSTEM, "init.scope", "");
    assert_unit("system.slice/nginx.service", SDBUS_SYSTEM, "nginx.service", "");
    assert_unit("system.slice/a.service/b.service/c", SDBUS_SYSTEM, "a.service", "b.service/c");
    assert_unit("system.slice/by-hand/a.service", SDBUS_SYSTEM, "system.slice",
                "by-hand/a.service");
    assert_unit("a.slice/a-b.slice", SDBUS_SYSTEM, "a-b.slice", "");
    assert_unit(".service", SDBUS_SYSTEM, "", ".service");
    assert_unit(MANAGER, SDBUS_SYSTEM, "user@1000.service", "");
    assert_unit(MANAGER "/app.slice/x.scope/y", 1000, "x.scope", "y");
    assert_unit(MANAGER "/by-hand", 1000, "user@1000.service", "by-hand");
    assert_unit("system.slice/user@x.service/a", SDBUS_SYSTEM, "user@x.service", "a");
    assert_unit(MANAGER "/user@5.service/a", 1000, "user@5.service", "a");
}

static void assert_slice(const char *group, uid_t whose, const char *name, const char *path)
{
    _cleanup_(free_ptr) char *slice = NULL, *at = NULL;
    struct cgunit u;

    assert_int_equal(cgunit_slice(group, &slice, NULL), 0);
    assert_string_equal(slice, name);
    at = cgunit_slice_path(whose, slice);
    assert_string_equal(at, path);
    cgunit_of(at, &u);
    assert_string_equal(u.name, name);
    assert_int_equal(u.whose, whose);
}

static void test_slice(void **state _unused_)
{
    char group[CGUNIT_NAME];

    assert_slice("batch", SDBUS_SYSTEM, "headroom-batch.slice",
                 "headroom.slice/headroom-batch.slice");
    assert_slice("a/b-c", SDBUS_SYSTEM, "headroom-a-b\\x2dc.slice",
                 "headroom.slice/headroom-a.slice/headroom-a-b\\x2dc.slice");
    assert_slice("a", 1000, "headroom-a.slice", MANAGER "/headroom.slice/headroom-a.slice");
    memset(group, 'x', sizeof(group));
    group[sizeof(group) - 1] = '\0';
    assert_int_equal(cgunit_slice(group, NULL, NULL), -ENAMETOOLONG);
}

static void test_names(void **state _unused_)
{
    assert_true(cgunit_is_name("a.service"));
    assert_true(cgunit_is_name("a-b.slice"));
    assert_false(cgunit_is_name("a.timer"));
    assert_false(cgunit_is_name(".scope"));
    assert_false(cgunit_is_name("a/b.service"));
    assert_false(cgunit_is_name("a"));
}

/* Every limit as the properties that systemd is sent: "NAME=NUMBER", or text and number. */
static void assert_properties(const struct fake *f, const struct cglimit *l, const char *wanted)
{
    _cleanup_(sdbus_properties_clear) struct sdbus_properties p = SDBUS_PROPERTIES_INIT;
    char text[512] = "";

    assert_int_equal(cgunit_property(&f->root, l, &p, NULL), 0);
    for (size_t i = 0; i < p.n; i++) {
        const struct sdbus_property *q = &p.items[i];
        size_t n = strlen(text);

        if (streq(q->type, "ay"))
            snprintf(text + n, sizeof(text) - n, "%s=%zu:%02x ", q->name, q->size,
                     q->size ? ((const uint8_t *)q->bytes)[q->size - 1] : 0);
        else
            snprintf(text + n, sizeof(text) - n, "%s=%s%lld ", q->name, q->text ? q->text : "",
                     (long long)q->number);
    }
    assert_string_equal(text, wanted);
}

static struct cglimit limit(const char *file, const char *value, uint64_t number)
{
    return (struct cglimit){
        .file = (char *)(uintptr_t)file, .value = (char *)(uintptr_t)value, .number = number};
}

static void test_properties(void **state)
{
    struct fake *f = *state;
    static const struct {
        struct cglimit limit;
        const char *wanted;
    } cases[] = {
        {{"memory.max", "67108864", 67108864, 0, false}, "MemoryMax=67108864 "},
        {{"memory.high", "max", UINT64_MAX, 0, false}, "MemoryHigh=-1 "},
        {{"memory.low", "4096", 4096, 0, false}, "MemoryLow=4096 "},
        {{"memory.min", "4096", 4096, 0, false}, "MemoryMin=4096 "},
        {{"memory.swap.max", "0", 0, 0, false}, "MemorySwapMax=0 "},
        {{"memory.zswap.max", "4096", 4096, 0, false}, "MemoryZSwapMax=4096 "},
        {{"pids.max", "50", 50, 0, false}, "TasksMax=50 "},
        {{"cpu.weight", "20", 20, 0, false}, "CPUWeight=20 "},
        {{"io.weight", "default 30", 30, 0, false}, "IOWeight=30 "},
        {{"cpu.max", "150000 100000", 0, 0, false},
         "CPUQuotaPerSecUSec=1500000 CPUQuotaPeriodUSec=100000 "},
        {{"cpu.max", "max 100000", 0, 0, false},
         "CPUQuotaPerSecUSec=-1 CPUQuotaPeriodUSec=100000 "},
        {{"cpuset.cpus", "0,2-3", 0, 0, false}, "AllowedCPUs=1:0d "},
        {{"cpuset.cpus", "8-9", 0, 0, false}, "AllowedCPUs=2:03 "},
        {{"cpuset.cpus", "", 0, 0, false}, "AllowedCPUs=0:00 "},
        {{"io.max", "8:16 rbps=1048576 wiops=max", 0, 0, false},
         "IOReadBandwidthMax=/dev/sdb1048576 IOWriteIOPSMax=/dev/sdb-1 "},
        {{"io.max", "9:1 wbps=1 riops=2", 0, 0, false},
         "IOWriteBandwidthMax=/dev/block/9:11 IOReadIOPSMax=/dev/block/9:12 "},
    };

    fake_write(f, "sys/dev/block/8:16/uevent", "MAJOR=8\nMINOR=16\nDEVNAME=sdb\nDEVTYPE=disk\n");
    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_properties(f, &cases[i].limit, cases[i].wanted);
        assert_non_null(cgunit_setting(cases[i].limit.file));
    }
}

static void test_no_property(void **state)
{
    struct fake *f = *state;
    _cleanup_(sdbus_properties_clear) struct sdbus_properties p = SDBUS_PROPERTIES_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct cglimit l = limit("memory.oom.group", "1", 1);

    assert_int_equal(cgunit_property(&f->root, &l, &p, &e), 1);
    assert_null(cgunit_setting("memory.oom.group"));
    l = limit("cpu.max", "33300 100000", 0);
    assert_int_equal(cgunit_property(&f->root, &l, &p, &e), -ERANGE);
    fake_assert_message(&e, "33% or 34%");
    l = limit("cpu.max", "10000 50000", 0);
    l.raw = true;
    assert_int_equal(cgunit_property(&f->root, &l, &p, &e), -EINVAL);
    fake_assert_message(&e, "use --cpu-max");
    assert_int_equal(p.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of),
        cmocka_unit_test(test_slice),
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_properties, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_no_property, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgunit", tests, NULL, NULL);
}
