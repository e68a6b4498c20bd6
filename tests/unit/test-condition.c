/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include <math.h>

#include "condition.h"

static void assert_condition(const char *text, const char *name, enum condition_op op, double value)
{
    _cleanup_(condition_clear) struct condition c = CONDITION_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (condition_parse(text, &c, &e) != 0)
        fail_msg("%s: %s", text, e.text);
    assert_string_equal(c.metric.name, name);
    assert_int_equal(c.op, op);
    assert_true(fabs(c.value - value) <= 1e-12 * value);
}

static void assert_refused(const char *text, int r, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct condition c = CONDITION_INIT;

    assert_int_equal(condition_parse(text, &c, &e), r);
    assert_int_equal(e.kind, ERR_USAGE);
    fake_assert_message(&e, message);
    assert_null(c.metric.info);
}

static void test_read(void **state _unused_)
{
    assert_condition("ram>80%", "ram", CONDITION_ABOVE, 80);
    assert_condition("ram > 80.5", "ram", CONDITION_ABOVE, 80.5);
    assert_condition("ram.available<500M", "ram.available", CONDITION_BELOW, 500. * 1048576);
    assert_condition("ram.available <=\t2GB ", "ram.available", CONDITION_AT_MOST, 2e9);
    assert_condition("psi.memory.some.avg10>=10", "psi.memory.some.avg10", CONDITION_AT_LEAST, 10);
    assert_condition("refault.ratio>0.5", "refault.ratio", CONDITION_ABOVE, .5);
    assert_condition("refault.ratio>12", "refault.ratio", CONDITION_ABOVE, 12);
    assert_condition("oom>0", "oom", CONDITION_ABOVE, 0);
    assert_condition("swap.out>1M/s", "swap.out", CONDITION_ABOVE, 1048576);
    assert_condition("reclaim.direct>1000/s", "reclaim.direct", CONDITION_ABOVE, 1000);
    assert_condition("commit>150%", "commit", CONDITION_ABOVE, 150);
    assert_condition("kswapd.cpu>250", "kswapd.cpu", CONDITION_ABOVE, 250);
    assert_condition("disk:/a>b<c=d>90%", "disk:/a>b<c=d", CONDITION_ABOVE, 90);
    assert_condition("cgroup:/a.b/c.service.memory>=1G", "cgroup:/a.b/c.service.memory",
                     CONDITION_AT_LEAST, 1073741824);
}

static void test_where_it_goes_wrong(void **state _unused_)
{
    assert_refused("", -EINVAL, ": character 1: nothing to compare by");
    assert_refused("ram", -EINVAL, "ram: character 4: nothing to compare by");
    assert_refused("ram=80%", -EINVAL, "ram=80%: character 4: there is no \"=\"");
    assert_refused("ram!=80%", -EINVAL, "ram!=80%: character 5: there is no \"=\"");
    assert_refused(">80%", -EINVAL, ">80%: character 1: a metric is missing");
    assert_refused("ram>", -EINVAL, "ram>: character 5: a value is missing");
    assert_refused("ram>=", -EINVAL, "ram>=: character 6: a value is missing");
    assert_refused("  rom>5", -EINVAL, "character 3: rom: is no metric; did you mean ram");
    assert_refused("ram>>80", -EINVAL, "character 1: ram>: is no metric");
    assert_refused("ram> x", -EINVAL, "character 6: \"x\": not a number");
    assert_refused("disk:>5", -EINVAL, "character 1: disk:: is no metric");
}

static void test_values_that_are_none(void **state _unused_)
{
    assert_refused("ram>-1", -EINVAL, "not a number");
    assert_refused("ram>+1", -EINVAL, "not a number");
    assert_refused("ram>nan", -EINVAL, "not a number");
    assert_refused("ram>inf", -EINVAL, "not a number");
    assert_refused("ram>1e1", -EINVAL, "not a number");
    assert_refused("ram>0x10", -EINVAL, "not a number");
    assert_refused("ram>80%%", -EINVAL, "not a number");
    assert_refused("ram>%", -EINVAL, "not a number");
    assert_refused("ram>80/s", -EINVAL, "not a number");
    assert_refused("ram>1.", -EINVAL, "not a number");
    assert_refused("ram>1,5", -EINVAL, "not a number");
    assert_refused("ram>100.1%", -ERANGE, "never reached; give at most 100%");
    assert_refused("oom>99999999999999999999", -ERANGE, "too large");
    assert_refused("oom>1000000000000000", -ERANGE, "too large");
    assert_refused("ram.available<10%", -EINVAL, "not a size");
    assert_refused("ram.available<-5M", -EINVAL, "not a size");
    assert_refused("ram.available<99999999999999999999", -ERANGE, "too large");
    assert_refused("ram.available<1M/s", -EINVAL, "not a size");
    assert_refused("refault.ratio>50%", -EINVAL, "not a number");
}

static void test_holds(void **state _unused_)
{
    struct condition c = {.value = 5};
    static const bool wanted[][3] = {
        [CONDITION_ABOVE] = {false, false, true},
        [CONDITION_AT_LEAST] = {false, true, true},
        [CONDITION_BELOW] = {true, false, false},
        [CONDITION_AT_MOST] = {true, true, false},
    };

    for (size_t op = 0; op < ARRAY_SIZE(wanted); op++) {
        c.op = (enum condition_op)op;
        for (int i = 0; i < 3; i++)
            assert_int_equal(condition_holds(&c, 4 + i), wanted[op][i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_where_it_goes_wrong),
        cmocka_unit_test(test_values_that_are_none),
        cmocka_unit_test(test_holds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
