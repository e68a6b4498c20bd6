/* SPDX-License-Identifier: MIT */
#include "fakeproc.h"
#include "process.h"

struct fixture {
    struct fake *fake;
    int proc;
    struct process p;
};

static void begin(struct fixture *x, struct fake *f, int pid)
{
    *x = (struct fixture){.fake = f, .p = PROCESS_INIT};
    x->proc = root_openat(&f->root, "/proc", O_RDONLY | O_DIRECTORY, 0);
    assert_true(x->proc >= 0);
    process_begin(&x->p, x->proc, false, pid);
}

static void end(struct fixture *x)
{
    process_clear(&x->p);
    close(x->proc);
}

#define assert_span(got, wanted)                                                                   \
    do {                                                                                           \
        assert_int_equal((got).n, strlen(wanted));                                                 \
        assert_memory_equal((got).p, wanted, (got).n);                                             \
    } while (0)

static void test_names(void **state)
{
    struct fake *f = *state;
    struct fixture x;
    struct kv_span name;

    fakeproc_make(f, (struct fakeproc){.pid = 5, .comm = "cat", .words = "cat|x"});
    fakeproc_make(f, (struct fakeproc){.pid = 6, .comm = "a) R 1\n(b", .words = ""});
    fakeproc_make(f, (struct fakeproc){.pid = 7,
                                       .comm = "gnome-session-b",
                                       .words = "/x/gnome-session-binary|y"});
    fakeproc_make(f, (struct fakeproc){.pid = 8,
                                       .comm = "exactly-fifteen",
                                       .words = "title",
                                       .exe = "/x/exactly-fifteen-or-more"});
    fakeproc_make(f, (struct fakeproc){.pid = 9, .comm = "kworker/u8:2-events_unbound"});
    begin(&x, f, 5);
    assert_int_equal(process_name(&x.p, &name), 0);
    assert_span(name, "cat");
    process_begin(&x.p, x.proc, false, 6);
    assert_int_equal(process_name(&x.p, &name), 0);
    assert_span(name, "a) R 1\n(b");
    process_begin(&x.p, x.proc, false, 7);
    assert_int_equal(process_comm(&x.p, &name), 0);
    assert_span(name, "gnome-session-b");
    assert_int_equal(process_name(&x.p, &name), 0);
    assert_string_equal(name.p, "gnome-session-binary"); /* with its NUL: patterns rely on it */
    process_begin(&x.p, x.proc, false, 8);
    assert_int_equal(process_name(&x.p, &name), 0);
    assert_span(name, "exactly-fifteen-or-more");
    process_begin(&x.p, x.proc, false, 9);
    assert_int_equal(process_name(&x.p, &name), 0);
    assert_span(name, "kworker/u8:2-events_unbound");
    process_begin(&x.p, x.proc, false, 10);
    assert_int_equal(process_name(&x.p, &name), -ENOENT);
    end(&x);
}

/* The longest that was ever seen had 140,035 bytes. */
static void test_long_line(void **state)
{
    enum { LENGTH = 140035 };
    struct fake *f = *state;
    _cleanup_(free_ptr) char *text = malloc(LENGTH + 1);
    struct kv_span line;
    struct fixture x;

    memset(text, 'a', LENGTH);
    for (size_t i = 9; i < LENGTH; i += 10)
        text[i] = '\0';
    text[LENGTH - 1] = '\0';
    fakeproc_make(f, (struct fakeproc){.pid = 5, .comm = "long", .words = "short|x"});
    fake_write_bytes(f, "proc/6/cmdline", text, LENGTH);
    begin(&x, f, 6);
    assert_int_equal(process_cmdline(&x.p, &line), 0);
    assert_int_equal(line.n, LENGTH - 1);
    assert_int_equal(process_line(&x.p, &line), 0);
    assert_int_equal(strlen(line.p), LENGTH - 1);
    assert_null(memchr(line.p, '\0', line.n));
    /* the room is used again */
    process_begin(&x.p, x.proc, false, 5);
    assert_int_equal(process_line(&x.p, &line), 0);
    assert_string_equal(line.p, "short x");
    end(&x);
}

/* Its files are empty, and another thread has them. */
static void test_lost_leader(void **state)
{
    struct fake *f = *state;
    const struct proc_status *status;
    struct kv_span text;
    struct fixture x;

    fakeproc_make(f, (struct fakeproc){
                         .pid = 5, .comm = "leader", .state = 'Z', .threads = 2, .rss_kib = -1});
    fake_write(f, "proc/5/task/5/cmdline", "");
    fake_write_bytes(f, "proc/5/task/8/cmdline", "a\0b\0", 4);
    fake_write(f, "proc/5/task/8/status",
               "Name:\tthread\nUid:\t1\t1\t1\t1\nGid:\t1\t1\t1\t1\nVmRSS:\t 12 kB\n");
    fakeproc_link(f, "proc/5/task/8/exe", "/bin/five");
    begin(&x, f, 5);
    assert_int_equal(process_line(&x.p, &text), 0);
    assert_string_equal(text.p, "a b");
    assert_int_equal(process_status(&x.p, &status), 0);
    assert_true(status->has_rss);
    assert_int_equal(status->rss, 12 * 1024);
    assert_string_equal(status->name, "leader");
    assert_int_equal(process_exe(&x.p, &text), 0);
    assert_string_equal(text.p, "/bin/five");
    /* a real zombie has nothing, whoever stands in its task folder */
    fakeproc_make(f, (struct fakeproc){.pid = 5, .comm = "leader", .state = 'Z', .rss_kib = -1});
    unlink(fake_path(f, "proc/5/exe"));
    process_begin(&x.p, x.proc, false, 5);
    assert_int_equal(process_line(&x.p, &text), 0);
    assert_int_equal(text.n, 0);
    assert_int_equal(process_exe(&x.p, &text), -ENODATA);
    end(&x);
}

static void test_exe(void **state)
{
    struct fake *f = *state;
    struct kv_span link;
    struct fixture x;

    fakeproc_make(f, (struct fakeproc){.pid = 5, .comm = "a", .exe = "/bin/a (deleted)"});
    fakeproc_make(f, (struct fakeproc){.pid = 6, .comm = "b", .exe = "/bin/b"});
    fakeproc_make(f, (struct fakeproc){.pid = 7, .comm = "kthread", .rss_kib = -1});
    begin(&x, f, 5);
    assert_int_equal(process_exe(&x.p, &link), 0);
    assert_true(process_exe_is_deleted(&x.p));
    process_begin(&x.p, x.proc, false, 6);
    assert_false(process_exe_is_deleted(&x.p));
    process_begin(&x.p, x.proc, false, 7);
    assert_int_equal(process_exe(&x.p, &link), -ENODATA);
    assert_false(process_exe_is_deleted(&x.p));
    end(&x);
}

/* Two files of two processes that had one number. */
static void test_is_one(void **state)
{
    struct fake *f = *state;
    const struct proc_stat *stat;
    struct kv_span name;
    struct fixture x;

    fakeproc_make(f, (struct fakeproc){.pid = 5, .comm = "first"});
    begin(&x, f, 5);
    assert_true(process_is_one(&x.p));
    assert_int_equal(process_comm(&x.p, &name), 0);
    assert_true(process_is_one(&x.p));
    fakeproc_make(f, (struct fakeproc){.pid = 5, .comm = "second"});
    assert_int_equal(process_stat(&x.p, &stat), 0);
    assert_false(process_is_one(&x.p));
    process_begin(&x.p, x.proc, false, 5);
    assert_int_equal(process_stat(&x.p, &stat), 0);
    assert_int_equal(process_comm(&x.p, &name), 0);
    assert_span(name, "second");
    assert_true(process_is_one(&x.p));
    end(&x);
}

static void test_others(void **state)
{
    struct fake *f = *state;
    char id[PROCESS_NS_MAX];
    struct kv_span text;
    struct fixture x;
    uint64_t pss;

    fakeproc_make(f, (struct fakeproc){.pid = 5,
                                       .comm = "a",
                                       .words = "/bin/sh|/x/a",
                                       .environ = "K=v|L=w",
                                       .exe = "/bin/dash"});
    fake_write(f, "proc/5/smaps_rollup", "Rss: 9 kB\nPss: 4 kB\n");
    assert_int_equal(root_mkdirs(&f->root, "proc/5/ns", NULL), 0);
    fakeproc_link(f, "proc/5/ns/net", "net:[4026531840]");
    begin(&x, f, 5);
    assert_int_equal(process_environ(&x.p, &text), 0);
    assert_int_equal(text.n, 8);
    assert_int_equal(process_pss(&x.p, &pss), 0);
    assert_int_equal(pss, 4096);
    assert_int_equal(process_environ(&x.p, &text), 0);
    assert_int_equal(text.n, 8);
    assert_int_equal(process_ns(&x.p, "net", id), 0);
    assert_string_equal(id, "net:[4026531840]");
    assert_int_equal(process_ns(&x.p, "pid", id), -ENOENT);
    assert_int_equal(process_script(&x.p, &text), 0);
    assert_span(text, "/x/a");
    end(&x);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_long_line, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_lost_leader, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_exe, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_is_one, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_others, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("process", tests, NULL, NULL);
}
