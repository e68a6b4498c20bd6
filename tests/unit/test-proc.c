/* SPDX-License-Identifier: MIT */
#include "fake.h"
#include "proc.h"

#include <sys/sysmacros.h>

static struct proc_status parse(const char *text)
{
    struct proc_status s;

    assert_int_equal(proc_status_parse(text, &s), 0);
    return s;
}

static void test_status(void **state _unused_)
{
    struct proc_status s = parse("Name:\tcat\nUmask:\t0022\nUid:\t1000\t0\t7\t8\nGid:\t5\t6\t7\t8\n"
                                 "VmPeak:\t  99 kB\nVmRSS:\t    2048 kB\nVmSwapPss:\t  9 kB\n"
                                 "VmSwap:\t     128 kB\nThreads:\t1\n");

    assert_string_equal(s.name, "cat");
    assert_int_equal(s.ruid, 1000);
    assert_int_equal(s.euid, 0);
    assert_int_equal(s.rgid, 5);
    assert_int_equal(s.egid, 6);
    assert_true(s.has_rss && s.has_swap);
    assert_int_equal(s.rss, 2048 * 1024);
    assert_int_equal(s.swap, 128 * 1024);
}

static void test_no_group(void **state _unused_)
{
    struct proc_status s = parse("Name:\tcat\nUid:\t0\t0\t0\t0\nVmRSS:\t1 kB\n");

    assert_true(s.rgid == (gid_t)-1 && s.egid == (gid_t)-1);
    assert_int_equal(s.rss, 1024);
}

static void test_kernel_thread(void **state _unused_)
{
    struct proc_status s =
        parse("Name:\tkworker/R-rcu_gp\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nKthread:\t1\n");

    assert_string_equal(s.name, "kworker/R-rcu_gp");
    assert_false(s.has_rss || s.has_swap);
    assert_int_equal(s.swap, 0);
}

static void test_names(void **state _unused_)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"Name:\t\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n", ""},
        {"Name:\t a b \nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n", " a b "},
        {"Name:\t)\\n(\\\\n\xff\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n", ")\n(\\n\xff"},
        {"Name:\tend\\\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n", "end\\"},
        {"Name:\tUid:\t5\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n", "Uid:\t5"},
        {"Name:\t0123456789012345678901234567890123456789012345678901234567890123456789\n"
         "Uid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0",
         "012345678901234567890123456789012345678901234567890123456789012"},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
        assert_string_equal(parse(cases[i].text).name, cases[i].name);
}

static void test_bad(void **state _unused_)
{
    static const struct {
        const char *text;
        int r;
    } bad[] = {
        {"", -ENODATA},
        {"Name:\tcat\n", -ENODATA},
        {"Uid:\t0\t0\t0\t0\n", -ENODATA},
        {"Name:\tcat\nxUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\n", -ENODATA},
        {"Name:\tcat\nUid:\t0\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nGid:\t0\tx\n", -EBADMSG},
        {"Name:\tcat\nUid:\t-1\t0\t0\t0\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t4294967296\t0\t0\n", -EOVERFLOW},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmSwap:\t kB\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmSwap:\t1 MB\n", -EBADMSG},
        {"Name:\tcat\nUid:\t0\t0\t0\t0\nGid:\t0\t0\t0\t0\nVmSwap:\t18014398509481984 kB\n",
         -EOVERFLOW},
    };
    struct proc_status s = {.ruid = 77};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (proc_status_parse(bad[i].text, &s) != bad[i].r)
            fail_msg("case %zu: %s", i, bad[i].text);
    assert_int_equal(s.ruid, 77);
}

/* ---- stat */

#define TAIL                                                                                       \
    " 4194304 97 5 3 6 250 7 3 2 20 0 3 0 1242989 3133440 359 18446744073709551615 1 1 0 0 0 0 0 " \
    "0 "                                                                                           \
    "0 0 0 0 17 1 0 0 0 0 0 9 9 9 9 9 9 9 256\n"

static void test_stat(void **state _unused_)
{
    struct proc_stat s;

    assert_int_equal(proc_stat_parse("12 (cat) R 7 8 9 34816 -1" TAIL, &s), 0);
    assert_string_equal(s.name, "cat");
    assert_int_equal(s.state, 'R');
    assert_int_equal(s.ppid, 7);
    assert_int_equal(s.pgroup, 8);
    assert_int_equal(s.session, 9);
    assert_int_equal(s.tty, makedev(136, 0));
    assert_int_equal(s.flags, 4194304);
    assert_int_equal(s.threads, 3);
    assert_int_equal(s.faults, 100);
    assert_int_equal(s.cpu, 257);
    assert_int_equal(s.start, 1242989);
    assert_int_equal(s.mapped, 3133440);
    assert_int_equal(s.exit_code, 256);
    assert_false(proc_stat_is_kthread(&s) || proc_stat_is_fork(&s) || proc_stat_is_zombie(&s));
    /* a kernel that tells less */
    assert_int_equal(proc_stat_parse("1 (a) S 0 1 1 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0 5", &s), 0);
    assert_int_equal(s.start, 5);
    assert_int_equal(s.mapped, 0);
    assert_int_equal(s.exit_code, 0);
    assert_true(proc_stat_is_fork(&s));
}

static void test_stat_names(void **state _unused_)
{
    static const struct {
        const char *text, *name;
    } cases[] = {
        {"5 (a) R 1\n(b) S 0 1 1 0 -1" TAIL, "a) R 1\n(b"},
        {"5 (((((() S 0 1 1 0 -1" TAIL, "((((("},
        {"5 ()))) S 0 1 1 0 -1" TAIL, ")))"},
        {"5 () S 0 1 1 0 -1" TAIL, ""},
        {"5 (kworker/u8:2-events_unbound_and_more) S 0 1 1 0 -1" TAIL,
         "kworker/u8:2-events_unbound_and_more"},
    };
    struct proc_stat s;

    for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
        assert_int_equal(proc_stat_parse(cases[i].text, &s), 0);
        assert_string_equal(s.name, cases[i].name);
        assert_int_equal(s.state, 'S');
    }
}

static void test_stat_bad(void **state _unused_)
{
    static const char *const bad[] = {
        "",
        "5",
        "5 cat S 0",
        "5 (cat S 0",
        "5 )cat( S 0",
        "5 (cat)",
        "5 (cat) ",
        "5 (cat) S",
        "5 (cat) S x 1 1 0 -1" TAIL,
        "5 (cat) S 0 1 1 0 - 1" TAIL,
        "5 (cat) S 0 1 1 0 -1 64 0 0 0 0 0 0 0 0 20 0 1 0",
    };
    struct proc_stat s = {.ppid = 77};

    for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
        if (proc_stat_parse(bad[i], &s) != -EBADMSG)
            fail_msg("case %zu: %s", i, bad[i]);
    assert_int_equal(s.ppid, 77);
}

static void test_ended(void **state _unused_)
{
    struct proc_stat s = {.state = 'Z', .threads = 1};

    assert_true(proc_stat_is_zombie(&s));
    assert_false(proc_stat_lost_leader(&s));
    s.threads = 2;
    assert_false(proc_stat_is_zombie(&s));
    assert_true(proc_stat_lost_leader(&s));
    s.state = 'S';
    assert_false(proc_stat_is_zombie(&s) || proc_stat_lost_leader(&s));
}

/* ---- command lines */

static struct kv_span span(const char *text)
{
    return (struct kv_span){text, strlen(text)};
}

/* "a|b|" for the words a and b, or with a bar in each */
static const char *words_of(const char *text, size_t len)
{
    static char out[256];
    struct proc_words words = proc_words_of(text, proc_cmdline_length(text, len));
    struct kv_span word;
    size_t n = 0;

    while (proc_words_next(&words, &word))
        n += (size_t)snprintf(out + n, sizeof(out) - n, "%.*s|", (int)word.n, word.p);
    out[n] = '\0';
    return out;
}

#define WORDS(text) words_of(text, sizeof(text) - 1)

static void test_cmdline(void **state _unused_)
{
    assert_string_equal(WORDS(""), "");
    assert_string_equal(WORDS("\0"), "");
    assert_string_equal(WORDS("cat\0"), "cat|");
    assert_string_equal(WORDS("cat\0a b\0c\0"), "cat|a b|c|");
    assert_string_equal(WORDS("cat\0\0x\0"), "cat||x|");
    assert_string_equal(WORDS("cat\0\0"), "cat||");
    assert_string_equal(WORDS("cat"), "cat|");
    /* titles: without a NUL, with one, padded */
    assert_string_equal(WORDS("nginx: master process /usr/sbin/nginx -g daemon on;"),
                        "nginx: master process /usr/sbin/nginx -g daemon on;|");
    assert_string_equal(WORDS("sshd: root@pts/0\0"), "sshd: root@pts/0|");
    assert_string_equal(WORDS("postgres: checkpointer \0\0\0\0\0\0"), "postgres: checkpointer |");
    assert_string_equal(WORDS("postgres: x\0\0\0y\0"), "postgres: x|||y|");
}

static void test_end_with(void **state _unused_)
{
    const struct kv_span outer = {"sudo\0ollama\0serve", 17};

    assert_true(proc_words_end_with(outer, (struct kv_span){"ollama\0serve", 12}));
    assert_true(proc_words_end_with(outer, span("serve")));
    assert_false(proc_words_end_with(outer, span("erve")));
    assert_false(proc_words_end_with(outer, outer));
    assert_false(proc_words_end_with(outer, span("")));
    assert_false(proc_words_end_with(span("serve"), outer));
    assert_false(proc_words_end_with(span(""), span("")));
}

static void check_full_name(const char *comm, struct kv_span cmdline, const char *exe,
                            const char *wanted)
{
    struct kv_span name = proc_full_name(span(comm), cmdline, span(exe));

    assert_int_equal(name.n, strlen(wanted));
    assert_memory_equal(name.p, wanted, name.n);
}

static void test_full_name(void **state _unused_)
{
    const struct kv_span none = {"", 0};

    check_full_name("gnome-session-b", span("/usr/libexec/gnome-session-binary"), "",
                    "gnome-session-binary");
    check_full_name("gnome-session-b", none, "/usr/libexec/gnome-session-binary",
                    "gnome-session-binary");
    /* a script: the interpreter comes first */
    check_full_name("long-script-nam", (struct kv_span){"/bin/sh\0/x/long-script-name.sh\0a", 34},
                    "/bin/dash", "long-script-name.sh");
    check_full_name("long-script-nam",
                    (struct kv_span){"/bin/sh\0-e\0/x/long-script-name.sh\0a", 37}, "/bin/dash",
                    "long-script-name.sh");
    /* it calls itself something else, and its words prove nothing */
    check_full_name("exactly-fifteen", span("/bin/exactly_fifteen_and_more"), "/bin/other",
                    "exactly-fifteen");
    check_full_name("exactly-fifteen", none, "", "exactly-fifteen");
}

/* ---- the other files */

static void test_comm(void **state _unused_)
{
    assert_int_equal(proc_comm_parse("cat\n", 4).n, 3);
    assert_int_equal(proc_comm_parse("a\nb\n", 4).n, 3);
    assert_int_equal(proc_comm_parse("\n", 1).n, 0);
    assert_int_equal(proc_comm_parse("", 0).n, 0);
}

static void test_pss(void **state _unused_)
{
    uint64_t pss = 77;

    assert_int_equal(proc_pss_parse("560a-7fff ---p 00000000 00:00 0  [rollup]\nRss:  9 kB\n"
                                    "Pss:        12 kB\nPss_Anon: 1 kB\n",
                                    &pss),
                     0);
    assert_int_equal(pss, 12 * 1024);
    assert_int_equal(proc_pss_parse("Rss: 9 kB\nSwapPss: 9 kB\n", &pss), -ENODATA);
    assert_int_equal(proc_pss_parse("Pss: x kB\n", &pss), -EBADMSG);
    assert_int_equal(pss, 12 * 1024);
}

static void test_uss(void **state _unused_)
{
    uint64_t uss = 77;

    assert_int_equal(proc_uss_parse("Private_Clean: 4 kB\nPrivate_Dirty: 8 kB\n", &uss), 0);
    assert_int_equal(uss, 12 * 1024);
    assert_int_equal(proc_uss_parse("Private_Clean: 4 kB\n", &uss), -ENODATA);
    assert_int_equal(proc_uss_parse("Private_Clean: 4 kB\nPrivate_Dirty: -8 kB\n", &uss), -EBADMSG);
    assert_int_equal(proc_uss_parse("Private_Clean: 18014398509481983 kB\n"
                                    "Private_Dirty: 18014398509481983 kB\n",
                                    &uss),
                     -EOVERFLOW);
    assert_int_equal(uss, 12 * 1024);
}

static void test_statm(void **state _unused_)
{
    uint64_t rss = 77;

    assert_int_equal(proc_statm_parse("2216 460 431 224 0 312 0\n", 4096, &rss), 0);
    assert_int_equal(rss, 460 * 4096);
    assert_int_equal(proc_statm_parse("0 0 0 0 0 0 0\n", 4096, &rss), 0);
    assert_int_equal(rss, 0);
    assert_int_equal(proc_statm_parse("", 4096, &rss), -EBADMSG);
    assert_int_equal(proc_statm_parse("2216\n", 4096, &rss), -EBADMSG);
    assert_int_equal(proc_statm_parse("2216 46", 4096, &rss), -EBADMSG);
    assert_int_equal(proc_statm_parse("2216 x 431\n", 4096, &rss), -EBADMSG);
    assert_int_equal(proc_statm_parse("2216 -1 431\n", 4096, &rss), -EBADMSG);
    assert_int_equal(proc_statm_parse("1\n2 3\n", 4096, &rss), -EBADMSG);
    assert_int_equal(proc_statm_parse("1 18446744073709551615 3\n", 4096, &rss), -EOVERFLOW);
    assert_int_equal(proc_statm_parse("1 99999999999999999999 3\n", 4096, &rss), -EOVERFLOW);
    assert_int_equal(rss, 0);
}

static void assert_memory_group(const char *text, const char *wanted)
{
    struct kv_span path = proc_cgroup_memory(text);

    assert_true(kv_span_eq(path, wanted));
}

static void test_memory_group(void **state _unused_)
{
    assert_memory_group("0::/a\n", "/a");
    assert_memory_group("2:cpu:/c\n1:memory:/m\n0::/a\n", "/m");
    assert_memory_group("2:cpu:/c\n0::/a\n", "/a");
    assert_memory_group("2:cpu:/c\n1:name=systemd:/n\n", "/c");
    assert_memory_group("garbage\n", "");
    assert_memory_group("", "");
}

static bool environ_has(const char *key, const char *wanted)
{
    static const char text[] = "AB=1\0A=2=3\0EMPTY=\0NOTHING\0=odd\0LAST=x";
    struct kv_span value;

    return proc_environ_find(text, sizeof(text) - 1, span(key), &value) &&
           kv_span_eq(value, wanted);
}

static void test_environ(void **state _unused_)
{
    struct kv_span value;

    assert_true(environ_has("AB", "1"));
    assert_true(environ_has("A", "2=3"));
    assert_true(environ_has("EMPTY", ""));
    assert_true(environ_has("LAST", "x"));
    assert_false(environ_has("NOTHING", ""));
    assert_false(environ_has("B", "1"));
    assert_false(proc_environ_find("", 0, span("A"), &value));
}

static void test_cgroup(void **state _unused_)
{
    const char *text = "12:cpu,cpuacct:/a:b\n1:name=systemd:/x (deleted)\nrubbish\n2:\n"
                       "3:relative:a\n0::/system.slice/x.service\n";
    static const char *const wanted[][2] = {
        {"cpu,cpuacct", "/a:b"}, {"name=systemd", "/x"}, {"", "/system.slice/x.service"}};
    struct proc_cgroup line;

    for (size_t i = 0; i < ARRAY_SIZE(wanted); i++) {
        assert_true(proc_cgroup_next(&text, &line));
        assert_true(kv_span_eq(line.controllers, wanted[i][0]));
        assert_true(kv_span_eq(line.path, wanted[i][1]));
    }
    assert_false(proc_cgroup_next(&text, &line));
}

static void test_exe(void **state _unused_)
{
    assert_true(kv_span_eq(proc_exe_deleted(span("/bin/a (deleted)")), "/bin/a"));
    assert_int_equal(proc_exe_deleted(span("/bin/a")).n, 0);
    assert_int_equal(proc_exe_deleted(span(" (deleted)")).n, 0);
}

static void test_pid(void **state _unused_)
{
    assert_int_equal(proc_pid_parse("123"), 123);
    assert_int_equal(proc_pid_parse("2147483647"), INT32_MAX);
    assert_int_equal(proc_pid_parse("2147483648"), 0);
    assert_int_equal(proc_pid_parse("012"), 0);
    assert_int_equal(proc_pid_parse("0"), 0);
    assert_int_equal(proc_pid_parse("12a"), 0);
    assert_int_equal(proc_pid_parse("-1"), 0);
    assert_int_equal(proc_pid_parse(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status),       cmocka_unit_test(test_kernel_thread),
        cmocka_unit_test(test_no_group),     cmocka_unit_test(test_names),
        cmocka_unit_test(test_bad),          cmocka_unit_test(test_stat),
        cmocka_unit_test(test_stat_names),   cmocka_unit_test(test_stat_bad),
        cmocka_unit_test(test_ended),        cmocka_unit_test(test_cmdline),
        cmocka_unit_test(test_end_with),     cmocka_unit_test(test_full_name),
        cmocka_unit_test(test_comm),         cmocka_unit_test(test_pss),
        cmocka_unit_test(test_uss),          cmocka_unit_test(test_statm),
        cmocka_unit_test(test_memory_group), cmocka_unit_test(test_environ),
        cmocka_unit_test(test_cgroup),       cmocka_unit_test(test_exe),
        cmocka_unit_test(test_pid),
    };

    return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
