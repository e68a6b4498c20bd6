/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "judgement.h"

static void assert_judged(struct judgement_facts f, enum judgement wanted, const char *part)
{
    char reason[JUDGEMENT_TEXT_MAX] = "";
    enum judgement j = judgement_of(&f, reason);

    if (j != wanted || !strstr(reason, part))
        fail_msg("%s: %s", judgement_word(j), reason);
}

/* available, swap, some, full, limit */
#define FACTS(...) ((struct judgement_facts){__VA_ARGS__})

static void test_short(void **state _unused_)
{
    assert_judged(FACTS(4.9, 10, 10, 0, -1), JUDGEMENT_SHORT,
                  "4.9% of RAM is available, and programs waited");
    assert_judged(FACTS(4.9, 10, 0, 5, -1), JUDGEMENT_SHORT, "4.9% of RAM");
    assert_judged(FACTS(4.9, -1, 0, 0, -1), JUDGEMENT_SHORT, "there is no swap");
    assert_judged(FACTS(4.9, 80, -1, -1, -1), JUDGEMENT_SHORT, "swap is nearly full");
    assert_judged(FACTS(90, 0, 10, 0, 95), JUDGEMENT_SHORT, "95.0% of our own limit");
}

static void test_tight(void **state _unused_)
{
    assert_judged(FACTS(90, 0, 0, 0, 95), JUDGEMENT_TIGHT, "95.0% of our own limit");
    assert_judged(FACTS(20, 0, 10, 0, -1), JUDGEMENT_TIGHT, "a control group's limit?");
    assert_judged(FACTS(19.9, 0, 10, 0, -1), JUDGEMENT_TIGHT, "programs waited for memory 10.0%");
    assert_judged(FACTS(4.9, 10, 0, 0, -1), JUDGEMENT_TIGHT, "nobody waits");
    assert_judged(FACTS(9.9, -1, -1, -1, -1), JUDGEMENT_TIGHT, "9.9% of RAM");
    assert_judged(FACTS(50, 80, 0, 0, -1), JUDGEMENT_TIGHT, "80.0% of swap");
}

static void test_enough(void **state _unused_)
{
    assert_judged(FACTS(10, 79.9, 9.9, 4.9, 94.9), JUDGEMENT_ENOUGH,
                  "10.0% of RAM is available, and hardly");
    assert_judged(FACTS(10, -1, -1, -1, -1), JUDGEMENT_ENOUGH, "10.0% of RAM is available");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_short),
        cmocka_unit_test(test_tight),
        cmocka_unit_test(test_enough),
    };

    return cmocka_run_group_tests_name("judgement", tests, NULL, NULL);
}
