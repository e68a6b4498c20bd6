/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "oomadj.h"

static void test_read(void **state)
{
    struct fake *f = *state;
    int value = 7;

    assert_int_equal(oomadj_read(&f->root, &value), -ENOENT);
    fake_write(f, "proc/self/oom_score_adj", "-900\n");
    assert_int_equal(oomadj_read(&f->root, &value), 0);
    assert_int_equal(value, -900);
    fake_write(f, "proc/self/oom_score_adj", "-1001\n");
    assert_int_equal(oomadj_read(&f->root, &value), -EBADMSG);
    fake_write(f, "proc/self/oom_score_adj", "");
    assert_int_equal(oomadj_read(&f->root, &value), -EBADMSG);
    assert_int_equal(value, -900);
}

static void test_write(void **state)
{
    struct fake *f = *state;
    int value;

    assert_int_equal(oomadj_write(&f->root, OOMADJ_NEVER), -ENOENT);
    fake_write(f, "proc/self/oom_score_adj", "0\n");
    assert_int_equal(oomadj_write(&f->root, OOMADJ_NEVER), 0);
    assert_int_equal(oomadj_read(&f->root, &value), 0);
    assert_int_equal(value, -1000);
}

/* To be killed sooner is allowed to everybody. */
static void test_kernel(void **state _unused_)
{
    _cleanup_(root_close) struct root root = ROOT_INIT;
    int before, value;

    assert_int_equal(root_open(&root, NULL, NULL), 0);
    assert_int_equal(oomadj_read(&root, &before), 0);
    assert_int_equal(oomadj_write(&root, OOMADJ_FIRST), 0);
    assert_int_equal(oomadj_read(&root, &value), 0);
    assert_int_equal(value, OOMADJ_FIRST);
    assert_int_equal(oomadj_write(&root, before), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_read, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_write, fake_setup, fake_teardown),
        cmocka_unit_test(test_kernel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
