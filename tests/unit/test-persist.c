/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "persist.h"

#define UNIT "etc/systemd/system/swapfile.swap"
#define SERVICE "etc/systemd/system/headroom-create-swapfile.service"
#define LINE "/swapfile none swap sw,nofail,x-headroom.size=1048576 0 0\n"
#define OTHERS "/dev/sda1 / ext4 defaults 0 1\n"

static const struct declaration area = {
    .path = "/swapfile", .size = 1048576, .priority = -1, .discard = DECLARATION_DISCARD_UNSET};
static const struct declaration_target target = {.path = "/swapfile"};

struct fixture {
    struct persist persist;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    persist_clear(&x->persist);
    err_clear(&x->e);
}

#define FIXTURE(x)                                                                                 \
    _cleanup_(fixture_clear) struct fixture x = {                                                  \
        .persist = PERSIST_INIT, .plan = PLAN_INIT, .e = ERR_INIT}

static int declare(struct fake *f, enum persist_how how, struct fixture *x)
{
    return persist_plan_declare(&f->root, how, &area, &target, "/usr/sbin/swapctl", &x->persist,
                                &x->plan, &x->e);
}

static void do_declare(struct fake *f, enum persist_how how, enum persist_how wanted)
{
    FIXTURE(x);
    FIXTURE(again);
    enum persist_how found = PERSIST_AUTO;

    assert_int_equal(declare(f, how, &x), 0);
    assert_int_equal(x.persist.how, wanted);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_int_equal(persist_find(&f->root, &target, &found, NULL), 0);
    assert_int_equal(found, wanted);
    assert_int_equal(declare(f, how, &again), 1);
    assert_int_equal(again.persist.how, wanted);
    assert_int_equal(again.plan.n, 0);
}

static void assert_state(struct fake *f, const char *fstab, bool unit)
{
    _cleanup_(free_ptr) char *text = fake_read(f, "etc/fstab");

    assert_string_equal(text, fstab);
    assert_int_equal(fake_exists(f, UNIT), unit);
    assert_int_equal(fake_exists(f, SERVICE), unit);
}

static void test_auto_without_systemd(void **state)
{
    struct fake *f = *state;

    fake_write(f, "etc/fstab", OTHERS);
    do_declare(f, PERSIST_AUTO, PERSIST_FSTAB);
    assert_state(f, OTHERS LINE, false);
}

static void test_auto_with_systemd(void **state)
{
    struct fake *f = *state;

    fake_write(f, "etc/fstab", OTHERS);
    fake_write(f, "lib/systemd/systemd", "");
    do_declare(f, PERSIST_AUTO, PERSIST_UNIT);
    assert_state(f, OTHERS, true);
}

static void test_auto_stays(void **state)
{
    struct fake *f = *state;

    fake_write(f, "etc/systemd/system.conf", "");
    fake_write(f, "etc/fstab", "/swapfile swap swap defaults 0 0\n");
    do_declare(f, PERSIST_AUTO, PERSIST_FSTAB);
    assert_state(f, "/swapfile swap swap defaults,x-headroom.size=1048576 0 0\n", false);
}

static void test_auto_path_no_unit_can_express(void **state)
{
    const struct declaration d = {.path = "/swap ", .size = 1048576, .priority = -1};
    const struct declaration_target t = {.path = "/swap "};
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(y);

    fake_write(f, "etc/systemd/system.conf", "");
    assert_int_equal(persist_plan_declare(&f->root, PERSIST_AUTO, &d, &t, "/usr/sbin/swapctl",
                                          &x.persist, &x.plan, NULL),
                     0);
    assert_int_equal(x.persist.how, PERSIST_FSTAB);
    assert_int_equal(persist_plan_declare(&f->root, PERSIST_UNIT, &d, &t, "/usr/sbin/swapctl",
                                          &y.persist, &y.plan, &y.e),
                     -EINVAL);
    fake_assert_message(&y.e, "declare it in fstab");
}

static void test_none_changes_nothing(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(y);

    assert_int_equal(declare(f, PERSIST_NONE, &x), 1);
    assert_int_equal(x.persist.how, PERSIST_NONE);
    fake_write(f, "etc/fstab", "/swapfile none swap sw 0 0\n");
    assert_int_equal(declare(f, PERSIST_NONE, &y), 1);
    assert_int_equal(y.persist.how, PERSIST_FSTAB);
    assert_int_equal(x.plan.n + y.plan.n, 0);
}

static void test_move(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);

    fake_write(f, "etc/fstab", OTHERS "/swapfile none swap sw 0 0\n");
    assert_int_equal(declare(f, PERSIST_UNIT, &x), 0);
    assert_int_equal(x.plan.n, 3);
    assert_string_equal(x.plan.steps[0].action, "persist-unit");
    assert_string_equal(x.plan.steps[1].action, "enable-unit");
    assert_string_equal(x.plan.steps[2].action, "unpersist-fstab");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_state(f, OTHERS, true);
    plan_undo(&x.plan, NULL);
    assert_state(f, OTHERS "/swapfile none swap sw 0 0\n", false);

    do_declare(f, PERSIST_UNIT, PERSIST_UNIT);
    do_declare(f, PERSIST_FSTAB, PERSIST_FSTAB);
    assert_state(f, OTHERS LINE, false);
}

static void test_somebody_elses_unit(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(y);
    FIXTURE(z);

    fake_write(f, UNIT, "[Swap]\nWhat=/swapfile\n");
    assert_int_equal(declare(f, PERSIST_AUTO, &x), 1);
    assert_int_equal(x.persist.how, PERSIST_UNIT);
    assert_int_equal(declare(f, PERSIST_UNIT, &y), -EEXIST);
    assert_int_equal(y.e.kind, ERR_REFUSED);
    assert_int_equal(persist_plan_undeclare(&f->root, &target, &z.persist, &z.plan, NULL), 1);
    assert_int_equal(z.persist.how, PERSIST_UNIT);
}

static void test_undeclare_both(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(again);

    do_declare(f, PERSIST_UNIT, PERSIST_UNIT);
    fake_write(f, "etc/fstab", OTHERS LINE);
    assert_int_equal(persist_plan_undeclare(&f->root, &target, &x.persist, &x.plan, NULL), 0);
    assert_int_equal(x.persist.how, PERSIST_NONE);
    assert_int_equal(x.plan.n, 2);
    assert_string_equal(x.plan.steps[0].action, "unpersist-fstab");
    assert_string_equal(x.plan.steps[1].action, "unpersist-unit");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_state(f, OTHERS, false);
    assert_int_equal(persist_plan_undeclare(&f->root, &target, &again.persist, &again.plan, NULL),
                     1);
    plan_undo(&x.plan, NULL);
    assert_state(f, OTHERS LINE, true);
}

static void test_backing(void **state)
{
    struct fake *f = *state;
    enum declaration_backing backing = DECLARATION_BACKING_FILE;
    struct declaration d = area;
    FIXTURE(none);
    FIXTURE(x);
    FIXTURE(y);
    FIXTURE(z);

    assert_int_equal(persist_backing(&f->root, &target, &none.persist, &backing, NULL), 0);
    assert_int_equal(backing, DECLARATION_BACKING_AUTO);
    fake_write(f, "etc/fstab", OTHERS "/swapfile none swap noauto,x-headroom.backing=loop 0 0\n");
    assert_int_equal(persist_backing(&f->root, &target, &x.persist, &backing, NULL), 0);
    assert_int_equal(backing, DECLARATION_BACKING_LOOP);
    /* what was read is used; nobody says what the backing should be, so it stays */
    assert_int_equal(declare(f, PERSIST_UNIT, &x), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_false(fake_exists(f, UNIT));
    assert_true(fake_exists(f, SERVICE));
    backing = DECLARATION_BACKING_AUTO;
    assert_int_equal(persist_backing(&f->root, &target, &y.persist, &backing, NULL), 0);
    assert_int_equal(backing, DECLARATION_BACKING_LOOP);
    d.backing = DECLARATION_BACKING_FILE;
    assert_int_equal(persist_plan_declare(&f->root, PERSIST_AUTO, &d, &target, "/usr/sbin/swapctl",
                                          &z.persist, &z.plan, NULL),
                     0);
    assert_int_equal(plan_apply(&z.plan, NULL, NULL), 0);
    assert_state(f, OTHERS, true);
}

/* Asked for once, then left alone: what nobody asks for again stays declared, also when it moves. */
static void test_unasked_stays(void **state)
{
    struct fake *f = *state;
    const char *const line = "/swapfile none swap sw,nofail,x-headroom.size=1048576,pri=5,discard=once 0 0\n";
    struct declaration asked = area;
    _cleanup_(free_ptr) char *unit = NULL;
    FIXTURE(x);

    asked.priority = 5;
    asked.discard = DECLARATION_DISCARD_ONCE;
    fake_write(f, "etc/fstab", "");
    assert_int_equal(persist_plan_declare(&f->root, PERSIST_FSTAB, &asked, &target, "/usr/sbin/swapctl", &x.persist, &x.plan,
                                          NULL), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_state(f, line, false);
    {
        FIXTURE(again);

        assert_int_equal(declare(f, PERSIST_FSTAB, &again), 1);
    }
    do_declare(f, PERSIST_UNIT, PERSIST_UNIT);
    unit = fake_read(f, UNIT);
    assert_non_null(strstr(unit, "\nPriority=5\n"));
    assert_non_null(strstr(unit, "\nOptions=discard=once\n"));
    do_declare(f, PERSIST_FSTAB, PERSIST_FSTAB);
    assert_state(f, line, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_auto_without_systemd), TEST(test_auto_with_systemd),
        TEST(test_auto_stays),
        TEST(test_unasked_stays), TEST(test_backing),           TEST(test_auto_path_no_unit_can_express),
        TEST(test_none_changes_nothing), TEST(test_move),
        TEST(test_somebody_elses_unit),  TEST(test_undeclare_both),
    };

    return cmocka_run_group_tests_name("persist", tests, NULL, NULL);
}
