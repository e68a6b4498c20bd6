/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "fakeproc.h"
#include "victim.h"

/* A process with memory; sizes in KiB. */
static void make(struct fake *f, struct fakeproc p, int anon, int shmem, int swap, const char *adj,
                 const char *score)
{
    char path[64], text[512];

    fakeproc_make(f, p);
    snprintf(path, sizeof(path), "proc/%d/status", p.pid);
    snprintf(text, sizeof(text),
             "Name:\t%s\nUid:\t0\t0\t0\t0\nVmRSS:\t%8d kB\nRssAnon:\t%8d kB\nRssFile:\t%8d kB\n"
             "RssShmem:\t%8d kB\nVmSwap:\t%8d kB\n",
             p.comm, anon + shmem + 9000, anon, 9000, shmem, swap);
    fake_write(f, path, text);
    snprintf(path, sizeof(path), "proc/%d/oom_score_adj", p.pid);
    fake_write(f, path, adj);
    snprintf(path, sizeof(path), "proc/%d/oom_score", p.pid);
    fake_write(f, path, score);
}

static struct victim_choice choose(struct fake *f, bool by_score, const int *pids)
{
    struct victim_choice c = {.by_score = by_score};
    _cleanup_(process_clear) struct process p = PROCESS_INIT;
    _cleanup_(close_fd) int proc = root_openat(&f->root, "proc", O_RDONLY | O_DIRECTORY, 0);

    assert_true(proc >= 0);
    for (; *pids; pids++) {
        process_begin(&p, proc, false, *pids);
        victim_consider(&c, &p);
    }
    return c;
}

#define CHOOSE(f, by_score, ...) choose(f, by_score, (const int[]){__VA_ARGS__, 0})

static void test_largest(void **state)
{
    struct fake *f = *state;
    struct victim_choice c;

    /* what is mapped of files does not count, what is swapped out does */
    make(f, (struct fakeproc){.pid = 10, .comm = "small", .rss_kib = -1}, 500, 0, 0, "0\n", "9\n");
    make(f, (struct fakeproc){.pid = 11, .comm = "swapped", .rss_kib = -1}, 100, 50, 900, "0\n",
         "7\n");
    make(f, (struct fakeproc){.pid = 12, .comm = "shared", .rss_kib = -1}, 100, 900, 0, "0\n",
         "8\n");
    c = CHOOSE(f, false, 10, 11, 12);
    assert_int_equal(c.best.pid, 11);
    assert_string_equal(c.best.name, "swapped");
    assert_int_equal(c.best.resident, 150 << 10);
    assert_int_equal(c.best.swapped, 900 << 10);
    assert_int_equal(c.best.start, 11);
    assert_int_equal(c.spared.pid, 0);
    c = CHOOSE(f, true, 11, 12, 10);
    assert_int_equal(c.best.pid, 10);
    assert_int_equal(c.best.score, 9);
}

/* A kernel that does not tell what is anonymous. */
static void test_old_kernel(void **state)
{
    struct fake *f = *state;
    struct victim_choice c;

    fakeproc_make(f, (struct fakeproc){.pid = 10, .comm = "a", .rss_kib = 300, .swap_kib = 20});
    c = CHOOSE(f, false, 10);
    assert_int_equal(c.best.pid, 10);
    assert_int_equal(c.best.resident, 300 << 10);
    assert_int_equal(c.best.swapped, 20 << 10);
}

static void test_before(void **state _unused_)
{
    const struct victim_facts a = {.pid = 1, .start = 5, .resident = 10, .swapped = 5, .score = 1};
    struct victim_facts b = a;

    assert_false(victim_before(&a, &a, false));
    b.start = 6;
    assert_true(victim_before(&b, &a, false));
    assert_false(victim_before(&a, &b, false));
    b.resident = 9;
    assert_true(victim_before(&a, &b, false));
    b.score = 2;
    assert_true(victim_before(&b, &a, true));
    assert_true(victim_before(&a, &b, false));
}

static void test_essential(void **state _unused_)
{
    static const char *const yes[] = {"/sbin/init",
                                      "/usr/lib/systemd/systemd",
                                      "/usr/sbin/sshd",
                                      "/usr/lib/systemd/systemd-logind",
                                      "/bin/dbus-daemon",
                                      "/usr/sbin/sshd (deleted)",
                                      "/usr/lib/openssh/sshd-session"};
    static const char *const no[] = {"/usr/bin/ssh",  "/opt/systemd/leak",
                                     "/bin/xsshd",    "/bin/initial",
                                     "/bin/sshd-foo", "",
                                     "/bin/systemd-", "/sshd/"};

    for (size_t i = 0; i < ARRAY_SIZE(yes); i++)
        if (!victim_is_essential((struct kv_span){yes[i], strlen(yes[i])}))
            fail_msg("%s", yes[i]);
    for (size_t i = 0; i < ARRAY_SIZE(no); i++)
        if (victim_is_essential((struct kv_span){no[i], strlen(no[i])}))
            fail_msg("%s", no[i]);
}

static void assert_spared(struct fake *f, struct fakeproc p, const char *adj, enum victim_bar why)
{
    struct victim_choice c;

    make(f, (struct fakeproc){.pid = 9, .comm = "other", .rss_kib = -1}, 10, 0, 0, "0\n", "1\n");
    make(f, p, 5000, 0, 0, adj, "0\n");
    c = CHOOSE(f, false, 9, p.pid);
    assert_int_equal(c.best.pid, 9);
    if (why == VICTIM_ENDING) {
        assert_int_equal(c.spared.pid, 0);
        assert_int_equal(c.ending.pid, p.pid);
        return;
    }
    assert_int_equal(c.ending.pid, 0);
    assert_int_equal(c.spared.pid, p.pid);
    assert_int_equal(c.why, why);
}

static void test_spared(void **state)
{
    struct fake *f = *state;

    assert_spared(f, (struct fakeproc){.pid = 1, .comm = "tini", .rss_kib = -1}, "0\n",
                  VICTIM_FIRST);
    assert_spared(f, (struct fakeproc){.pid = 20, .comm = "db", .rss_kib = -1}, "-1000\n",
                  VICTIM_ADJUSTED);
    assert_spared(f, (struct fakeproc){.pid = 20, .comm = "db", .rss_kib = -1}, "-900\n",
                  VICTIM_ADJUSTED);
    assert_spared(
        f, (struct fakeproc){.pid = 20, .comm = "sshd", .exe = "/usr/sbin/sshd", .rss_kib = -1},
        "0\n", VICTIM_ESSENTIAL);
    assert_spared(f, (struct fakeproc){.pid = 20, .comm = "z", .state = 'Z', .rss_kib = -1}, "0\n",
                  VICTIM_ENDING);
    assert_spared(f,
                  (struct fakeproc){.pid = 20, .comm = "x", .flags = ABI_PF_EXITING, .rss_kib = -1},
                  "0\n", VICTIM_ENDING);
}

/* Of most processes one file is enough: here it contradicts the others. */
static void test_hopeless(void **state)
{
    struct fake *f = *state;
    struct fakeproc p = {.pid = 30, .comm = "small", .mapped = 999 << 10, .rss_kib = -1};
    struct victim_choice c;

    make(f, (struct fakeproc){.pid = 20, .comm = "large", .rss_kib = -1}, 900, 0, 100, "0\n",
         "1\n");
    make(f, p, 2000, 0, 0, "0\n", "2\n");
    c = CHOOSE(f, false, 20, 30);
    assert_int_equal(c.best.pid, 20);
    /* before anybody is found each may be the one, and the kernel's score is none of memory alone
     */
    assert_int_equal(CHOOSE(f, false, 30, 20).best.pid, 30);
    assert_int_equal(CHOOSE(f, true, 20, 30).best.pid, 30);
    p.mapped = 1001 << 10;
    make(f, p, 2000, 0, 0, "0\n", "2\n");
    assert_int_equal(CHOOSE(f, false, 20, 30).best.pid, 30);
    p = (struct fakeproc){.pid = 31, .comm = "kswapd0", .flags = ABI_PF_KTHREAD, .rss_kib = -1};
    make(f, p, 5000, 0, 0, "0\n", "0\n");
    c = CHOOSE(f, false, 31);
    assert_int_equal(c.best.pid, 0);
    assert_int_equal(c.spared.pid, 0);
}

/* One whose memory the kernel is giving back shows little of it, or none, and may still be the one
 * that had nearly all. */
static void test_last_breath(void **state)
{
    struct fake *f = *state;
    const uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    struct fakeproc p = {.pid = 30, .comm = "leak", .faults = 1000, .rss_kib = -1};
    struct victim_choice c;

    make(f, (struct fakeproc){.pid = 20, .comm = "other", .rss_kib = -1}, 100, 0, 0, "0\n", "1\n");
    p.flags = ABI_PF_EXITING;
    fakeproc_make(f, p);
    c = CHOOSE(f, false, 20, 30);
    assert_int_equal(c.best.pid, 20);
    assert_int_equal(c.ending.pid, 30);
    assert_string_equal(c.ending.name, "leak");
    assert_int_equal(c.ending.resident, 1000 * page);
    /* sent SIGKILL, and its memory was taken from it */
    p.flags = 0;
    fakeproc_make(f, p);
    fake_write(f, "proc/30/status",
               "Name:\tleak\nUid:\t0\t0\t0\t0\nVmRSS:\t 0 kB\nVmSwap:\t 8 kB\n"
               "ShdPnd:\t0000000000000100\n");
    c = CHOOSE(f, false, 20, 30);
    assert_int_equal(c.best.pid, 20);
    assert_int_equal(c.ending.pid, 30);
    assert_int_equal(c.ending.resident + c.ending.swapped, 1000 * page);
    /* nothing comes back from one that has ended */
    p.state = 'Z';
    fakeproc_make(f, p);
    assert_int_equal(CHOOSE(f, false, 20, 30).ending.pid, 0);
}

static enum victim_bar unmeant(void *arg, struct process *p)
{
    return p->pid == *(const int *)arg ? VICTIM_UNMEANT : VICTIM_FREE;
}

static void test_unmeant(void **state)
{
    struct fake *f = *state;
    int pid = 20;
    struct victim_choice c = {.barred = unmeant, .arg = &pid};
    _cleanup_(process_clear) struct process p = PROCESS_INIT;
    _cleanup_(close_fd) int proc = root_openat(&f->root, "proc", O_RDONLY | O_DIRECTORY, 0);

    make(f, (struct fakeproc){.pid = 20, .comm = "a", .rss_kib = -1}, 100, 0, 0, "0\n", "1\n");
    process_begin(&p, proc, false, 20);
    victim_consider(&c, &p);
    assert_int_equal(c.best.pid, 0);
    assert_int_equal(c.spared.pid, 0);
}

/* A name is nothing that protects: the executable is. */
static void test_not_spared(void **state)
{
    struct fake *f = *state;
    struct victim_choice c;

    make(f, (struct fakeproc){.pid = 20, .comm = "sshd", .exe = "/tmp/leak", .rss_kib = -1}, 5000,
         0, 0, "-899\n", "0\n");
    c = CHOOSE(f, false, 20);
    assert_int_equal(c.best.pid, 20);
    /* one without memory of its own gives nothing back */
    make(f, (struct fakeproc){.pid = 20, .comm = "empty", .rss_kib = -1}, 0, 0, 0, "0\n", "0\n");
    assert_int_equal(CHOOSE(f, false, 20, 21).best.pid, 0);
}

/* One that the kernel has sent SIGKILL has its memory for some time yet. */
static void test_killed(void **state)
{
    struct fake *f = *state;
    static const char *const yes[] = {"SigPnd:\t0000000000000100\nShdPnd:\t0000000000000000\n",
                                      "SigPnd:\t0000000000000000\nShdPnd:\t0000000000004300\n"};
    static const char *const no[] = {"SigPnd:\t0000000000000000\nShdPnd:\t0000000000004e00\n",
                                     "SigPnd:\t\n", ""};
    char text[256];

    make(f, (struct fakeproc){.pid = 20, .comm = "a", .rss_kib = -1}, 1, 0, 0, "0\n", "0\n");
    for (size_t i = 0; i < ARRAY_SIZE(yes); i++) {
        snprintf(text, sizeof(text), "Name:\ta\nUid:\t0\t0\t0\t0\nVmRSS:\t 8 kB\n%s", yes[i]);
        fake_write(f, "proc/20/status", text);
        assert_int_equal(CHOOSE(f, false, 20).ending.pid, 20);
    }
    for (size_t i = 0; i < ARRAY_SIZE(no); i++) {
        snprintf(text, sizeof(text), "Name:\ta\nUid:\t0\t0\t0\t0\nVmRSS:\t 8 kB\n%s", no[i]);
        fake_write(f, "proc/20/status", text);
        assert_int_equal(CHOOSE(f, false, 20).best.pid, 20);
    }
}

static void test_name(void **state)
{
    struct fake *f = *state;

    make(f, (struct fakeproc){.pid = 20, .comm = "a\nb\x1b[1m", .rss_kib = -1}, 1, 0, 0, "0\n",
         "0\n");
    fake_write(f, "proc/20/status",
               "Name:\ta\\nb\nUid:\t0\t0\t0\t0\nVmRSS:\t 8 kB\nRssAnon:\t 8 kB\n");
    assert_string_equal(CHOOSE(f, false, 20).best.name, "a?b?[1m");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_largest, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_old_kernel, fake_setup, fake_teardown),
        cmocka_unit_test(test_before),
        cmocka_unit_test(test_essential),
        cmocka_unit_test_setup_teardown(test_spared, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_hopeless, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_last_breath, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_unmeant, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_not_spared, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_killed, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_name, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("victim", tests, NULL, NULL);
}
