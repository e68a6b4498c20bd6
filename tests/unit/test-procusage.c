/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "fakeproc.h"
#include "procusage.h"

#define KB UINT64_C(1024)
#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void statm(struct fake *f, int pid, int kib)
{
    char path[64], text[64];

    snprintf(path, sizeof(path), "proc/%d/statm", pid);
    snprintf(text, sizeof(text), "9999 %ld 1 1 0 1 0\n", kib * 1024L / sysconf(_SC_PAGESIZE));
    fake_write(f, path, text);
}

static void rollup(struct fake *f, int pid, int pss, int uss)
{
    char path[64], text[256];

    snprintf(path, sizeof(path), "proc/%d/smaps_rollup", pid);
    snprintf(text, sizeof(text),
             "1-2 ---p 0 0:0 0 [rollup]\nPss: %d kB\nPrivate_Clean: %d kB\nPrivate_Dirty: 0 kB\n",
             pss, uss);
    fake_write(f, path, text);
}

static void make(struct fake *f, struct fakeproc p)
{
    fakeproc_make(f, p);
    statm(f, p.pid, p.rss_kib < 0 ? 0 : p.rss_kib);
}

/* init, a kernel thread, and two users' processes */
static void people(struct fake *f)
{
    make(f, (struct fakeproc){.pid = 1, .comm = "init", .rss_kib = 64, .cgroup = "0::/\n"});
    make(f,
         (struct fakeproc){.pid = 2, .comm = "kthreadd", .rss_kib = -1, .flags = ABI_PF_KTHREAD});
    make(f, (struct fakeproc){.pid = 10,
                              .comm = "web",
                              .uid = 33,
                              .rss_kib = 400,
                              .swap_kib = 8,
                              .cgroup = "0::/web.slice\n"});
    make(f, (struct fakeproc){
                .pid = 11, .comm = "web", .uid = 33, .rss_kib = 200, .cgroup = "0::/web.slice\n"});
    make(f, (struct fakeproc){.pid = 12,
                              .comm = "a-name-that-is-",
                              .words = "/bin/a-name-that-is-long|x",
                              .uid = 1000,
                              .rss_kib = 800,
                              .swap_kib = 4,
                              .cgroup = "0::/docker-" ID ".scope\n"});
}

static struct procusage usage(struct procusage_query q)
{
    struct procusage u;

    if (q.kinds == 0)
        q.kinds = PROCUSAGE_BIT(q.held) | PROCUSAGE_BIT(PROCUSAGE_RSS);
    assert_int_equal(procusage_read(&q, &u, NULL), 0);
    procusage_sort(&u, q.held);
    return u;
}

static void assert_row(const struct procusage_row *row, const char *name, uint64_t rss_kib,
                       unsigned count)
{
    assert_string_equal(row->name, name);
    assert_int_equal(row->bytes[PROCUSAGE_RSS], rss_kib * KB);
    assert_int_equal(row->count, count);
}

static void test_processes(void **state)
{
    struct fake *f = *state;

    people(f);
    _cleanup_(procusage_clear) struct procusage u = usage((struct procusage_query){&f->root});

    assert_int_equal(u.n, 4);
    assert_int_equal(u.rows[0].pid, 12);
    assert_int_equal(u.rows[0].bytes[PROCUSAGE_RSS], 800 * KB);
    assert_null(u.rows[0].name);
    assert_int_equal(u.rows[3].pid, 1);
    assert_int_equal(u.unreadable, 0);
    assert_false(u.hidden);
    procusage_cut(&u, 1);
    assert_int_equal(u.n, 1);
}

static void test_names(void **state)
{
    struct fake *f = *state;

    people(f);
    _cleanup_(procusage_clear) struct procusage u =
        usage((struct procusage_query){.root = &f->root, .held = PROCUSAGE_SWAP, .names = true});

    assert_int_equal(u.n, 2);
    assert_row(&u.rows[0], "web", 400, 1);
    assert_int_equal(u.rows[0].uid, 33);
    assert_int_equal(u.rows[0].bytes[PROCUSAGE_SWAP], 8 * KB);
    assert_row(&u.rows[1], "a-name-that-is-long", 800, 1);
}

static void test_groups(void **state)
{
    struct fake *f = *state;

    people(f);
    for (enum procusage_by by = PROCUSAGE_USER; by <= PROCUSAGE_NAME; by++) {
        _cleanup_(procusage_clear) struct procusage u =
            usage((struct procusage_query){.root = &f->root, .by = by});

        assert_int_equal(u.n, by == PROCUSAGE_CONTAINER ? 2 : 3);
        switch (by) {
        case PROCUSAGE_USER:
            assert_int_equal(u.rows[0].uid, 1000);
            assert_int_equal(u.rows[1].uid, 33);
            assert_int_equal(u.rows[1].count, 2);
            assert_int_equal(u.rows[1].bytes[PROCUSAGE_RSS], 600 * KB);
            break;
        case PROCUSAGE_CGROUP:
            assert_row(&u.rows[0], "/docker-" ID ".scope", 800, 1);
            assert_row(&u.rows[1], "/web.slice", 600, 2);
            assert_row(&u.rows[2], "/", 64, 1);
            break;
        default:
            assert_row(&u.rows[0], by == PROCUSAGE_NAME ? "a-name-that-is-long" : ID, 800, 1);
            break;
        }
    }
}

/* Those in no container are together. */
static void test_no_container(void **state)
{
    struct fake *f = *state;

    people(f);
    make(f, (struct fakeproc){.pid = 13, .comm = "x", .rss_kib = 400, .cgroup = "0::/x\n"});
    _cleanup_(procusage_clear) struct procusage u =
        usage((struct procusage_query){.root = &f->root, .by = PROCUSAGE_CONTAINER});

    assert_int_equal(u.n, 2);
    assert_row(&u.rows[0], "", 1064, 4);
}

static void test_many_groups(void **state)
{
    struct fake *f = *state;
    char name[16];

    for (int pid = 1; pid <= 600; pid++) {
        snprintf(name, sizeof(name), "name%d", pid % 300);
        make(f, (struct fakeproc){.pid = pid, .comm = name, .rss_kib = 4 + 4 * (pid % 300)});
    }
    _cleanup_(procusage_clear) struct procusage u =
        usage((struct procusage_query){.root = &f->root, .by = PROCUSAGE_NAME});

    assert_int_equal(u.n, 300);
    assert_row(&u.rows[0], "name299", 2400, 2);
    assert_row(&u.rows[299], "name0", 8, 2);
}

/* A process whose first thread has ended is shown as empty by statm. */
static void test_lost_leader(void **state)
{
    struct fake *f = *state;

    people(f);
    make(f,
         (struct fakeproc){.pid = 20, .comm = "lost", .state = 'Z', .threads = 2, .rss_kib = -1});
    fake_write(f, "proc/20/task/21/status", "Name:\tx\nUid:\t7\t7\t7\t7\nVmRSS:\t 900 kB\n");
    _cleanup_(procusage_clear) struct procusage u = usage((struct procusage_query){&f->root});

    assert_int_equal(u.n, 5);
    assert_int_equal(u.rows[0].pid, 20);
    assert_int_equal(u.rows[0].bytes[PROCUSAGE_RSS], 900 * KB);
}

static void test_dear(void **state)
{
    struct fake *f = *state;

    people(f);
    rollup(f, 1, 60, 50);
    rollup(f, 10, 100, 20);
    rollup(f, 11, 150, 10);
    fake_write(f, "proc/12/smaps_rollup", "Rss: 4 kB\n");
    _cleanup_(procusage_clear) struct procusage u =
        usage((struct procusage_query){.root = &f->root, .held = PROCUSAGE_PSS});

    assert_int_equal(u.n, 4);
    assert_int_equal(u.rows[0].pid, 11);
    assert_int_equal(u.rows[0].bytes[PROCUSAGE_PSS], 150 * KB);
    assert_int_equal(u.rows[0].bytes[PROCUSAGE_USS], 10 * KB);
    assert_int_equal(u.rows[2].pid, 1);
    /* not known, so not 0 and not first */
    assert_int_equal(u.rows[3].pid, 12);
    assert_int_equal(u.rows[3].known & PROCUSAGE_BIT(PROCUSAGE_PSS), 0);
    assert_int_equal(u.unreadable, 1);
}

/* A sum with an unknown part is not known. */
static void test_dear_users(void **state)
{
    struct fake *f = *state;

    people(f);
    rollup(f, 1, 60, 50);
    rollup(f, 10, 100, 20);
    rollup(f, 12, 700, 600);
    fake_write(f, "proc/11/smaps_rollup", "garbage\n");
    _cleanup_(procusage_clear) struct procusage u = usage(
        (struct procusage_query){.root = &f->root, .held = PROCUSAGE_USS, .by = PROCUSAGE_USER});

    assert_int_equal(u.n, 3);
    assert_int_equal(u.rows[0].uid, 1000);
    assert_int_equal(u.rows[1].uid, 0);
    assert_int_equal(u.rows[2].uid, 33);
    assert_int_equal(u.rows[2].known, PROCUSAGE_BIT(PROCUSAGE_RSS) | PROCUSAGE_BIT(PROCUSAGE_SWAP));
    assert_int_equal(u.rows[2].bytes[PROCUSAGE_RSS], 600 * KB);
}

/* What cannot be among the first is not looked into. */
static void test_spared(void **state)
{
    struct fake *f = *state;
    long far = (1L << 40) / KB; /* more than RSS may be wrong by */

    for (int pid = 1; pid <= 3; pid++) {
        make(f, (struct fakeproc){.pid = pid, .comm = "large"});
        char path[32], text[64];

        snprintf(path, sizeof(path), "proc/%d/statm", pid);
        snprintf(text, sizeof(text), "1 %ld 1\n", (far + pid) * 1024L / sysconf(_SC_PAGESIZE));
        fake_write(f, path, text);
        snprintf(path, sizeof(path), "proc/%d/smaps_rollup", pid);
        snprintf(text, sizeof(text), "Pss: %ld kB\nPrivate_Clean: 1 kB\nPrivate_Dirty: %d kB\n",
                 far - 1000 * pid, pid);
        fake_write(f, path, text);
    }
    make(f, (struct fakeproc){.pid = 9, .comm = "small", .rss_kib = 4});
    fake_write(f, "proc/9/smaps_rollup", "garbage\n");
    _cleanup_(procusage_clear) struct procusage two =
        usage((struct procusage_query){.root = &f->root, .held = PROCUSAGE_PSS, .most = 2});
    _cleanup_(procusage_clear) struct procusage all =
        usage((struct procusage_query){.root = &f->root, .held = PROCUSAGE_PSS, .most = 4});

    assert_int_equal(two.n, 4);
    assert_int_equal(two.unreadable, 0);
    assert_int_equal(two.rows[0].pid, 1);
    assert_int_equal(two.rows[1].pid, 2);
    assert_int_equal(all.n, 4);
    assert_int_equal(all.unreadable, 1);
    assert_int_equal(all.rows[3].pid, 9);
}

static void test_incomplete(void **state)
{
    struct fake *f = *state;

    make(f, (struct fakeproc){.pid = 5, .comm = "seen", .rss_kib = 4});
    fake_write(f, "proc/6/statm", "12"); /* ends within the number */
    fake_write(f, "proc/7/status", "");  /* no statm: gone meanwhile */
    fake_write(f, "proc/8/statm", "1 18446744073709551615 1\n");
    _cleanup_(procusage_clear) struct procusage u = usage((struct procusage_query){&f->root});

    assert_int_equal(u.n, 1);
    assert_int_equal(u.unreadable, 2);
    assert_true(u.hidden);
}

static void test_matching(void **state)
{
    struct fake *f = *state;
    _cleanup_(match_clear) struct match m = MATCH_INIT;

    people(f);
    fakeproc_link(f, "proc/self", "12");
    assert_int_equal(match_users(&m, &f->root, MATCH_EUID, "33", NULL), 0);
    _cleanup_(procusage_clear) struct procusage u =
        usage((struct procusage_query){.root = &f->root, .match = &m});

    assert_int_equal(u.n, 2);
    assert_int_equal(u.rows[0].pid, 10);
    assert_int_equal(u.rows[1].pid, 11);
}

static void test_growth(void **state)
{
    struct fake *f = *state;
    const struct procusage_query q = {&f->root};

    people(f);
    _cleanup_(procusage_clear) struct procusage before = usage(q);
    statm(f, 10, 500);
    statm(f, 12, 100);
    make(f, (struct fakeproc){.pid = 14, .comm = "new", .rss_kib = 40});
    _cleanup_(procusage_clear) struct procusage now = usage(q);

    procusage_grow(&now, &before);
    procusage_sort_growth(&now);
    assert_int_equal(now.n, 5);
    assert_int_equal(now.rows[0].pid, 10);
    assert_int_equal(now.rows[0].growth, 100 * 1024);
    assert_int_equal(now.rows[1].pid, 14);
    assert_int_equal(now.rows[1].growth, 40 * 1024);
    assert_int_equal(now.rows[2].growth, 0);
    assert_int_equal(now.rows[4].pid, 12);
    assert_int_equal(now.rows[4].growth, -700 * 1024);
}

static void test_nothing(void **state)
{
    struct fake *f = *state;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    struct procusage_query q = {&f->root};
    struct procusage u;

    assert_int_equal(procusage_read(&q, &u, &e), -EOPNOTSUPP);
    fake_assert_message(&e, "/proc: is not there");
    assert_int_equal(root_mkdirs(&f->root, "proc/x", NULL), 0);
    assert_int_equal(procusage_read(&q, &u, NULL), 0);
    assert_int_equal(u.n, 0);
    procusage_grow(&u, &u);
    procusage_sort(&u, PROCUSAGE_RSS);
    procusage_sort_growth(&u);
    procusage_clear(&u);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_processes),    TEST(test_names),       TEST(test_groups),
        TEST(test_no_container), TEST(test_many_groups), TEST(test_lost_leader),
        TEST(test_dear),         TEST(test_dear_users),  TEST(test_spared),
        TEST(test_incomplete),   TEST(test_matching),    TEST(test_growth),
        TEST(test_nothing),
    };

    return cmocka_run_group_tests_name("procusage", tests, NULL, NULL);
}
