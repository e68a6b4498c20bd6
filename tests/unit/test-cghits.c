/* SPDX-License-Identifier: MIT */
#include "cghits.h"
#include "fake.h"

static void test_parse(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
    } bad[] = {
        {"", -ENODATA},
        {"high 1\noom 1\n", -ENODATA},
        {"max 1\nhigh 1\n", -ENODATA},
        {"max x\nhigh 1\noom 1\n", -EBADMSG},
        {"max 1\nhigh -1\noom 1\n", -EBADMSG},
        {"max 1\nhigh 1\noom 99999999999999999999\n", -EOVERFLOW},
        {"max 1\nhigh 1\noom 1\noom_kill ?\n", -EBADMSG},
    };
    struct cghits_count c = {{7}};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (cghits_parse(bad[i].text, &c) != bad[i].r)
            fail_msg("case %zu: \"%s\": %d", i, bad[i].text, cghits_parse(bad[i].text, &c));
    assert_int_equal(c.n[CGHITS_MAX], 7);
    assert_int_equal(cghits_parse("low 0\nhigh 2\nmax 1\noom 3\n", &c), 0);
    assert_int_equal(c.n[CGHITS_MAX], 1);
    assert_int_equal(c.n[CGHITS_HIGH], 2);
    assert_int_equal(c.n[CGHITS_OOM], 3);
    assert_int_equal(c.n[CGHITS_OOM_KILL], 0);
}

static void write_events(struct fake *f, const char *file, int max, int high)
{
    char path[128], text[128];

    snprintf(path, sizeof(path), "sys/fs/cgroup/%s", file);
    snprintf(text, sizeof(text), "low 0\nhigh %d\nmax %d\noom 0\noom_kill 0\n", high, max);
    fake_write(f, path, text);
}

static void open_tree(struct fake *f, struct cgtree *t)
{
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, "sys/fs/cgroup/cgroup.procs", "");
    assert_int_equal(cgtree_open(&f->root, t, NULL), 0);
}

static void assert_look(struct cghits *h, const struct cgtree *t, uint64_t sum, const char *most)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (cghits_look(h, t, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(cghits_sum(h), sum);
    assert_string_equal(cghits_most(h) ? cghits_most(h)->path : "-", most);
}

/* What a group had before is none of ours; one that comes later is new with all it has. */
static void test_growth(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cghits_clear) struct cghits h = CGHITS_INIT;

    open_tree(f, &t);
    write_events(f, "a/memory.events", 5, 0);
    write_events(f, "b/memory.events", 5, 5);
    assert_look(&h, &t, 0, "-");
    write_events(f, "b/memory.events", 6, 7);
    write_events(f, "c/memory.events", 2, 0);
    assert_look(&h, &t, 5, "b");
    write_events(f, "c/memory.events", 9, 0);
    assert_look(&h, &t, 12, "c");
    assert_false(h.lost);
    cghits_restart(&h);
    assert_int_equal(cghits_sum(&h), 0);
    assert_look(&h, &t, 0, "-");
    /* made anew under the same name */
    write_events(f, "c/memory.events", 1, 0);
    assert_look(&h, &t, 1, "c");
}

/* A group above has what those below made, and is not the one that met its limit. */
static void test_below(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cghits_clear) struct cghits h = CGHITS_INIT;

    open_tree(f, &t);
    write_events(f, "a/memory.events", 0, 0);
    write_events(f, "a/memory.events.local", 0, 0);
    write_events(f, "a/b/memory.events", 0, 0);
    write_events(f, "a/b/memory.events.local", 0, 0);
    assert_look(&h, &t, 0, "-");
    write_events(f, "a/memory.events", 30, 0);
    write_events(f, "a/memory.events.local", 10, 0);
    write_events(f, "a/b/memory.events", 20, 0);
    write_events(f, "a/b/memory.events.local", 20, 0);
    assert_look(&h, &t, 30, "a/b");
    cghits_restart(&h);
    /* what one in it made that nobody saw is in the one above */
    write_events(f, "a/memory.events", 100, 0);
    assert_look(&h, &t, 70, "-");
    assert_false(h.lost);
    cghits_restart(&h);
    /* the mount option memory_localevents */
    write_events(f, "a/b/memory.events.local", 25, 0);
    assert_look(&h, &t, 5, "a/b");
}

/* What one counted stays when it goes. */
static void test_removed(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cghits_clear) struct cghits h = CGHITS_INIT;

    open_tree(f, &t);
    for (int i = 0; i < 40; i++) {
        char path[64];

        snprintf(path, sizeof(path), "g%d/memory.events", i);
        write_events(f, path, 0, 0);
    }
    assert_look(&h, &t, 0, "-");
    write_events(f, "g7/memory.events", 8, 0);
    assert_look(&h, &t, 8, "g7");
    assert_int_equal(unlinkat(t.fd, "g7/memory.events", 0), 0);
    assert_int_equal(unlinkat(t.fd, "g7", AT_REMOVEDIR), 0);
    assert_look(&h, &t, 8, "g7");
    assert_true(h.lost);
    cghits_restart(&h);
    assert_false(h.lost);
    assert_look(&h, &t, 0, "-");
    assert_false(h.lost);
    /* one that came and went between two looks */
    write_events(f, "x/memory.events", 8, 0);
    assert_int_equal(unlinkat(t.fd, "x/memory.events", 0), 0);
    assert_int_equal(unlinkat(t.fd, "x", AT_REMOVEDIR), 0);
    assert_look(&h, &t, 0, "-");
    assert_true(h.lost);
}

static void test_broken(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cghits_clear) struct cghits h = CGHITS_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;

    open_tree(f, &t);
    fake_write(f, "sys/fs/cgroup/a/b/memory.events.local", "max 1\n");
    assert_int_equal(cghits_look(&h, &t, &e), -ENODATA);
    fake_assert_message(&e, "/a/b: memory.events makes no sense");
}

/* The top of a container is a group like others. */
static void test_container(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(cghits_clear) struct cghits h = CGHITS_INIT;

    fake_write(f, "sys/fs/cgroup/cgroup.type", "domain\n");
    write_events(f, "memory.events", 1, 0);
    write_events(f, "memory.events.local", 1, 0);
    open_tree(f, &t);
    assert_look(&h, &t, 0, "-");
    write_events(f, "memory.events", 11, 0);
    write_events(f, "memory.events.local", 3, 0);
    assert_look(&h, &t, 10, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parse),
        cmocka_unit_test_setup_teardown(test_growth, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_below, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_removed, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_broken, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_container, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cghits", tests, NULL, NULL);
}
