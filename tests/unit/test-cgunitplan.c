/* SPDX-License-Identifier: MIT */
#include "cgremove.h"
#include "cgunitplan.h"
#include "fake.h"

#define TOP "sys/fs/cgroup/"
#define BATCH "headroom.slice/headroom-batch.slice"

struct world {
    struct cgtree tree;
    struct cgunitplan units;
    struct plan plan;
    struct err e;
};

static void world_clear(struct world *w)
{
    plan_clear(&w->plan);
    cgunitplan_clear(&w->units);
    cgtree_clear(&w->tree);
    err_clear(&w->e);
}

static void build(struct fake *f, struct world *w)
{
    *w = (struct world){
        .tree = CGTREE_INIT, .units = CGUNITPLAN_INIT, .plan = PLAN_INIT, .e = ERR_INIT};
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, TOP BATCH "/memory.max", "67108864\n");
    fake_write(f, TOP BATCH "/memory.current", "33554432\n");
    fake_write(f, TOP BATCH "/cgroup.events", "populated 1\nfrozen 0\n");
    fake_write(f, TOP "system.slice/a.service/memory.max", "max\n");
    fake_write(f, TOP "system.slice/b.scope/memory.max", "max\n");
    assert_int_equal(cgtree_open(&f->root, &w->tree, &w->e), 0);
}

static int plan_limit(struct world *w, const char *path, struct cglimit *l, unsigned flags)
{
    const struct cglimits limits = {l, 1};
    struct cgunit unit;

    cgunit_of(path, &unit);
    return cgunitplan_limits(&w->units, &w->tree, &unit, path, &limits, flags, &w->plan, &w->e);
}

static struct cglimit memory_max(const char *value, uint64_t number)
{
    return (struct cglimit){.file = (char *)(uintptr_t) "memory.max",
                            .value = (char *)(uintptr_t)value,
                            .number = number};
}

static void test_refuses(void **state)
{
    struct cglimit max = memory_max("67108864", 67108864), low = memory_max("4096", 4096),
                   oom = {.file = (char *)(uintptr_t) "memory.oom.group",
                          .value = (char *)(uintptr_t) "1",
                          .number = 1};
    _cleanup_(world_clear) struct world w;

    build(*state, &w);
    assert_int_equal(plan_limit(&w, BATCH, &max, CGUNITPLAN_CREATE | CGUNITPLAN_NEW), -EEXIST);
    assert_int_equal(plan_limit(&w, "a.slice", &max, 0), -ENOENT);
    fake_assert_message(&w.e, "\"cgctl create\" makes it");
    assert_int_equal(plan_limit(&w, "a-b.slice", &max, CGUNITPLAN_CREATE), -EPERM);
    fake_assert_message(&w.e, "lie where their name says");
    assert_int_equal(plan_limit(&w, "x.service", &max, CGUNITPLAN_CREATE), -EPERM);
    assert_int_equal(plan_limit(&w, "system.slice/b.scope", &max, CGUNITPLAN_PERSIST), -EPERM);
    fake_assert_message(&w.e, "a scope ends with its processes");
    assert_int_equal(plan_limit(&w, BATCH, &low, 0), -EBUSY);
    assert_int_equal(plan_limit(&w, BATCH, &oom, 0), -EPERM);
    fake_assert_message(&w.e, "systemd has no property for memory.oom.group");
    assert_int_equal(plan_limit(&w, "system.slice/a.service", &oom, 0), -EPERM);
    fake_assert_message(&w.e, "OOMPolicy=kill");
    assert_int_equal(w.plan.n, 0);
}

/* What is set for good comes back over what is set for this boot. */
static void test_declared(void **state)
{
    struct cglimit max = memory_max("134217728", 134217728),
                   same = memory_max("67108864", 67108864);
    _cleanup_(world_clear) struct world w;

    build(*state, &w);
    fake_write(*state, "etc/systemd/system.control/headroom-batch.slice.d/50-MemoryMax.conf", "");
    assert_int_equal(plan_limit(&w, BATCH, &max, 0), -EEXIST);
    fake_assert_message(&w.e, "--persist changes it there");
    assert_int_equal(plan_limit(&w, BATCH, &same, 0), 0);
    assert_int_equal(w.plan.n, 0);
}

static int plan_remove(struct world *w, const char *path, unsigned flags)
{
    const struct cgevents_patience patience = {.timeout_ms = 1};
    struct cgunit unit;

    cgunit_of(path, &unit);
    return cgunitplan_remove(&w->units, &w->tree, &unit, path, flags, &patience, &w->plan, &w->e);
}

static void test_remove(void **state)
{
    _cleanup_(world_clear) struct world w;

    build(*state, &w);
    assert_int_equal(plan_remove(&w, "system.slice/a.service", 0), -EPERM);
    fake_assert_message(&w.e, "systemctl stop a.service");
    assert_int_equal(plan_remove(&w, BATCH, 0), -EBUSY);
    fake_assert_message(&w.e, "has processes");
    fake_write(*state, TOP BATCH "/headroom-batch-a.slice/memory.max", "max\n");
    assert_int_equal(plan_remove(&w, BATCH, CGREMOVE_KILL), -EBUSY);
    fake_assert_message(&w.e, "--recursive");
    assert_int_equal(plan_remove(&w, "headroom.slice/headroom-x.slice", 0), 0);
    assert_int_equal(w.plan.n, 0);
}

/* What the groups in it would come back by. */
static void test_remove_declared(void **state)
{
    static const char ours[] = "[Slice]\n[X-Headroom]\n";
    static const char *const folder = "etc/systemd/system/";
    char path[128];
    _cleanup_(world_clear) struct world w;

    build(*state, &w);
    for (size_t i = 0; i < 4; i++) {
        static const char *const names[] = {"headroom-batch-a.slice", "headroom-batch-a-b.slice",
                                            "headroom-batches.slice", "headroom-batch-x.service"};

        snprintf(path, sizeof(path), "%s%s", folder, names[i]);
        fake_write(*state, path, ours);
    }
    fake_write(*state, "etc/systemd/system/headroom-batch-c.slice", "[Slice]\n");
    assert_int_equal(plan_remove(&w, BATCH, CGREMOVE_KILL), -EBUSY);
    fake_assert_message(&w.e, "headroom-batch.slice: headroom-batch-a");
    fake_assert_message(&w.e, "is declared for the next boot; --recursive removes it too");
    plan_clear(&w.plan);
    /* whether there is a systemd to be told of it here or not */
    plan_remove(&w, BATCH, CGREMOVE_KILL | CGREMOVE_RECURSIVE);
    assert_int_equal(w.plan.n, 4);
    assert_string_equal(w.plan.steps[0].action, "kill");
    assert_string_equal(w.plan.steps[1].action, "remove");
    assert_string_equal(w.plan.steps[2].action, "unpersist-unit");
    assert_string_equal(w.plan.steps[3].action, "unpersist-unit");
}

static void test_read_back(void **state)
{
    struct cglimit oom = {.file = (char *)(uintptr_t) "memory.oom.group",
                          .value = (char *)(uintptr_t) "1"};
    struct cglimit items[] = {memory_max("67108864", 67108864), oom};
    const struct cglimits limits = {items, ARRAY_SIZE(items)};
    _cleanup_(world_clear) struct world w;

    build(*state, &w);
    assert_int_equal(cgunitplan_read_back(&w.tree, BATCH, &limits, &w.e), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_refuses, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_declared, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_remove, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_remove_declared, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_read_back, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgunitplan", tests, NULL, NULL);
}
