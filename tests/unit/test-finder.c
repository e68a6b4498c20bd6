/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "fakeproc.h"
#include "finder.h"

#define FORK ABI_PF_FORKNOEXEC

/* init - sshd - bash - procfind, and what stands around them */
static const struct fakeproc cast[] = {
    {.pid = 1, .comm = "init", .words = "/sbin/init", .exe = "/sbin/init"},
    {.pid = 10, .ppid = 1, .comm = "sshd", .words = "sshd: ada", .exe = "/sbin/sshd"},
    {.pid = 20,
     .ppid = 10,
     .comm = "bash",
     .words = "bash|-c|procfind -f worker",
     .exe = "/bin/bash",
     .session = 20},
    {.pid = 30,
     .ppid = 20,
     .comm = "procfind",
     .words = "procfind|-f|worker",
     .exe = "/bin/procfind",
     .session = 20},
    /* a fork of it */
    {.pid = 31,
     .ppid = 30,
     .comm = "procfind",
     .words = "procfind|-f|worker",
     .exe = "/bin/procfind",
     .flags = FORK,
     .session = 20},
    /* a subshell, its subshell, and what that one runs */
    {.pid = 40,
     .ppid = 20,
     .comm = "bash",
     .words = "bash|-c|procfind -f worker",
     .exe = "/bin/bash",
     .flags = FORK,
     .session = 20},
    {.pid = 41,
     .ppid = 40,
     .comm = "bash",
     .words = "bash|-c|procfind -f worker",
     .exe = "/bin/bash",
     .flags = FORK,
     .session = 20},
    {.pid = 42,
     .ppid = 41,
     .comm = "worker",
     .words = "/bin/worker|x",
     .exe = "/bin/worker",
     .session = 20},
    /* a daemon that forked and was given to process 1 */
    {.pid = 50,
     .ppid = 1,
     .comm = "worker",
     .words = "/bin/worker|daemon",
     .exe = "/bin/worker",
     .flags = FORK},
    /* the same words, but executed */
    {.pid = 51,
     .ppid = 20,
     .comm = "bash",
     .words = "bash|-c|procfind -f worker",
     .exe = "/bin/bash",
     .session = 20},
    /* a fork with words of its own */
    {.pid = 52,
     .ppid = 20,
     .comm = "bash",
     .words = "worker: title",
     .exe = "/bin/bash",
     .flags = FORK,
     .session = 20},
    /* sudo, which forks itself to watch over its child */
    {.pid = 60, .ppid = 1, .comm = "sudo", .words = "sudo|/bin/worker|y", .exe = "/bin/sudo"},
    {.pid = 61,
     .ppid = 60,
     .comm = "sudo",
     .words = "sudo|/bin/worker|y",
     .exe = "/bin/sudo",
     .flags = FORK},
    {.pid = 62, .ppid = 61, .comm = "worker", .words = "/bin/worker|y", .exe = "/bin/worker"},
    /* master and child with one command line are no wrapper and its child */
    {.pid = 70, .ppid = 1, .comm = "worker", .words = "/bin/worker|z", .exe = "/bin/worker"},
    {.pid = 71,
     .ppid = 70,
     .comm = "worker",
     .words = "/bin/worker|z",
     .exe = "/bin/worker",
     .flags = FORK},
    {.pid = 80, .ppid = 1, .comm = "less", .words = "less|worker", .exe = "/bin/less"},
};

static void make_cast(struct fake *f)
{
    for (size_t i = 0; i < ARRAY_SIZE(cast); i++)
        fakeproc_make(f, cast[i]);
    fakeproc_link(f, "proc/self", "30");
}

static void find(struct fake *f, struct finder *finder, struct match *m, struct finder_result *r)
{
    m->subject = MATCH_LINE;
    assert_int_equal(match_pattern(m, "worker", 0, NULL), 0);
    assert_int_equal(finder_open(finder, &f->root, m, NULL), 0);
    assert_int_equal(finder_run(finder, r, NULL), 0);
}

static const char *list(const struct finder_result *r)
{
    static char text[256];
    size_t n = 0;

    text[0] = '\0';
    for (size_t i = 0; i < r->n; i++)
        n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%d", n ? " " : "",
                              (int)r->found[i].pid);
    return text;
}

static const struct finder_item *left_out(const struct finder_result *r, pid_t pid)
{
    for (size_t i = 0; i < r->n_left_out; i++)
        if (r->left_out[i].pid == pid)
            return &r->left_out[i];
    fail_msg("process %d was not left out", (int)pid);
    return NULL;
}

static void test_left_out(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    make_cast(f);
    find(f, &finder, &m, &r);
    assert_string_equal(list(&r), "42 50 51 52 62 70 71 80");
    assert_int_equal(left_out(&r, 20)->caller, CALLER_ANCESTOR);
    assert_int_equal(left_out(&r, 30)->caller, CALLER_SELF);
    assert_int_equal(left_out(&r, 31)->caller, CALLER_FORK);
    assert_int_equal(left_out(&r, 40)->caller, CALLER_FORK);
    assert_int_equal(left_out(&r, 41)->caller, CALLER_FORK);
    assert_int_equal(left_out(&r, 60)->reason, FINDER_WRAPPER);
    assert_int_equal(left_out(&r, 61)->reason, FINDER_WRAPPER);
    assert_int_equal(r.n_left_out, 7);
    assert_false(r.hidden);
    assert_int_equal(r.unreadable, 0);
    finder_clear(&finder);
    match_clear(&m);
}

static void test_included(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    make_cast(f);
    finder.include_self = true;
    find(f, &finder, &m, &r);
    assert_string_equal(list(&r), "20 30 31 40 41 42 50 51 52 62 70 71 80");
    finder.include_wrappers = true;
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "20 30 31 40 41 42 50 51 52 60 61 62 70 71 80");
    finder.include_self = false;
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "42 50 51 52 60 61 62 70 71 80");
    finder.only = CALLER_SELF;
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "20 31 40 41 42 50 51 52 60 61 62 70 71 80");
    finder.only = CALLER_ANCESTOR;
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "31 40 41 42 50 51 52 60 61 62 70 71 80");
    finder_clear(&finder);
    match_clear(&m);
}

/* Threads are found in the order of their processes, and numbers of processes choose those. */
static void test_threads(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    make_cast(f);
    fakeproc_make(f, (struct fakeproc){.pid = 99, .ppid = 1, .comm = "thread", .words = "worker"});
    assert_int_equal(root_mkdirs(&f->root, "proc/70/task", NULL), 0);
    assert_int_equal(root_mkdirs(&f->root, "proc/80/task", NULL), 0);
    fakeproc_link(f, "proc/70/task/70", "..");
    fakeproc_link(f, "proc/70/task/99", "../../99");
    fakeproc_link(f, "proc/80/task/80", "..");
    finder.threads = finder.include_self = finder.include_wrappers = true;
    find(f, &finder, &m, &r);
    assert_int_equal(r.n, 3);
    assert_non_null(strstr("70 99 80, 99 70 80, 80 70 99, 80 99 70", list(&r)));
    assert_int_equal(match_numbers(&m, MATCH_PID, "70", NULL), 0);
    assert_int_equal(match_pattern(&m, "nothing", 0, NULL), 0);
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_int_equal(r.n, 2);
    m.subject = MATCH_COMM;
    pattern_clear(&m.patterns[0]);
    assert_int_equal(pattern_compile("thread", 0, &m.patterns[0], NULL), 0);
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "99");
    finder_clear(&finder);
    match_clear(&m);
}

/* Their pipes have the ends that links of a fake tree have: both. */
static void test_pipe(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    make_cast(f);
    unlink(fake_path(f, "proc/self"));
    fakeproc_link(f, "proc/self", "30");
    assert_int_equal(root_mkdirs(&f->root, "proc/30/fd", NULL), 0);
    assert_int_equal(root_mkdirs(&f->root, "proc/80/fd", NULL), 0);
    assert_int_equal(root_mkdirs(&f->root, "proc/70/fd", NULL), 0);
    assert_int_equal(root_mkdirs(&f->root, "proc/42/fd", NULL), 0);
    fakeproc_link(f, "proc/30/fd/0", "/dev/null");
    fakeproc_link(f, "proc/30/fd/1", "pipe:[123]");
    fakeproc_link(f, "proc/80/fd/0", "pipe:[123]");
    fakeproc_link(f, "proc/70/fd/0", "pipe:[1234]");
    fakeproc_link(f, "proc/70/fd/63", "pipe:[123]"); /* not of our session: a stranger's */
    fakeproc_link(f, "proc/42/fd/63", "pipe:[123]"); /* <(...) of our shell */
    find(f, &finder, &m, &r);
    assert_string_equal(list(&r), "50 51 52 62 70 71");
    assert_int_equal(left_out(&r, 80)->caller, CALLER_PIPE);
    assert_int_equal(left_out(&r, 42)->caller, CALLER_PIPE);
    finder_clear(&finder);
    match_clear(&m);
}

static void test_pick(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    make_cast(f);
    /* two that started in one tick */
    fakeproc_make(
        f, (struct fakeproc){.pid = 90, .ppid = 1, .comm = "w", .words = "worker|p", .start = 500});
    fakeproc_make(
        f, (struct fakeproc){.pid = 91, .ppid = 1, .comm = "w", .words = "worker|q", .start = 500});
    fakeproc_make(
        f, (struct fakeproc){.pid = 92, .ppid = 1, .comm = "w", .words = "worker|r", .start = 3});
    finder.pick = FINDER_NEWEST;
    find(f, &finder, &m, &r);
    assert_string_equal(list(&r), "91");
    finder.pick = FINDER_OLDEST;
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "92");
    finder_clear(&finder);
    match_clear(&m);
}

static void test_named(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    make_cast(f);
    assert_int_equal(match_numbers(&m, MATCH_PID, "70,1,70,99,10", NULL), 0);
    finder.include_self = finder.include_wrappers = true;
    assert_int_equal(finder_open(&finder, &f->root, &m, NULL), 0);
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_string_equal(list(&r), "1 10 70");
    assert_int_equal(finder_test(&finder, 70, NULL), 1);
    assert_int_equal(finder_test(&finder, 71, NULL), 0);
    assert_int_equal(finder_test(&finder, 99, NULL), 0);
    assert_false(finder_sees_own_namespace(&finder));
    finder_clear(&finder);
    match_clear(&m);
}

/* hidepid=2: the processes of others, process 1 among them, do not show */
static void test_hidden(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;

    fakeproc_make(f, (struct fakeproc){.pid = 30, .ppid = 20, .comm = "x", .words = "worker"});
    find(f, &finder, &m, &r);
    assert_string_equal(list(&r), "30"); /* nobody of this tree is us */
    assert_true(r.hidden);
    finder_clear(&finder);
    match_clear(&m);
}

/* A process that may match and cannot be looked into is counted; one that cannot match is not. */
static void test_unreadable(void **state)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct fake *f = *state;
    static const char *const names[] = {"worker", "worker", "other"};

    if (geteuid() == 0 && (setegid(65534) < 0 || seteuid(65534) < 0))
        skip();
    seteuid(0);
    setegid(0);
    fakeproc_make(f, (struct fakeproc){.pid = 1, .comm = "init"});
    for (int i = 0; i < 3; i++) {
        char path[32];

        fakeproc_make(f, (struct fakeproc){
                             .pid = 5 + i, .comm = names[i], .environ = i == 0 ? "K=v" : "K=w"});
        snprintf(path, sizeof(path), "proc/%d/environ", 5 + i);
        if (i > 0)
            assert_int_equal(chmod(fake_path(f, path), 0), 0);
    }
    assert_int_equal(chmod(f->dir, 0755), 0);
    assert_int_equal(match_pattern(&m, "worker", 0, NULL), 0);
    assert_int_equal(match_variable(&m, "K=v", NULL), 0);
    assert_int_equal(finder_open(&finder, &f->root, &m, NULL), 0);
    if (geteuid() == 0)
        assert_int_equal(seteuid(65534), 0);
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    if (getuid() == 0)
        assert_int_equal(seteuid(0), 0);
    assert_string_equal(list(&r), "5");
    assert_int_equal(r.unreadable, 1);
    finder_clear(&finder);
    match_clear(&m);
}

/* On the running system: ourselves, by our name, and never twice. */
static void test_live(void **state _unused_)
{
    _cleanup_(finder_result_clear) struct finder_result r = FINDER_RESULT_INIT;
    struct finder finder = FINDER_INIT;
    struct match m = MATCH_INIT;
    struct root root = ROOT_INIT;

    assert_int_equal(root_open(&root, NULL, NULL), 0);
    assert_int_equal(match_pattern(&m, "test-finder", PATTERN_EXACT, NULL), 0);
    assert_int_equal(finder_open(&finder, &root, &m, NULL), 0);
    assert_int_equal(finder_test(&finder, getpid(), NULL), 0);
    finder.include_self = true;
    assert_int_equal(finder_test(&finder, getpid(), NULL), 1);
    assert_int_equal(finder_run(&finder, &r, NULL), 0);
    assert_true(r.n >= 1);
    for (size_t i = 1; i < r.n; i++)
        assert_true(r.found[i - 1].pid < r.found[i].pid);
    assert_true(finder_sees_own_namespace(&finder));
    finder_clear(&finder);
    match_clear(&m);
    root_close(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_left_out, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_included, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_threads, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_pipe, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_pick, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_named, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_hidden, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_unreadable, fake_setup, fake_teardown),
        cmocka_unit_test(test_live),
    };

    return cmocka_run_group_tests_name("finder", tests, NULL, NULL);
}
