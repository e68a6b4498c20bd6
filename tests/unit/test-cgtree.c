/* SPDX-License-Identifier: MIT */
#include "cgtree.h"
#include "fake.h"

#define V2 "26 25 0:23 / /sys/fs/cgroup rw shared:4 - cgroup2 cgroup2 rw,nsdelegate\n"
#define PART "26 25 0:23 /box /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define OUTSIDE "26 25 0:23 /../.. /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
#define V1 "35 31 0:32 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
#define UNIFIED "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"

static void assert_own(const char *text, int memory, const char *wanted, bool gone)
{
    _cleanup_(free_ptr) char *own = NULL;
    bool was_gone;

    assert_int_equal(cgtree_parse_own(text, &own, &was_gone), memory);
    assert_int_equal(was_gone, gone);
    if (wanted)
        assert_string_equal(own, wanted);
    else
        assert_null(own);
}

static void test_own(void **state _unused_)
{
    assert_own("0::/a/b\n", 0, "/a/b", false);
    assert_own("0::/\n", 0, "/", false);
    assert_own("4:memory:/x\n1:name=systemd:/\n0::/a:b\n", 1, "/a:b", false);
    assert_own("4:cpu,memory,pids:/x\n", 1, NULL, false);
    assert_own("4:cpu,memoryless:/x\n1:name=memory:/\n", 0, NULL, false);
    assert_own("0::/a (deleted)\n", 0, "/a", true);
    assert_own("0::/a\n0::/b\n", 0, "/a", false);
    assert_own("", 0, NULL, false);
    assert_own("0:\n0\n::\n", 0, NULL, false);
}

static void test_below(void **state _unused_)
{
    assert_string_equal(cgtree_below("/", "/a/b"), "a/b");
    assert_string_equal(cgtree_below("/", "/"), "");
    assert_string_equal(cgtree_below("/a", "/a/b"), "b");
    assert_string_equal(cgtree_below("/a", "/a"), "");
    assert_null(cgtree_below("/a", "/ab"));
    assert_null(cgtree_below("/a", "/"));
    assert_null(cgtree_below("/..", "/a"));
    assert_null(cgtree_below("/", "/../a"));
}

static void assert_path(const char *name, const char *wanted)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) char *path = NULL;
    int r = cgtree_path(name, &path, &e);

    if (wanted) {
        assert_int_equal(r, 0);
        assert_string_equal(path, wanted);
    } else {
        assert_int_equal(r, -EINVAL);
        assert_int_equal(e.kind, ERR_USAGE);
    }
}

static void test_path(void **state _unused_)
{
    char longest[257];

    assert_path("/", "");
    assert_path("a", "a");
    assert_path("//a///b/", "a/b");
    assert_path("/a.slice/...", "a.slice/...");
    assert_path("/a/../b", NULL);
    assert_path("..", NULL);
    assert_path("./a", NULL);
    assert_path("a\nb", NULL);
    memset(longest, 'x', sizeof(longest));
    longest[256] = '\0';
    assert_path(longest, NULL);
    longest[255] = '\0';
    assert_path(longest, longest);
}

static void make_group(struct fake *f, const char *dir)
{
    _cleanup_(free_ptr) char *path = NULL;

    assert_true(asprintf(&path, "%s/cgroup.procs", dir) > 0);
    fake_write(f, path, "");
}

static void test_open(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(free_ptr) char *of = NULL;
    _cleanup_(close_fd) int dir = -1;

    make_group(f, "sys/fs/cgroup/a/b");
    fake_write(f, "proc/self/mountinfo", V2);
    fake_write(f, "proc/self/cgroup", "0::/a\n");
    fake_write(f, "proc/42/cgroup", "0::/a/b\n");
    assert_int_equal(cgtree_open(&f->root, &t, &e), 0);
    assert_true(t.at_root);
    assert_string_equal(t.own, "a");
    assert_string_equal(t.point, "/sys/fs/cgroup");
    dir = cgtree_group(&t, "a/b", &e);
    assert_true(dir >= 0);
    assert_int_equal(cgtree_group(&t, "a/c", &e), -ENOENT);
    fake_assert_message(&e, "/a/c: there is no such group below /sys/fs/cgroup");
    assert_int_equal(cgtree_group(&t, "a/b/cgroup.procs", &e), -ENOENT);
    assert_int_equal(cgtree_of_process(&t, 42, &of, &e), 0);
    assert_string_equal(of, "a/b");
    assert_int_equal(cgtree_of_process(&t, 43, &of, &e), -ESRCH);
}

static void test_parts(void **state)
{
    struct fake *f = *state;
    _cleanup_(cgtree_clear) struct cgtree t = CGTREE_INIT;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    char *of = NULL;

    fake_write(f, "sys/fs/cgroup/cgroup.type", "domain\n");
    fake_write(f, "proc/self/mountinfo", PART);
    fake_write(f, "proc/self/cgroup", "0::/box/a\n");
    fake_write(f, "proc/7/cgroup", "0::/elsewhere\n");
    assert_int_equal(cgtree_open(&f->root, &t, &e), 0);
    assert_false(t.at_root);
    assert_string_equal(t.own, "a");
    assert_int_equal(cgtree_of_process(&t, 7, &of, &e), -EXDEV);
    fake_assert_message(&e, "its group /elsewhere lies outside");
    cgtree_clear(&t);
    fake_write(f, "proc/self/mountinfo", OUTSIDE);
    assert_int_equal(cgtree_open(&f->root, &t, &e), 0);
    assert_null(t.own);
}

static void assert_refused(struct fake *f, const char *message)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct cgtree t;

    assert_int_equal(cgtree_open(&f->root, &t, &e), -EOPNOTSUPP);
    assert_int_equal(e.kind, ERR_UNSUPPORTED);
    fake_assert_message(&e, message);
}

static void test_version_1(void **state)
{
    struct fake *f = *state;

    make_group(f, "sys/fs/cgroup/unified");
    fake_write(f, "proc/self/mountinfo", V1 UNIFIED);
    fake_write(f, "proc/self/cgroup", "4:memory:/\n0::/\n");
    assert_refused(f, "/sys/fs/cgroup/memory: the memory controller is bound to cgroup version 1");
    fake_write(f, "proc/self/mountinfo", UNIFIED);
    assert_refused(f, "bound to cgroup version 1, which is not mounted here");
    fake_write(f, "proc/self/mountinfo", V1);
    assert_refused(f, "/sys/fs/cgroup/memory: ");
    fake_write(f, "proc/self/mountinfo", "");
    fake_write(f, "proc/self/cgroup", "0::/\n");
    assert_refused(f, "version 2 is not mounted; as root: mount -t cgroup2");
}

static void test_words(void **state _unused_)
{
    assert_true(cgtree_has_word("cpu memory pids\n", "memory"));
    assert_true(cgtree_has_word("memory\n", "memory"));
    assert_false(cgtree_has_word("cpu memory2\n", "memory"));
    assert_false(cgtree_has_word("", "memory"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_own),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_path),
        cmocka_unit_test(test_words),
        cmocka_unit_test_setup_teardown(test_open, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_parts, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_version_1, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("cgtree", tests, NULL, NULL);
}
