/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "pace.h"

#define GIB 1073741824.

static const struct pace_machine machine = {.ram = 60 * GIB, .swap = 10 * GIB};

static uint64_t of(const char *text, double value)
{
    _cleanup_(condition_clear) struct condition c = CONDITION_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (condition_parse(text, &c, &e) != 0)
        fail_msg("%s", e.text);
    return pace_condition(&c, value, &machine);
}

static void test_memory(void **state _unused_)
{
    /* a tenth of 60G at 6G a second */
    assert_int_equal(of("ram>80%", 70), 1000);
    assert_int_equal(of("ram>80%", 20), 6000);
    assert_int_equal(of("ram>80%", 80), 0);
    assert_int_equal(of("ram>80%", 81), 0);
    assert_int_equal(of("ram.used>12G", 6 * GIB), 1000);
    assert_int_equal(of("ram.available<6G", 12 * GIB), 1000);
    assert_int_equal(of("ram.available<6G", 5 * GIB), 0);
    assert_int_equal(of("cgroup:/a.memory>=6G", 0), 1000);
    assert_int_equal(of("proc:1.rss>6G", 0), 1000);
}

static void test_swap(void **state _unused_)
{
    assert_int_equal(of("swap>50%", 30), 2000);
    assert_int_equal(of("memory>90%", 80), 7 * 1000 / 6);
    assert_int_equal(of("memory>90%", 91), 0);
    assert_int_equal(of("memory.available<6G", 12 * GIB), 1000);
    assert_int_equal(of("swap.used>5G", 3 * GIB), 2000);
    assert_int_equal(of("cgroup:/a.swap>2G", 0), 2000);
}

/* Memory is given back faster than anybody could count. */
static void test_the_other_way(void **state _unused_)
{
    assert_int_equal(of("ram<20%", 90), PACE_FIXED_MS);
    assert_int_equal(of("ram.available>6G", 0), PACE_FIXED_MS);
    assert_int_equal(of("swap<20%", 90), PACE_FIXED_MS);
    assert_int_equal(of("memory<20%", 90), PACE_FIXED_MS);
}

/* They come nearer every 2 seconds, and the first time may be now. */
static void test_pressure_averages(void **state _unused_)
{
    assert_int_equal(of("psi.memory.some.avg10>10", 0), 0);
    assert_int_equal(of("psi.memory.some.avg10>20", 0), 2000);
    assert_int_equal(of("psi.memory.full.avg10>50", 0), 6000);
    assert_int_equal(of("psi.cpu.some.avg60>50", 0), 40000);
    assert_int_equal(of("psi.io.some.avg300>50", 0), 202000);
    assert_int_equal(of("cgroup:/a.psi>50", 0), 6000);
    assert_int_equal(of("psi.memory.some.avg10<50", 100), 6000);
    assert_true(of("psi.memory.some.avg10>=100", 0) > 100000);
}

static void test_nobody_knows(void **state _unused_)
{
    struct pace_machine none = {.ram = 0};
    struct condition c = CONDITION_INIT;

    assert_int_equal(of("commit>100", 50), PACE_FIXED_MS);
    assert_int_equal(of("cgroup:/a.memory_percent>90", 50), PACE_FIXED_MS);
    assert_int_equal(condition_parse("swap>50", &c, NULL), 0);
    assert_int_equal(pace_condition(&c, 0, &none), PACE_FIXED_MS);
    condition_clear(&c);
}

static void test_rules(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = RULE_INIT;
    struct pace_reading readings[] = {{.known = true, .value = 20}, {.known = true, .value = 40}};
    struct alarm a;

    assert_int_equal(rule_parse("ram>80% and swap>50%: warn", &r, NULL), 0);
    a = alarm_start(&r, 0, 0);
    /* both have to hold */
    assert_int_equal(pace_alarm(&a, readings, &machine), 6000);
    readings[0].value = 79.9;
    assert_int_equal(pace_alarm(&a, readings, &machine), 1000);
    readings[1].value = 49.9;
    assert_int_equal(pace_alarm(&a, readings, &machine), PACE_LEAST_MS);
    readings[1].known = false;
    assert_int_equal(pace_alarm(&a, readings, &machine), PACE_FIXED_MS);
    readings[1].absent = true;
    assert_int_equal(pace_alarm(&a, readings, &machine), ALARM_NEVER);
    /* one is looked at elsewhere */
    readings[1].elsewhere = true;
    readings[0].value = 60;
    assert_int_equal(pace_alarm(&a, readings, &machine), 2000);
    readings[0].value = 90;
    assert_int_equal(pace_alarm(&a, readings, &machine), PACE_FIXED_MS);
    readings[0].elsewhere = true;
    assert_int_equal(pace_alarm(&a, readings, &machine), ALARM_NEVER);
    /* its end must be noticed, too */
    readings[0] = (struct pace_reading){.known = true, .value = 20};
    a.state = ALARM_HOLDING;
    assert_int_equal(pace_alarm(&a, readings, &machine), PACE_FIXED_MS);
    a.state = ALARM_FIRED;
    assert_int_equal(pace_alarm(&a, readings, &machine), PACE_FIXED_MS);
}

static void test_pressure(void **state _unused_)
{
    assert_int_equal(pace_pressure(0), PACE_LEAST_MS);
    assert_int_equal(pace_pressure(1000), PACE_LEAST_MS);
    assert_int_equal(pace_pressure(5000), 500);
    assert_int_equal(pace_pressure(PACE_PRESSURE_MS), ALARM_NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory),        cmocka_unit_test(test_swap),
        cmocka_unit_test(test_the_other_way), cmocka_unit_test(test_pressure_averages),
        cmocka_unit_test(test_nobody_knows),  cmocka_unit_test(test_rules),
        cmocka_unit_test(test_pressure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
