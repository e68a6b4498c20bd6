/* SPDX-License-Identifier: MIT */
#include "cgplan.h"
#include "cgvalue.h"
#include "fake.h"

/* A file that takes no value, so that a step fails: set by a test. */
static const char *broken_file;

int __real_mkdirat(int dir, const char *name, mode_t mode);
int __wrap_mkdirat(int dir, const char *name, mode_t mode);
int __real_unlinkat(int dir, const char *name, int flags);
int __wrap_unlinkat(int dir, const char *name, int flags);
int __real_cgvalue_write(int dir, const char *file, const char *text);
int __wrap_cgvalue_write(int dir, const char *file, const char *text);

static const char *const files[] = {
    "cgroup.controllers", "cgroup.subtree_control", "cgroup.procs",   "cgroup.type",
    "memory.max",         "memory.swap.max",        "memory.current", "pids.max"};

/* A new group has its files at once. */
int __wrap_mkdirat(int dir, const char *name, mode_t mode)
{
    int r = __real_mkdirat(dir, name, mode), group;

    if (r < 0 || faccessat(dir, "cgroup.subtree_control", F_OK, 0) < 0)
        return r;
    group = openat(dir, name, O_RDONLY | O_DIRECTORY);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        close(openat(group, files[i], O_CREAT | O_WRONLY, 0644));
    close(group);
    return 0;
}

/* And goes away with them. */
int __wrap_unlinkat(int dir, const char *name, int flags)
{
    int group = openat(dir, name, O_RDONLY | O_DIRECTORY);

    for (size_t i = 0; group >= 0 && i < ARRAY_SIZE(files); i++)
        __real_unlinkat(group, files[i], 0);
    if (group >= 0)
        close(group);
    return __real_unlinkat(dir, name, flags);
}

int __wrap_cgvalue_write(int dir, const char *file, const char *text)
{
    if (broken_file && streq(file, broken_file))
        return -EINVAL;
    return __real_cgvalue_write(dir, file, text);
}

struct world {
    struct fake *f;
    struct cgtree tree;
    struct cglimits limits;
    struct cgplan c;
    struct plan plan;
    struct err e;
};

static void world_begin(struct world *w, struct fake *f, const struct cglimit_words *words)
{
    *w = (struct world){.f = f,
                        .tree = CGTREE_INIT,
                        .limits = CGLIMITS_INIT,
                        .c = CGPLAN_INIT,
                        .plan = PLAN_INIT,
                        .e = ERR_INIT};
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, "proc/cmdline", "quiet cgroup_disable=io\n");
    fake_write(f, "sys/fs/cgroup/cgroup.controllers", "cpu memory pids\n");
    fake_write(f, "sys/fs/cgroup/cgroup.subtree_control", "\n");
    fake_write(f, "sys/fs/cgroup/cgroup.procs", "1\n");
    assert_int_equal(cgtree_open(&f->root, &w->tree, &w->e), 0);
    assert_int_equal(cglimit_read(&f->root, words, &w->limits, &w->e), 0);
    broken_file = NULL;
}

static void world_end(struct world *w)
{
    cgplan_clear(&w->c);
    plan_clear(&w->plan);
    cglimit_clear(&w->limits);
    cgtree_clear(&w->tree);
    err_clear(&w->e);
}

static int plan(struct world *w, const char *path, const char *wished, unsigned flags)
{
    return cgplan_limits(&w->c, &w->tree, path, &w->limits, wished, flags, &w->plan, &w->e);
}

static void assert_file(struct world *w, const char *path, const char *wanted)
{
    _cleanup_(free_ptr) char *text = fake_read(w->f, path);

    assert_string_equal(text, wanted);
}

static void make_group(struct fake *f, const char *name, const char *procs)
{
    _cleanup_(free_ptr) char *dir = NULL, *path = NULL;

    assert_true(asprintf(&dir, "sys/fs/cgroup/%s", name) > 0);
    for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
        free(TAKE_PTR(path));
        assert_true(asprintf(&path, "%s/%s", dir, files[i]) > 0);
        fake_write(f, path, streq(files[i], "cgroup.procs") ? procs : "");
    }
}

static void test_create(void **state)
{
    struct world w;

    world_begin(&w, *state, &(struct cglimit_words){.memory_max = "64M", .pids_max = "5"});
    assert_int_equal(plan(&w, "a/b", NULL, CGPLAN_CREATE), 0);
    assert_int_equal(w.plan.n, 8);
    assert_string_equal(w.plan.steps[0].text, "hand the memory controller to the groups in /");
    assert_string_equal(w.plan.steps[2].text, "make the group /a");
    assert_string_equal(w.plan.steps[7].action, "set");
    assert_false(fake_exists(w.f, "sys/fs/cgroup/a"));
    assert_int_equal(plan_apply(&w.plan, NULL, &w.e), 0);
    assert_file(&w, "sys/fs/cgroup/a/b/memory.max", "67108864");
    assert_file(&w, "sys/fs/cgroup/a/b/pids.max", "5");
    assert_file(&w, "sys/fs/cgroup/a/cgroup.subtree_control", "+pids");
    assert_true(cgplan_group_fd(&w.c) >= 0);
    world_end(&w);
}

static void test_rollback(void **state)
{
    struct world w;

    world_begin(&w, *state, &(struct cglimit_words){.memory_max = "64M", .swap_max = "0"});
    make_group(w.f, "a", "");
    fake_write(w.f, "sys/fs/cgroup/a/memory.swap.max", "max\n");
    assert_int_equal(plan(&w, "a/b", NULL, CGPLAN_CREATE), 0);
    broken_file = "memory.max";
    assert_int_equal(plan_apply(&w.plan, NULL, &w.e), -EINVAL);
    fake_assert_message(&w.e, "/a/b: memory.max: the kernel does not take \"67108864\"");
    assert_false(fake_exists(w.f, "sys/fs/cgroup/a/b"));
    assert_file(&w, "sys/fs/cgroup/cgroup.subtree_control", "-memory");
    assert_file(&w, "sys/fs/cgroup/a/cgroup.subtree_control", "-memory");
    world_end(&w);
}

/* What is as wanted gets no step, what differs is put back when a later step fails. */
static void test_set(void **state)
{
    struct world w;

    world_begin(&w, *state, &(struct cglimit_words){.memory_max = "64M", .swap_max = "1M"});
    make_group(w.f, "a", "7\n");
    fake_write(w.f, "sys/fs/cgroup/cgroup.subtree_control", "memory\n");
    fake_write(w.f, "sys/fs/cgroup/a/memory.max", "67108864\n");
    fake_write(w.f, "sys/fs/cgroup/a/memory.swap.max", "max\n");
    assert_int_equal(plan(&w, "a", NULL, 0), 0);
    assert_int_equal(w.plan.n, 1);
    assert_int_equal(plan_apply(&w.plan, NULL, &w.e), 0);
    assert_file(&w, "sys/fs/cgroup/a/memory.swap.max", "1048576");
    plan_undo(&w.plan, &w.e);
    assert_file(&w, "sys/fs/cgroup/a/memory.swap.max", "max");
    world_end(&w);
}

static void refuse(struct fake *f, const struct cglimit_words *words, const char *path,
                   unsigned flags, int r, const char *message)
{
    struct world w;

    world_begin(&w, f, words);
    assert_int_equal(plan(&w, path, NULL, flags), r);
    fake_assert_message(&w.e, message);
    world_end(&w);
}

static void test_refusals(void **state)
{
    struct fake *f = *state;
    const struct cglimit_words memory = {.memory_max = "64M"}, none = {.memory_max = NULL};
    const char *io[] = {"8:0:rbps=1M", NULL}, *misc[] = {"misc.max=1", NULL};

    make_group(f, "a", "7\n");
    refuse(f, &memory, "b", 0, -ENOENT, "/b: there is no such group; \"cgctl create\" makes it");
    refuse(f, &none, "a", CGPLAN_CREATE | CGPLAN_NEW, -EEXIST, "/a: is there already");
    refuse(f, &memory, "", 0, -EINVAL, "/: the root of all groups cannot be limited");
    refuse(f, &memory, "a/b", CGPLAN_CREATE, -EBUSY, "/a: has processes of its own");
    refuse(f, &(struct cglimit_words){.io_max = io}, "c", CGPLAN_CREATE, -EOPNOTSUPP,
           "switched off by \"cgroup_disable=io\"");
    refuse(f, &(struct cglimit_words){.set = misc}, "c", CGPLAN_CREATE, -EOPNOTSUPP,
           "there is no misc controller");
    fake_write(f, "sys/fs/cgroup/a/memory.current", "99999999\n");
    refuse(f, &memory, "a", 0, -EBUSY, "/a: memory.max: 99999999 bytes (95.4M) are in use");
    fake_write(f, "sys/fs/cgroup/cgroup.type", "domain\n");
    refuse(f, &memory, "c", CGPLAN_CREATE, -EBUSY, "/: has processes of its own");
    refuse(f, &(struct cglimit_words){.set = misc}, "c", CGPLAN_CREATE, -EOPNOTSUPP,
           "is not handed down to this container");
}

/* A controller that nobody asked for is left out where it cannot be had. */
static void test_wished(void **state)
{
    struct world w;

    world_begin(&w, *state, &(struct cglimit_words){.memory_max = NULL});
    make_group(w.f, "a", "7\n");
    assert_int_equal(plan(&w, "a/b", "memory", CGPLAN_CREATE), 0);
    assert_int_equal(w.plan.n, 2);
    assert_string_equal(w.plan.steps[0].action, "enable-controller");
    assert_string_equal(w.plan.steps[1].action, "create");
    world_end(&w);
}

static void test_force(void **state)
{
    struct world w;

    world_begin(&w, *state, &(struct cglimit_words){.memory_max = "64M"});
    make_group(w.f, "a", "7\n");
    fake_write(w.f, "sys/fs/cgroup/a/memory.current", "99999999\n");
    assert_int_equal(plan(&w, "a", NULL, CGPLAN_FORCE), 0);
    assert_int_equal(w.plan.n, 2);
    world_end(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_create, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_rollback, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_set, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_refusals, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_wished, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_force, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgplan", tests, NULL, NULL);
}
