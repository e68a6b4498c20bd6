/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "alarm.h"

enum { SETTLE = 10000 };

struct scene {
    struct rule rule;
    struct alarm alarm;
};

static void scene_clear(struct scene *s)
{
    rule_clear(&s->rule);
}

static void begin(struct scene *s, const char *text)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (rule_parse(text, &s->rule, &e) != 0)
        fail_msg("%s: %s", text, e.text);
    s->alarm = alarm_start(&s->rule, SETTLE, 0);
}

/* What is to be done at that time; without "until" it is never asked for. */
static enum alarm_event feed(struct scene *s, uint64_t now, enum alarm_truth conditions)
{
    return alarm_feed(&s->alarm, now, conditions, ALARM_UNKNOWN);
}

static void test_fires_once(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: warn");
    assert_int_equal(feed(&s, 0, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(feed(&s, 100, ALARM_TRUE), ALARM_FIRE);
    assert_int_equal(s.alarm.step, 0);
    assert_int_equal(feed(&s, 100, ALARM_TRUE), ALARM_NOTHING);
    alarm_done(&s.alarm, 100, false);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(feed(&s, 1000000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 1000100, ALARM_FALSE), ALARM_REARM);
    assert_int_equal(feed(&s, 1000100, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 1000200, ALARM_TRUE), ALARM_FIRE);
}

static void test_duration(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80% for 30s: warn");
    assert_int_equal(feed(&s, 1000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), 31000);
    assert_int_equal(feed(&s, 30999, ALARM_TRUE), ALARM_NOTHING);
    /* once below, it begins anew */
    assert_int_equal(feed(&s, 30999, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(feed(&s, 40000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 69999, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 70000, ALARM_TRUE), ALARM_FIRE);
}

static void test_unknown_begins_and_ends_nothing(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80% for 30s: warn then stop cooldown 1m");
    assert_int_equal(feed(&s, 0, ALARM_UNKNOWN), ALARM_NOTHING);
    assert_int_equal(s.alarm.state, ALARM_ARMED);
    assert_int_equal(feed(&s, 1000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 50000, ALARM_UNKNOWN), ALARM_NOTHING);
    assert_int_equal(s.alarm.state, ALARM_HOLDING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(feed(&s, 50100, ALARM_TRUE), ALARM_FIRE);
    alarm_done(&s.alarm, 50200, true);
    assert_int_equal(feed(&s, 500000, ALARM_UNKNOWN), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(feed(&s, 500100, ALARM_TRUE), ALARM_ESCALATE);
}

static void test_cooldown(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: warn cooldown 5m");
    assert_int_equal(feed(&s, 0, ALARM_TRUE), ALARM_FIRE);
    /* the action takes longer than that */
    assert_int_equal(feed(&s, 400000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    alarm_done(&s.alarm, 400000, false);
    assert_int_equal(alarm_next(&s.alarm), 300000);
    assert_int_equal(feed(&s, 400000, ALARM_TRUE), ALARM_FIRE);
    alarm_done(&s.alarm, 400000, false);
    assert_int_equal(alarm_next(&s.alarm), 700000);
    assert_int_equal(feed(&s, 699999, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 700000, ALARM_TRUE), ALARM_FIRE);
    alarm_done(&s.alarm, 700000, false);
    /* armed again: it need not wait */
    assert_int_equal(feed(&s, 700001, ALARM_FALSE), ALARM_REARM);
    assert_int_equal(feed(&s, 700002, ALARM_TRUE), ALARM_FIRE);
}

static void test_until(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: warn cooldown 5m until ram<75%");
    assert_int_equal(alarm_feed(&s.alarm, 0, ALARM_TRUE, ALARM_FALSE), ALARM_FIRE);
    alarm_done(&s.alarm, 0, false);
    /* between both: it is not over, and is said again */
    assert_int_equal(alarm_feed(&s.alarm, 1000, ALARM_FALSE, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), 300000);
    assert_int_equal(alarm_feed(&s.alarm, 2000, ALARM_TRUE, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(alarm_feed(&s.alarm, 300000, ALARM_FALSE, ALARM_FALSE), ALARM_FIRE);
    alarm_done(&s.alarm, 300000, false);
    /* as long as one of them is not known, neither */
    assert_int_equal(alarm_feed(&s.alarm, 900000, ALARM_FALSE, ALARM_UNKNOWN), ALARM_NOTHING);
    assert_int_equal(alarm_feed(&s.alarm, 900000, ALARM_UNKNOWN, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(alarm_feed(&s.alarm, 900001, ALARM_FALSE, ALARM_TRUE), ALARM_REARM);
    assert_int_equal(alarm_feed(&s.alarm, 900002, ALARM_FALSE, ALARM_FALSE), ALARM_NOTHING);
}

/* Of different things both may be true: it is not armed only to fire again at once. */
static void test_until_beside_the_conditions(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "psi.memory.some.avg10>10: warn until ram<70%");
    assert_int_equal(alarm_feed(&s.alarm, 0, ALARM_TRUE, ALARM_TRUE), ALARM_FIRE);
    alarm_done(&s.alarm, 0, false);
    assert_int_equal(alarm_feed(&s.alarm, 1, ALARM_TRUE, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(alarm_feed(&s.alarm, 2, ALARM_FALSE, ALARM_TRUE), ALARM_REARM);
}

static void test_escalation(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: warn then drop-caches then stop");
    assert_int_equal(feed(&s, 0, ALARM_TRUE), ALARM_FIRE);
    assert_int_equal(feed(&s, 50000, ALARM_TRUE), ALARM_NOTHING);
    alarm_done(&s.alarm, 50000, false);
    assert_int_equal(alarm_next(&s.alarm), 50000 + SETTLE);
    assert_int_equal(feed(&s, 50000 + SETTLE - 1, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 50000 + SETTLE, ALARM_TRUE), ALARM_ESCALATE);
    assert_int_equal(s.alarm.step, 1);
    /* a failure: at once */
    alarm_done(&s.alarm, 61000, true);
    assert_int_equal(alarm_next(&s.alarm), 61000);
    assert_int_equal(feed(&s, 61000, ALARM_TRUE), ALARM_ESCALATE);
    assert_int_equal(s.alarm.step, 2);
    /* behind the last one there is nothing */
    alarm_done(&s.alarm, 62000, true);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(feed(&s, 1000000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(feed(&s, 1000000, ALARM_FALSE), ALARM_REARM);
    assert_int_equal(feed(&s, 1000001, ALARM_TRUE), ALARM_FIRE);
    assert_int_equal(s.alarm.step, 0);
}

static void test_no_escalation_when_it_helped(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: drop-caches then stop until ram<70%");
    assert_int_equal(alarm_feed(&s.alarm, 0, ALARM_TRUE, ALARM_FALSE), ALARM_FIRE);
    alarm_done(&s.alarm, 10, true);
    assert_int_equal(alarm_feed(&s.alarm, 20, ALARM_FALSE, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
    assert_int_equal(alarm_feed(&s.alarm, 90000, ALARM_FALSE, ALARM_FALSE), ALARM_NOTHING);
    assert_int_equal(alarm_feed(&s.alarm, 90001, ALARM_TRUE, ALARM_FALSE), ALARM_ESCALATE);
}

/* It is over, but a step is under way. */
static void test_ends_behind_a_step(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: exec sleep 5 then stop");
    assert_int_equal(feed(&s, 0, ALARM_TRUE), ALARM_FIRE);
    assert_int_equal(feed(&s, 10, ALARM_FALSE), ALARM_NOTHING);
    alarm_done(&s.alarm, 20, false);
    assert_int_equal(feed(&s, 20, ALARM_FALSE), ALARM_REARM);
}

/* With a cooldown that is shorter than what settles, all steps have their turn. */
static void test_short_cooldown(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80%: warn then drop-caches cooldown 1s");
    assert_int_equal(feed(&s, 0, ALARM_TRUE), ALARM_FIRE);
    alarm_done(&s.alarm, 0, false);
    assert_int_equal(feed(&s, 5000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), SETTLE);
    assert_int_equal(feed(&s, SETTLE, ALARM_TRUE), ALARM_ESCALATE);
    alarm_done(&s.alarm, SETTLE, false);
    assert_int_equal(feed(&s, SETTLE, ALARM_TRUE), ALARM_FIRE);
    assert_int_equal(s.alarm.step, 0);
}

/* Two rules over one value that grows and falls, a second a step. */
static void test_several(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene often, seldom;
    struct scene *const s[] = {&often, &seldom};
    static const unsigned ram[] = {70, 82, 82, 91, 91, 91, 85, 70, 70};
    static const char wanted[2][ARRAY_SIZE(ram) + 1] = {"  F    R ", "   F  R  "};

    begin(s[0], "ram>80% for 1s: warn");
    begin(s[1], "ram>90%: warn");
    for (size_t t = 0; t < ARRAY_SIZE(ram); t++) {
        for (size_t i = 0; i < 2; i++) {
            bool holds = condition_holds(&s[i]->rule.conditions[0], ram[t]);
            enum alarm_event event = feed(s[i], t * 1000, holds ? ALARM_TRUE : ALARM_FALSE);

            assert_int_equal(" FER"[event], wanted[i][t]);
            if (event == ALARM_FIRE)
                alarm_done(&s[i]->alarm, t * 1000, false);
        }
    }
}

static void test_very_long(void **state _unused_)
{
    _cleanup_(scene_clear) struct scene s;

    begin(&s, "ram>80% for 1s: warn cooldown 1s");
    s.rule.for_ms = UINT64_MAX;
    assert_int_equal(feed(&s, 5000, ALARM_TRUE), ALARM_NOTHING);
    assert_int_equal(alarm_next(&s.alarm), ALARM_NEVER);
}

static void test_all(void **state _unused_)
{
    static const enum alarm_truth truths[] = {ALARM_TRUE, ALARM_TRUE, ALARM_UNKNOWN, ALARM_FALSE};

    assert_int_equal(alarm_all(truths, 2), ALARM_TRUE);
    assert_int_equal(alarm_all(truths, 3), ALARM_UNKNOWN);
    assert_int_equal(alarm_all(truths, 4), ALARM_FALSE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fires_once),
        cmocka_unit_test(test_duration),
        cmocka_unit_test(test_unknown_begins_and_ends_nothing),
        cmocka_unit_test(test_cooldown),
        cmocka_unit_test(test_until),
        cmocka_unit_test(test_until_beside_the_conditions),
        cmocka_unit_test(test_escalation),
        cmocka_unit_test(test_no_escalation_when_it_helped),
        cmocka_unit_test(test_ends_behind_a_step),
        cmocka_unit_test(test_short_cooldown),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_very_long),
        cmocka_unit_test(test_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
