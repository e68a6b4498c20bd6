/* SPDX-License-Identifier: MIT */
#include "fake.h"

#include "plan.h"

/* What happened, in order: "+a" applied, "-a" undone, "?" asked, "!a" told. */
static char history[64];

static void note(const char *sign, const char *name)
{
    strcat(history, sign);
    strcat(history, name);
}

static int do_it(void *ctx, struct err *e _unused_)
{
    note("+", ctx);
    return 0;
}

static int undo_it(void *ctx, struct err *e _unused_)
{
    note("-", ctx);
    return 0;
}

static int fail_it(void *ctx, struct err *e)
{
    note("x", ctx);
    return err_refuse(e, -EBUSY, "%s: is busy", (const char *)ctx);
}

static int fail_silently(void *ctx, struct err *e _unused_)
{
    note("x", ctx);
    return -EIO;
}

static bool asked_twice(void *arg)
{
    note("?", "");
    return ++*(int *)arg == 2;
}

static void told(void *arg _unused_, const struct plan_step *step)
{
    note("!", step->action);
}

static void told_later(void *arg _unused_, const struct plan_step *step, bool undone)
{
    note(undone ? "u" : "d", step->action);
}

static void add(struct plan *plan, const char *name, int (*apply)(void *, struct err *),
                int (*undo)(void *, struct err *))
{
    assert_int_equal(plan_add(plan, name, apply, undo, (void *)name, NULL, "make %s", name), 0);
}

static int reset(void **state _unused_)
{
    history[0] = '\0';
    return 0;
}

static void test_order(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;

    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    add(&plan, "a", do_it, undo_it);
    add(&plan, "b", do_it, NULL);
    assert_int_equal(plan.n, 2);
    assert_string_equal(plan.steps[1].action, "b");
    assert_string_equal(plan.steps[1].text, "make b");
    assert_string_equal(history, "");
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_string_equal(history, "+a+b");
    assert_int_equal(plan.n_done, 2);
}

static void test_failure_undoes_backwards(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    add(&plan, "a", do_it, undo_it);
    add(&plan, "b", do_it, NULL);
    add(&plan, "c", do_it, undo_it);
    add(&plan, "d", fail_it, undo_it);
    add(&plan, "e", do_it, undo_it);
    assert_int_equal(plan_apply(&plan, NULL, &e), -EBUSY);
    assert_string_equal(history, "+a+b+cxd-c-a");
    assert_string_equal(e.text, "d: is busy");
    assert_int_equal(e.kind, ERR_REFUSED);
    assert_int_equal(plan.n_done, 0);
}

static void test_failing_undo_is_told(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    add(&plan, "a", do_it, undo_it);
    add(&plan, "b", do_it, fail_it);
    add(&plan, "c", do_it, fail_silently);
    add(&plan, "d", fail_it, NULL);
    assert_int_equal(plan_apply(&plan, NULL, &e), -EBUSY);
    assert_string_equal(history, "+a+b+cxdxcxb-a");
    assert_string_equal(e.text, "d: is busy; and undoing \"c\" failed: no reason given"
                                "; and undoing \"b\" failed: b: is busy");
}

static void test_interruption(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int count = 0;
    const struct plan_watch watch = {.interrupted = asked_twice, .step = told, .arg = &count};

    add(&plan, "a", do_it, undo_it);
    add(&plan, "b", do_it, undo_it);
    assert_int_equal(plan_apply(&plan, &watch, &e), -EINTR);
    assert_string_equal(history, "?!a+a?-a");
    assert_int_equal(e.kind, ERR_INTERRUPTED);
    fake_assert_message(&e, "interrupted before \"b\"");
}

static void test_what_is_done_and_undone_is_told(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    const struct plan_watch watch = {.done = told_later};

    add(&plan, "a", do_it, undo_it);
    add(&plan, "b", do_it, NULL);
    add(&plan, "c", do_it, fail_it);
    add(&plan, "d", fail_it, undo_it);
    assert_int_equal(plan_apply(&plan, &watch, &e), -EBUSY);
    assert_string_equal(history, "+ada+bdb+cdcxdxc-aua");
}

static void test_watch_may_be_empty(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    const struct plan_watch watch = {.arg = NULL};

    add(&plan, "a", do_it, NULL);
    assert_int_equal(plan_apply(&plan, &watch, NULL), 0);
    assert_string_equal(history, "+a");
}

static void test_undo_later(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;

    add(&plan, "a", do_it, undo_it);
    add(&plan, "b", do_it, undo_it);
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    plan_undo(&plan, NULL);
    assert_string_equal(history, "+a+b-b-a");
    plan_undo(&plan, NULL);
    assert_string_equal(history, "+a+b-b-a");
}

int __real_vasprintf(char **out, const char *fmt, va_list ap);
int __wrap_vasprintf(char **out, const char *fmt, va_list ap) _printf_(2, 0);
void *__real_reallocarray(void *p, size_t n, size_t size);
void *__wrap_reallocarray(void *p, size_t n, size_t size);
static bool no_text, no_room;

int __wrap_vasprintf(char **out, const char *fmt, va_list ap)
{
    return no_text ? -1 : __real_vasprintf(out, fmt, ap);
}

void *__wrap_reallocarray(void *p, size_t n, size_t size)
{
    return no_room ? NULL : __real_reallocarray(p, n, size);
}

static void test_no_memory(void **state _unused_)
{
    _cleanup_(plan_clear) struct plan plan = PLAN_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    no_text = true;
    assert_int_equal(plan_add(&plan, "a", do_it, NULL, NULL, &e, "make %d", 1), -ENOMEM);
    no_text = false;
    fake_assert_message(&e, "out of memory");
    no_room = true;
    assert_int_equal(plan_add(&plan, "a", do_it, NULL, NULL, NULL, "make %d", 1), -ENOMEM);
    no_room = false;
    assert_int_equal(plan.n, 0);
    add(&plan, "a", do_it, NULL);
    assert_int_equal(plan_apply(&plan, NULL, NULL), 0);
    assert_string_equal(history, "+a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_order, reset),
        cmocka_unit_test_setup(test_failure_undoes_backwards, reset),
        cmocka_unit_test_setup(test_failing_undo_is_told, reset),
        cmocka_unit_test_setup(test_interruption, reset),
        cmocka_unit_test_setup(test_what_is_done_and_undone_is_told, reset),
        cmocka_unit_test_setup(test_watch_may_be_empty, reset),
        cmocka_unit_test_setup(test_undo_later, reset),
        cmocka_unit_test_setup(test_no_memory, reset),
    };

    return cmocka_run_group_tests_name("plan", tests, NULL, NULL);
}
