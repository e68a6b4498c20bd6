/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "rule.h"

#include <signal.h>

static struct rule parse(const char *text)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct rule r = RULE_INIT;

    if (rule_parse(text, &r, &e) != 0)
        fail_msg("%s: %s", text, e.text);
    assert_string_equal(r.text, text);
    return r;
}

static void assert_refused(const char *text, int r, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct rule rule = RULE_INIT;

    assert_int_equal(rule_parse(text, &rule, &e), r);
    assert_int_equal(e.kind, ERR_USAGE);
    if (strncmp(e.text, message, strlen(message)) != 0)
        fail_msg("%s: \"%s\" does not begin with \"%s\"", text, e.text, message);
    assert_null(rule.text);
}

static void test_all_of_it(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = parse(
        "ram>80% and swap >= 50 for 30s: warn, drop-caches then exec '/usr/local/bin/page me' "
        "-x timeout 20s then kill -x leak, stop cooldown 5m until ram<75%");

    assert_int_equal(r.n_conditions, 2);
    assert_string_equal(r.conditions[0].metric.name, "ram");
    assert_int_equal(r.conditions[1].op, CONDITION_AT_LEAST);
    assert_int_equal(r.for_ms, 30000);
    assert_int_equal(r.n_steps, 3);
    assert_int_equal(r.steps[0].n, 2);
    assert_int_equal(r.steps[0].actions[0].verb, RULE_WARN);
    assert_int_equal(r.steps[0].actions[1].verb, RULE_DROP_CACHES);
    assert_int_equal(r.steps[0].actions[1].timeout_ms, RULE_NO_TIMEOUT);
    assert_int_equal(r.steps[1].n, 1);
    assert_int_equal(r.steps[1].actions[0].verb, RULE_EXEC);
    assert_int_equal(r.steps[1].actions[0].n_words, 2);
    assert_string_equal(r.steps[1].actions[0].words[0], "/usr/local/bin/page me");
    assert_string_equal(r.steps[1].actions[0].words[1], "-x");
    assert_null(r.steps[1].actions[0].words[2]);
    assert_string_equal(r.steps[1].actions[0].text, "'/usr/local/bin/page me' -x");
    assert_int_equal(r.steps[1].actions[0].timeout_ms, 20000);
    assert_int_equal(r.steps[2].actions[0].verb, RULE_KILL);
    assert_int_equal(r.steps[2].actions[1].verb, RULE_STOP);
    assert_int_equal(r.cooldown_ms, 300000);
    assert_true(r.has_until);
    assert_int_equal(r.until.op, CONDITION_BELOW);
}

static void test_least(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = parse("ram>80%: warn");

    assert_int_equal(r.for_ms, 0);
    assert_int_equal(r.cooldown_ms, 0);
    assert_false(r.has_until);
    assert_int_equal(r.n_steps, 1);
    assert_string_equal(r.steps[0].actions[0].text, "");
    assert_int_equal(r.steps[0].actions[0].n_words, 0);
    assert_int_equal(r.steps[0].actions[0].at, 9);
}

static void test_punctuation(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = parse("disk:/data>80% : warn,stop until disk:/data<70%");

    assert_string_equal(r.conditions[0].metric.param, "/data");
    assert_int_equal(r.steps[0].n, 2);
    assert_string_equal(r.until.metric.param, "/data");
}

static void test_words_of_criteria(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = parse(
        "ram>80%: kill --euid a,b  -x 'c:d', signal usr1 -x \"my server\" then limit '-x a b' "
        "memory.max=1G timeout 5s");
    const struct rule_action *kill = &r.steps[0].actions[0], *signal = &r.steps[0].actions[1];
    const struct rule_action *limit = &r.steps[1].actions[0];

    assert_string_equal(kill->text, "--euid a,b  -x 'c:d'");
    assert_int_equal(kill->n_words, 4);
    assert_string_equal(kill->words[1], "a,b");
    assert_string_equal(kill->words[3], "c:d");
    assert_int_equal(signal->signal, SIGUSR1);
    assert_string_equal(signal->text, "-x \"my server\"");
    assert_string_equal(signal->words[2], "my server");
    assert_string_equal(limit->words[0], "-x a b");
    assert_string_equal(limit->words[1], "memory.max=1G");
    assert_int_equal(limit->n_words, 2);
    assert_int_equal(limit->timeout_ms, 5000);
}

/* SIGKILL at once */
static void test_no_patience(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = parse("ram>80%: kill -x leak timeout 0s");

    assert_int_equal(r.steps[0].actions[0].timeout_ms, 0);
}

static void test_sizes(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r =
        parse("ram.available<500M: reclaim /web 1G, swap-add 512M /var/swap timeout 1m");

    assert_int_equal(r.steps[0].actions[0].bytes, 1 << 30);
    assert_string_equal(r.steps[0].actions[0].words[0], "/web");
    assert_int_equal(r.steps[0].actions[1].bytes, 512 << 20);
    assert_string_equal(r.steps[0].actions[1].words[1], "/var/swap");
}

static void test_quoted_words(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r =
        parse("'disk:/my disk' > 80% for 1m: exec echo 'then' \"until\" c\\ooldown ',' for a:b '', "
              "warn");
    const struct rule_action *a = &r.steps[0].actions[0];
    static const char *const wanted[] = {"echo", "then", "until", "cooldown",
                                         ",",    "for",  "a:b",   ""};

    assert_string_equal(r.conditions[0].metric.param, "/my disk");
    assert_int_equal(r.steps[0].n, 2);
    assert_int_equal(a->n_words, ARRAY_SIZE(wanted));
    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
        assert_string_equal(a->words[i], wanted[i]);
}

static void test_until_before_cooldown(void **state _unused_)
{
    _cleanup_(rule_clear) struct rule r = parse("ram>80%: warn until ram<70 cooldown 1m");

    assert_true(r.has_until);
    assert_int_equal(r.cooldown_ms, 60000);
}

static void test_bad_conditions(void **state _unused_)
{
    assert_refused("", -EINVAL, "character 1: it ends where a condition");
    assert_refused("   ", -EINVAL, "character 4: it ends where a condition");
    assert_refused(": warn", -EINVAL, "character 1: \":\" stands where a condition");
    assert_refused("for 3s: warn", -EINVAL, "character 1: \"for\" stands where a condition");
    assert_refused("ram: warn", -EINVAL, "character 4: nothing to compare by");
    assert_refused("ram=80%: warn", -EINVAL, "character 4: there is no \"=\"");
    assert_refused("rom>80%: warn", -EINVAL, "character 1: rom: is no metric; did you mean ram");
    assert_refused("ram > 80x: warn", -EINVAL, "character 7: \"80x\": not a number");
    assert_refused("ram>180%: warn", -ERANGE, "character 5: \"180%\": never reached");
    assert_refused("ram>80% and : warn", -EINVAL, "character 13: \":\" stands where a condition");
    assert_refused("ram>80% and and swap>1: warn", -EINVAL, "character 13: \"and\" stands where");
    assert_refused("ram>80% and swop>1: warn", -EINVAL, "character 13: swop: is no metric");
    assert_refused("ram>80% or swap>1: warn", -EINVAL, "character 1: ");
    assert_refused("ram>80%, swap>1: warn", -EINVAL, "character 8: \",\" stands where \"and\"");
    assert_refused("ram>80%", -EINVAL, "character 8: it ends where \"and\", \"for\" or \":\"");
    assert_refused("ram>80%:warn", -EINVAL, "character 5: \"80%:warn\": not a number");
    assert_refused("disk:/\xc3\xa4>1x: warn", -EINVAL, "character 9: \"1x\"");
}

static void test_bad_durations(void **state _unused_)
{
    assert_refused("ram>80% for: warn", -EINVAL, "character 12: \":\" stands where a duration");
    assert_refused("ram>80% for", -EINVAL, "character 12: it ends where a duration");
    assert_refused("ram>80% for 30x: warn", -EINVAL, "character 13: ");
    assert_refused("ram>80% for -1s: warn", -EINVAL, "character 13: ");
    assert_refused("ram>80% for 3s warn", -EINVAL, "character 16: \"warn\" stands where \":\"");
    assert_refused("ram>80% for 99999999999999999999s: warn", -ERANGE, "character 13: ");
    assert_refused("ram>80%: warn cooldown 0", -ERANGE,
                   "character 24: \"cooldown\" must be longer");
    assert_refused("ram>80%: exec a timeout 0s", -ERANGE, "character 25: \"timeout\" must be");
    assert_refused("ram>80%: exec a timeout", -EINVAL, "character 24: it ends where a duration");
    assert_refused("ram>80%: warn cooldown until ram<1", -EINVAL, "character 24: ");
}

static void test_bad_actions(void **state _unused_)
{
    assert_refused("ram>80%:", -EINVAL, "character 9: it ends where an action");
    assert_refused("ram>80%: warm", -EINVAL,
                   "character 10: warm: is no action; did you mean warn?");
    assert_refused("ram>80%: xyzzy", -EINVAL, "character 10: xyzzy: is no action");
    assert_refused("ram>80%: warn,", -EINVAL, "character 15: it ends where an action");
    assert_refused("ram>80%: warn,, stop", -EINVAL, "character 15: \",\" stands where an action");
    assert_refused("ram>80%: warn then", -EINVAL, "character 19: it ends where an action");
    assert_refused("ram>80%: then warn", -EINVAL, "character 10: \"then\" stands where an action");
    assert_refused("ram>80%: warn stop", -EINVAL, "character 15: \"stop\" stands where \",\"");
    assert_refused("ram>80%: warn: stop", -EINVAL, "character 14: \":\" stands where \",\"");
    assert_refused("ram>80%: exec", -EINVAL, "character 14: exec wants COMMAND");
    assert_refused("ram>80%: exec '' a", -EINVAL, "character 15: a command is expected");
    assert_refused("ram>80%: exec then warn", -EINVAL, "character 15: exec wants COMMAND");
    assert_refused("ram>80%: kill, warn", -EINVAL, "character 14: kill wants CRITERIA... (\".\"");
    assert_refused("ram>80%: signal TERM", -EINVAL, "character 21: signal wants SIGNAL CRITERIA");
    assert_refused("ram>80%: signal FOO a", -EINVAL, "character 17: \"FOO\": is no signal");
    assert_refused("ram>80%: signal 0 a", -ERANGE, "character 17: signal 0 does nothing");
    assert_refused("ram>80%: reclaim /a", -EINVAL, "character 20: reclaim wants GROUP SIZE");
    assert_refused("ram>80%: reclaim /a 5x", -EINVAL, "character 21: ");
    assert_refused("ram>80%: reclaim /a 0", -ERANGE, "character 21: a size above 0");
    assert_refused("ram>80%: reclaim /a 1G 2", -EINVAL, "character 24: \"2\" stands where");
    assert_refused("ram>80%: swap-add 0 /a", -ERANGE, "character 19: a size above 0");
    assert_refused("ram>80%: limit -x", -EINVAL, "character 18: limit wants CRITERIA");
    assert_refused("ram>80%: warn timeout 3s", -EINVAL, "character 15: warn takes no time");
    assert_refused("ram>80%: kill a timeout 3s b", -EINVAL, "character 28: \"b\" stands where");
    assert_refused("ram>80%: stop, warn", -EINVAL,
                   "character 14: what follows would never be done");
    assert_refused("ram>80%: stop then warn", -EINVAL, "character 15: what follows would never");
}

static void test_bad_ends(void **state _unused_)
{
    assert_refused("ram>80%: warn until", -EINVAL, "character 20: it ends where a condition");
    assert_refused("ram>80%: warn until x<1", -EINVAL, "character 21: x: is no metric");
    assert_refused("ram>80%: warn until ram<70 and swap<1", -EINVAL,
                   "character 28: \"until\" takes");
    assert_refused("ram>80%: warn until ram<70 until ram<60", -EINVAL,
                   "character 28: \"until\" was");
    assert_refused("ram>80%: warn cooldown 1 cooldown 2", -EINVAL,
                   "character 26: \"cooldown\" was");
    assert_refused("ram>80%: warn cooldown 1 then stop", -EINVAL, "character 26: \"then\" stands");
    assert_refused("ram>80%: warn until ram<70%, stop", -EINVAL, "character 28: \",\" stands");
}

static void test_open_quotes(void **state _unused_)
{
    assert_refused("'ram>80%: warn", -EINVAL, "character 1: this quote is not closed");
    assert_refused("ram>80%: exec \"a", -EINVAL, "character 15: this quote is not closed");
    assert_refused("ram>80%: exec a'", -EINVAL, "character 16: this quote is not closed");
    assert_refused("ram>80%: exec \"a\\\"", -EINVAL, "character 15: this quote is not closed");
    assert_refused("ram>80%: exec a\\", -EINVAL, "character 16: nothing stands behind");
}

static void test_verbs(void **state _unused_)
{
    assert_string_equal(rule_verb_word(RULE_WARN), "warn");
    assert_string_equal(rule_verb_word(RULE_DROP_CACHES), "drop-caches");
    assert_string_equal(rule_verb_word(RULE_STOP), "stop");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_of_it),
        cmocka_unit_test(test_least),
        cmocka_unit_test(test_punctuation),
        cmocka_unit_test(test_words_of_criteria),
        cmocka_unit_test(test_no_patience),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_quoted_words),
        cmocka_unit_test(test_until_before_cooldown),
        cmocka_unit_test(test_bad_conditions),
        cmocka_unit_test(test_bad_durations),
        cmocka_unit_test(test_bad_actions),
        cmocka_unit_test(test_bad_ends),
        cmocka_unit_test(test_open_quotes),
        cmocka_unit_test(test_verbs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
