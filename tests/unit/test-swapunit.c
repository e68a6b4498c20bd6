/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "swapunit.h"

#define UNITS "etc/systemd/system/"
#define SWAP UNITS "var-swap.swap"
#define SERVICE UNITS "headroom-create-var-swap.service"
#define LINK UNITS "swap.target.wants/var-swap.swap"
#define SERVICE_LINK UNITS "swap.target.wants/headroom-create-var-swap.service"
#define PROGRAM "/usr/local/sbin/swapctl"

static const struct declaration area = {.path = "/var/swap", .size = 1048576, .priority = 5};

struct fixture {
    struct swapunit unit;
    struct plan plan;
    struct err e;
};

static void fixture_clear(struct fixture *x)
{
    plan_clear(&x->plan);
    swapunit_clear(&x->unit);
    err_clear(&x->e);
}

#define FIXTURE(x)                                                                                 \
    _cleanup_(fixture_clear) struct fixture x = {                                                  \
        .unit = SWAPUNIT_INIT, .plan = PLAN_INIT, .e = ERR_INIT}

static int declare(const struct root *root, struct fixture *x)
{
    return swapunit_plan_declare(root, &area, PROGRAM, &x->unit, &x->plan, &x->e);
}

static int undeclare(const struct root *root, struct fixture *x)
{
    return swapunit_plan_undeclare(root, area.path, &x->unit, &x->plan, &x->e);
}

static void do_declare(struct fake *f)
{
    FIXTURE(x);

    assert_int_equal(declare(&f->root, &x), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
}

static void assert_link(struct fake *f, const char *wanted)
{
    char target[64];
    ssize_t n = readlink(fake_path(f, LINK), target, sizeof(target) - 1);

    assert_true(n > 0);
    target[n] = '\0';
    assert_string_equal(target, wanted);
}

static void assert_nothing(struct fake *f)
{
    assert_false(fake_exists(f, SWAP));
    assert_false(fake_exists(f, SERVICE));
    assert_false(fake_exists(f, LINK));
}

static void test_declare(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(again);
    _cleanup_(free_ptr) char *swap = NULL, *service = NULL;

    assert_int_equal(swapunit_find(&f->root, area.path, NULL), 0);
    assert_int_equal(declare(&f->root, &x), 0);
    assert_nothing(f);
    assert_int_equal(x.plan.n, 2);
    assert_string_equal(x.plan.steps[0].action, "persist-unit");
    assert_string_equal(x.plan.steps[1].action, "enable-unit");
    assert_int_equal(swapunit_plan_reload(&x.unit, &x.plan, NULL), 1);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    swap = fake_read(f, SWAP);
    service = fake_read(f, SERVICE);
    assert_non_null(strstr(swap, "\nWhat=/var/swap\nPriority=5\n"));
    assert_non_null(
        strstr(service, "\nExecStart=" PROGRAM " create \"/var/swap\" --size 1048576\n"));
    assert_link(f, "../var-swap.swap");
    assert_int_equal(swapunit_find(&f->root, area.path, NULL), 1);
    assert_int_equal(declare(&f->root, &again), 1);
    assert_int_equal(again.plan.n, 0);
    plan_undo(&x.plan, NULL);
    assert_nothing(f);
}

static void test_only_what_differs(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(y);

    do_declare(f);
    assert_int_equal(unlink(fake_path(f, LINK)), 0);
    assert_int_equal(declare(&f->root, &x), 0);
    assert_int_equal(x.plan.n, 1);
    assert_string_equal(x.plan.steps[0].action, "enable-unit");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    /* a link as older programs make it counts as well */
    assert_int_equal(unlink(fake_path(f, LINK)), 0);
    assert_int_equal(symlink("/" SWAP, fake_path(f, LINK)), 0);
    assert_int_equal(unlink(fake_path(f, SERVICE)), 0);
    assert_int_equal(declare(&f->root, &y), 0);
    assert_int_equal(y.plan.n, 1);
    assert_string_equal(y.plan.steps[0].action, "persist-unit");
    assert_int_equal(plan_apply(&y.plan, NULL, NULL), 0);
    assert_true(fake_exists(f, SERVICE));
    assert_link(f, "/" SWAP);
}

static void test_undeclare(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(again);
    _cleanup_(free_ptr) char *before = NULL, *after = NULL;

    do_declare(f);
    before = fake_read(f, SWAP);
    assert_int_equal(undeclare(&f->root, &x), 0);
    assert_int_equal(x.plan.n, 1);
    assert_string_equal(x.plan.steps[0].action, "unpersist-unit");
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_nothing(f);
    assert_int_equal(undeclare(&f->root, &again), 1);
    plan_undo(&x.plan, NULL);
    after = fake_read(f, SWAP);
    assert_string_equal(after, before);
    assert_true(fake_exists(f, SERVICE));
    assert_link(f, "../var-swap.swap");
}

static int declare_loop(const struct root *root, struct fixture *x)
{
    struct declaration d = area;

    d.backing = DECLARATION_BACKING_LOOP;
    return swapunit_plan_declare(root, &d, PROGRAM, &x->unit, &x->plan, &x->e);
}

static void assert_loop(struct fake *f)
{
    assert_false(fake_exists(f, SWAP));
    assert_false(fake_exists(f, LINK));
    assert_true(fake_exists(f, SERVICE));
    assert_true(fake_exists(f, SERVICE_LINK));
    assert_int_equal(swapunit_find(&f->root, area.path, NULL), 1);
}

static void test_loop(void **state)
{
    struct fake *f = *state;
    struct declaration d = {.path = area.path, .priority = -1};
    FIXTURE(x);
    FIXTURE(again);
    FIXTURE(gone);

    assert_int_equal(declare_loop(&f->root, &x), 0);
    assert_int_equal(x.plan.n, 2);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_loop(f);
    assert_int_equal(declare_loop(&f->root, &again), 1);
    assert_int_equal(swapunit_declared(&f->root, &d, NULL), 0);
    assert_int_equal(d.backing, DECLARATION_BACKING_LOOP);
    assert_int_equal(d.priority, 5);
    assert_int_equal(undeclare(&f->root, &gone), 0);
    assert_int_equal(plan_apply(&gone.plan, NULL, NULL), 0);
    assert_nothing(f);
    assert_false(fake_exists(f, SERVICE_LINK));
    assert_int_equal(swapunit_find(&f->root, area.path, NULL), 0);
    plan_undo(&gone.plan, NULL);
    assert_loop(f);
}

static void test_loop_and_back(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(back);

    do_declare(f);
    assert_int_equal(declare_loop(&f->root, &x), 0);
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_loop(f);
    plan_undo(&x.plan, NULL);
    assert_true(fake_exists(f, SWAP));
    assert_link(f, "../var-swap.swap");
    assert_false(fake_exists(f, SERVICE_LINK));
    x.plan.n_done = 0;
    assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
    assert_int_equal(declare(&f->root, &back), 0);
    assert_int_equal(plan_apply(&back.plan, NULL, NULL), 0);
    assert_true(fake_exists(f, SWAP));
    assert_link(f, "../var-swap.swap");
    assert_false(fake_exists(f, SERVICE_LINK));
}

/* The service of a plain file is no declaration without its swap unit. */
static void test_service_alone(void **state)
{
    struct fake *f = *state;

    do_declare(f);
    assert_int_equal(unlink(fake_path(f, SWAP)), 0);
    assert_int_equal(swapunit_find(&f->root, area.path, NULL), 0);
}

/* A crash of ours left one of the three. */
static void test_undeclare_rest(void **state)
{
    static const char *const rests[] = {SWAP, SERVICE, LINK};
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(rests); i++) {
        FIXTURE(x);

        do_declare(f);
        for (size_t j = 0; j < ARRAY_SIZE(rests); j++)
            if (j != i)
                assert_int_equal(unlink(fake_path(f, rests[j])), 0);
        assert_int_equal(undeclare(&f->root, &x), 0);
        assert_int_equal(plan_apply(&x.plan, NULL, NULL), 0);
        assert_nothing(f);
    }
}

static void assert_refused(struct fake *f)
{
    FIXTURE(x);
    FIXTURE(y);

    assert_int_equal(declare(&f->root, &x), -EEXIST);
    assert_int_equal(x.e.kind, ERR_REFUSED);
    fake_assert_message(&x.e, "/var/swap: somebody else wrote a systemd unit for it (see systemctl "
                              "cat 'var-swap.swap'); ");
    assert_int_equal(x.plan.n, 0);
    assert_int_equal(undeclare(&f->root, &y), 1);
}

static void test_not_ours(void **state)
{
    static const char *const places[] = {SWAP, "run/systemd/system/var-swap.swap",
                                         "usr/lib/systemd/system/var-swap.swap"};
    struct fake *f = *state;

    for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
        _cleanup_(free_ptr) char *text = NULL;

        fake_write(f, places[i], "[Swap]\nWhat=/var/swap\n");
        assert_int_equal(swapunit_find(&f->root, area.path, NULL), 2);
        assert_refused(f);
        text = fake_read(f, places[i]);
        assert_string_equal(text, "[Swap]\nWhat=/var/swap\n");
        assert_int_equal(unlink(fake_path(f, places[i])), 0);
    }
}

static void test_masked(void **state)
{
    struct fake *f = *state;

    fake_write(f, UNITS "x", "");
    assert_int_equal(symlink("/dev/null", fake_path(f, SWAP)), 0);
    assert_int_equal(swapunit_find(&f->root, area.path, NULL), 2);
    assert_refused(f);
}

static void test_service_not_ours(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);
    FIXTURE(y);
    _cleanup_(free_ptr) char *text = NULL;

    do_declare(f);
    fake_write(f, SERVICE, "[Service]\n");
    assert_int_equal(declare(&f->root, &x), -EEXIST);
    assert_int_equal(undeclare(&f->root, &y), 0);
    assert_int_equal(plan_apply(&y.plan, NULL, NULL), 0);
    assert_false(fake_exists(f, SWAP));
    text = fake_read(f, SERVICE);
    assert_string_equal(text, "[Service]\n");
}

static void test_no_link(void **state)
{
    struct fake *f = *state;
    FIXTURE(x);

    fake_write(f, LINK, "x");
    assert_int_equal(declare(&f->root, &x), -EEXIST);
    fake_assert_message(&x.e, "swap.target.wants/var-swap.swap: is not a symbolic link");
}

static void test_long_name(void **state)
{
    struct fake *f = *state;
    struct declaration d = area;
    FIXTURE(x);
    char path[300];

    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[sizeof(path) - 1] = '\0';
    d.path = path;
    assert_int_equal(swapunit_find(&f->root, path, NULL), 0);
    assert_int_equal(swapunit_plan_declare(&f->root, &d, PROGRAM, &x.unit, &x.plan, NULL),
                     -ENAMETOOLONG);
    assert_int_equal(swapunit_plan_undeclare(&f->root, path, &x.unit, &x.plan, NULL), 1);
}

/* The fake root as if it were live, with a systemctl that counts its calls and exits with @status.
 */
static struct root systemd_in(struct fake *f, int status)
{
    struct root root = f->root;
    char script[200];

    snprintf(script, sizeof(script),
             "#!/bin/sh\necho \"$@\" >>%s/calls\necho no luck >&2\nexit %d\n", f->dir, status);
    fake_write(f, "bin/systemctl", script);
    assert_int_equal(chmod(fake_path(f, "bin/systemctl"), 0755), 0);
    fake_write(f, "run/systemd/system/x", "");
    root.live = true;
    return root;
}

static void with_path(struct fake *f, struct plan *plan, int wanted, struct err *e)
{
    _cleanup_(free_ptr) char *old = strdup(getenv("PATH"));

    setenv("PATH", fake_path(f, "bin"), 1);
    if (wanted == 1)
        plan_undo(plan, e);
    else
        assert_int_equal(plan_apply(plan, NULL, e), wanted);
    setenv("PATH", old, 1);
}

#define CALL "--no-ask-password daemon-reload\n"

static void test_reload(void **state)
{
    struct fake *f = *state;
    struct root root = systemd_in(f, 0);
    FIXTURE(x);
    FIXTURE(again);
    _cleanup_(free_ptr) char *once = NULL, *twice = NULL;

    assert_int_equal(declare(&root, &x), 0);
    assert_int_equal(swapunit_plan_reload(&x.unit, &x.plan, NULL), 0);
    assert_string_equal(x.plan.steps[2].action, "reload-systemd");
    with_path(f, &x.plan, 0, NULL);
    once = fake_read(f, "calls");
    assert_string_equal(once, CALL);
    assert_int_equal(declare(&root, &again), 1);
    assert_int_equal(swapunit_plan_reload(&again.unit, &again.plan, NULL), 1);
    with_path(f, &x.plan, 1, NULL);
    assert_nothing(f);
    twice = fake_read(f, "calls");
    assert_string_equal(twice, CALL CALL);
}

static void test_reload_undeclare(void **state)
{
    struct fake *f = *state;
    struct root root = systemd_in(f, 0);
    FIXTURE(x);
    _cleanup_(free_ptr) char *calls = NULL;

    do_declare(f);
    assert_int_equal(undeclare(&root, &x), 0);
    assert_int_equal(swapunit_plan_reload(&x.unit, &x.plan, NULL), 0);
    with_path(f, &x.plan, 0, NULL);
    with_path(f, &x.plan, 1, NULL);
    assert_true(fake_exists(f, SWAP));
    calls = fake_read(f, "calls");
    assert_string_equal(calls, CALL CALL);
}

static void test_reload_fails(void **state)
{
    struct fake *f = *state;
    struct root root = systemd_in(f, 1);
    FIXTURE(x);

    assert_int_equal(declare(&root, &x), 0);
    assert_int_equal(swapunit_plan_reload(&x.unit, &x.plan, NULL), 0);
    with_path(f, &x.plan, -EIO, &x.e);
    fake_assert_message(&x.e, "systemd: did not reload its units: no luck; ");
    assert_nothing(f);
}

static void test_reload_missing(void **state)
{
    struct fake *f = *state;
    struct root root = systemd_in(f, 0);
    FIXTURE(x);

    assert_int_equal(unlink(fake_path(f, "bin/systemctl")), 0);
    assert_int_equal(declare(&root, &x), 0);
    assert_int_equal(swapunit_plan_reload(&x.unit, &x.plan, NULL), 0);
    with_path(f, &x.plan, -ENOENT, &x.e);
    fake_assert_message(&x.e, "systemctl: cannot run: ");
    assert_nothing(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_declare),          TEST(test_only_what_differs), TEST(test_undeclare),
        TEST(test_undeclare_rest),   TEST(test_not_ours),          TEST(test_masked),
        TEST(test_service_not_ours), TEST(test_no_link),           TEST(test_long_name),
        TEST(test_reload),           TEST(test_reload_undeclare),  TEST(test_reload_fails),
        TEST(test_reload_missing),   TEST(test_loop),              TEST(test_loop_and_back),
        TEST(test_service_alone),
    };

    return cmocka_run_group_tests_name("swapunit", tests, NULL, NULL);
}
