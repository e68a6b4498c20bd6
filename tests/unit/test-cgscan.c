/* SPDX-License-Identifier: MIT */
#include "cgscan.h"
#include "cgvalue.h"
#include "fake.h"

struct seen {
    char text[256];
    const char *stop;
};

static int note(void *arg, const struct cgscan_group *g, struct err *e _unused_)
{
    struct seen *s = arg;
    uint64_t value = 0;
    size_t at = strlen(s->text);

    if (cgscan_value(g, "memory.current", &value) < 0)
        value = 0;
    snprintf(s->text + at, sizeof(s->text) - at, "%u:/%s=%llu ", g->depth, g->path,
             (unsigned long long)value);
    return s->stop && streq(g->path, s->stop) ? -ECANCELED : 0;
}

static void make_tree(struct fake *f, struct cgtree *t)
{
    fake_write(f, "proc/self/mountinfo", "26 25 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    fake_write(f, "sys/fs/cgroup/cgroup.procs", "");
    fake_write(f, "sys/fs/cgroup/b/memory.current", "2\n");
    fake_write(f, "sys/fs/cgroup/a/memory.current", "1\n");
    fake_write(f, "sys/fs/cgroup/a/deep/er/memory.current", "max\n");
    fake_write(f, "sys/fs/cgroup/a/deep/cgroup.stat", "nr_descendants 1\n");
    assert_int_equal(cgtree_open(&f->root, t, NULL), 0);
}

static void test_walk(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct seen all = {.text = ""}, part = {.text = ""}, stopped = {.text = "", .stop = "a/deep"};

    make_tree(f, &t);
    assert_int_equal(cgscan_walk(&t, "", note, &all, &e), 0);
    assert_string_equal(all.text, "0:/=0 1:/a=1 2:/a/deep=0 3:/a/deep/er=18446744073709551615 "
                                  "1:/b=2 ");
    assert_int_equal(cgscan_walk(&t, "a/deep", note, &part, &e), 0);
    assert_string_equal(part.text, "0:/a/deep=0 1:/a/deep/er=18446744073709551615 ");
    assert_int_equal(cgscan_walk(&t, "", note, &stopped, &e), -ECANCELED);
    assert_string_equal(stopped.text, "0:/=0 1:/a=1 2:/a/deep=0 ");
    assert_int_equal(cgscan_walk(&t, "c", note, &all, &e), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_walk, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgscan", tests, NULL, NULL);
}
