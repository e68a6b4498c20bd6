/* SPDX-License-Identifier: MIT */
#include "deed_exec.h"
#include "fake.h"

#include <signal.h>

/* It is told how long it had, which is another time for each verb. */
static void test_time_of_its_own(void **state _unused_)
{
    struct deed d = {.child = {.signal = SIGTERM, .timeout_ms = 100000}};

    assert_false(deed_exec_say_end(&d, 100000));
    assert_string_equal(d.text, "took longer than 100 s and was ended by SIGTERM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_time_of_its_own)};

    return cmocka_run_group_tests_name("deed_exec", tests, NULL, NULL);
}
