/* SPDX-License-Identifier: MIT */
#include "cgremove.h"
#include "fake.h"

#define TOP "sys/fs/cgroup/"

static const struct cgevents_patience none = {.timeout_ms = 0};

static void open_tree(struct fake *f, struct cgtree *t)
{
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, TOP "a/cgroup.events", "populated 0\nfrozen 0\n");
    fake_write(f, TOP "a/b/cgroup.events", "populated 0\n");
    fake_write(f, TOP "a/b/c/cgroup.events", "populated 0\n");
    fake_write(f, TOP "busy/cgroup.events", "populated 1\n");
    assert_int_equal(cgtree_open(&f->root, t, NULL), 0);
}

static void assert_plan(struct fake *f, const char *path, unsigned flags, const char *wanted)
{
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cgremove_clear) struct cgremove c = CGREMOVE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char text[256] = "";

    open_tree(f, &t);
    assert_int_equal(cgremove_plan(&c, &t, path, flags, &none, &plan, &e), 0);
    for (size_t i = 0; i < plan.n; i++) {
        strcat(text, plan.steps[i].text);
        strcat(text, ". ");
    }
    assert_string_equal(text, wanted);
}

static void assert_refused(struct fake *f, const char *path, unsigned flags, const char *message)
{
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cgremove_clear) struct cgremove c = CGREMOVE_INIT;
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    open_tree(f, &t);
    assert_int_equal(cgremove_plan(&c, &t, path, flags, &none, &plan, &e), -EBUSY);
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(plan.n, 0);
    fake_assert_message(&e, message);
}

static void test_plan(void **state)
{
    struct fake *f = *state;

    assert_plan(f, "a/b/c", 0, "remove the group /a/b/c. ");
    assert_plan(f, "a", CGREMOVE_RECURSIVE | CGREMOVE_KILL,
                "remove the group /a/b/c. remove the group /a/b. remove the group /a. ");
    assert_plan(f, "busy", CGREMOVE_KILL, "kill what is in /busy. remove the group /busy. ");
    assert_plan(f, "nothing", 0, "");
}

static void test_refusals(void **state)
{
    struct fake *f = *state;

    assert_refused(f, "", CGREMOVE_RECURSIVE | CGREMOVE_KILL, "/: the top cannot be removed");
    assert_refused(f, "a", CGREMOVE_KILL, "/a: has groups in it, such as /a/b/c; --recursive");
    assert_refused(f, "busy", CGREMOVE_RECURSIVE, "/busy: has processes; --kill ends them");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_plan, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgremove", tests, NULL, NULL);
}
