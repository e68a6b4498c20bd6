/* SPDX-License-Identifier: MIT */
#include "abi.h"
#include "fakeproc.h"
#include "match.h"

#include <sys/file.h>

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What of the cast meets the criteria: "5 7". Clears them. */
static const char *found(struct fake *f, struct match *m)
{
    _cleanup_(procscan_clear) struct procscan scan = PROCSCAN_INIT;
    _cleanup_(process_clear) struct process p = PROCESS_INIT;
    static char list[128];
    size_t n = 0;

    assert_int_equal(procscan_begin(&f->root, &scan, NULL), 0);
    assert_int_equal(match_begin(m, &f->root, &scan, NULL), 0);
    list[0] = '\0';
    for (pid_t pid = 1; pid < 100; pid++) {
        process_begin(&p, scan.fd, false, pid);
        if (match_test(m, &p) == 1)
            n += (size_t)snprintf(list + n, sizeof(list) - n, "%s%d", n ? " " : "", (int)pid);
    }
    match_clear(m);
    return list;
}

/* add is an expression that adds one criterion to m */
#define assert_finds(add, wanted)                                                                  \
    do {                                                                                           \
        struct match m = MATCH_INIT;                                                               \
        assert_int_equal(add, 0);                                                                  \
        assert_true(m.any);                                                                        \
        assert_string_equal(found(f, &m), wanted);                                                 \
    } while (0)

#define assert_refuses(add, part)                                                                  \
    do {                                                                                           \
        struct match m = MATCH_INIT;                                                               \
        _cleanup_(err_clear) struct err e = ERR_INIT;                                              \
        assert_true((add) < 0);                                                                    \
        assert_int_equal(e.kind, ERR_USAGE);                                                       \
        fake_assert_message(&e, part);                                                             \
        match_clear(&m);                                                                           \
    } while (0)

static void make_cast(struct fake *f)
{
    static const struct fakeproc cast[] = {
        {.pid = 1, .comm = "init", .words = "/sbin/init", .exe = "/sbin/init", .rss_kib = 100},
        {.pid = 2, .comm = "kthreadd", .flags = ABI_PF_KTHREAD, .state = 'I', .rss_kib = -1},
        {.pid = 5,
         .ppid = 1,
         .comm = "ollama",
         .words = "/bin/ollama|serve|--port=1|a b|c",
         .exe = "/bin/ollama",
         .uid = 1000,
         .gid = 100,
         .session = 5,
         .pgroup = 5,
         .tty = 34816,
         .rss_kib = 2 << 20,
         .swap_kib = 512,
         .cgroup = "0::/system.slice/ollama.service\n",
         .environ = "K=v|EMPTY=|HOME=/x"},
        {.pid = 6,
         .ppid = 5,
         .comm = "runner",
         .words = "runner|a|b c",
         .exe = "/bin/r (deleted)",
         .uid = 1000,
         .session = 5,
         .pgroup = 6,
         .state = 'R',
         .rss_kib = 1 << 20,
         .swap_kib = 0,
         .cgroup = "5:memory:/system.slice/ollama.service/x\n1:name=systemd:/other\n",
         .environ = "KK=v"},
        {.pid = 7,
         .ppid = 6,
         .comm = "sh",
         .words = "/bin/sh|/x/job.sh|c",
         .exe = "/bin/dash",
         .rss_kib = 10,
         .cgroup = "0::/docker/" ID "\n",
         .environ = "K=w"},
        {.pid = 8, .ppid = 1, .comm = "gone", .state = 'Z', .rss_kib = -1},
        {.pid = 9, .ppid = 1, .comm = "gone", .state = 'Z', .threads = 3, .rss_kib = -1},
    };

    for (size_t i = 0; i < ARRAY_SIZE(cast); i++)
        fakeproc_make(f, cast[i]);
    fake_write(f, "proc/uptime", "100.00 50.00\n");
    fake_write(f, "etc/passwd", "root:x:0:0::/:/bin/sh\nada:x:1000:100::/:/bin/sh\n");
    fake_write(f, "etc/group", "users:x:100:\n");
}

static void test_names(void **state)
{
    struct fake *f = *state;
    struct match all = MATCH_INIT;

    make_cast(f);
    assert_finds(match_pattern(&m, "^o.*a$", 0, NULL), "5");
    assert_finds(match_pattern(&m, "init|sh", PATTERN_EXACT, NULL), "1 7");
    assert_finds(match_pattern(&m, "nothing", 0, NULL), "");
    /* the leader that has ended with threads that run is no zombie */
    assert_finds(match_pattern(&m, "gone", 0, NULL), "9");
    /* alternatives */
    assert_int_equal(match_pattern(&all, "init", 0, NULL), 0);
    assert_int_equal(match_pattern(&all, "sh", 0, NULL), 0);
    assert_string_equal(found(f, &all), "1 7");
    /* whole lines; kernel threads have none */
    all.subject = MATCH_LINE;
    assert_int_equal(match_pattern(&all, "a b c$|^$|kthreadd", 0, NULL), 0);
    assert_string_equal(found(f, &all), "5 6");
}

static void test_words(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_argument(&m, "c", NULL), "5 7");
    assert_finds(match_argument(&m, "a b", NULL), "5");
    assert_finds(match_argument(&m, "b c", NULL), "6");
    assert_finds(match_argument(&m, "/bin/sh", NULL), ""); /* the first is no argument */
    assert_finds(match_argument(&m, "a b", NULL) + match_argument(&m, "b c", NULL), "");
    assert_finds(match_argument(&m, "serve", NULL) + match_argument(&m, "c", NULL), "5");
    assert_finds(match_words(&m, "runner a 'b c'", NULL), "6");
    assert_finds(match_words(&m, "runner a b c", NULL), "");
    assert_finds(match_words(&m, "runner 'a b' c", NULL), "");
    assert_finds(match_words(&m, "runner a", NULL), "");
    assert_refuses(match_words(&m, "", &e), "holds no word");
}

static void test_files(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_exe(&m, &f->root, "/bin/ollama", NULL), "5");
    assert_finds(match_exe(&m, &f->root, "/bin/r", NULL), "6");
    assert_finds(match_exe(&m, &f->root, "/bin/nothing", NULL), "");
    assert_finds(match_script(&m, &f->root, "/x/job.sh", NULL), "7");
    assert_finds(match_script(&m, &f->root, "/x/other.sh", NULL), "");
    assert_refuses(match_exe(&m, &f->root, "", &e), "is an empty path");
}

/* Whether the kernel has a file at hand; each of its names leads to it if somebody may wait. */
static int at_hand;
int __wrap_process_file_quickstat(struct process *p, struct kv_span name, struct stat *out);

int __wrap_process_file_quickstat(struct process *p _unused_, struct kv_span name _unused_,
                                  struct stat *out _unused_)
{
    return at_hand;
}

#define assert_script(path, wanted)                                                                \
    do {                                                                                           \
        struct match m = {.wary = true};                                                           \
        assert_int_equal(match_script(&m, &f->root, path, NULL), 0);                               \
        assert_string_equal(found(f, &m), wanted);                                                 \
    } while (0)

/* When memory is over the kernel forgets where files are that nobody has open. */
static void test_forgotten_script(void **state)
{
    struct fake *f = *state;
    struct fakeproc job = {.pid = 7, .comm = "sh", .words = "sh|./job.sh", .exe = "/bin/dash"};

    fake_write(f, "proc/uptime", "100.00 50.00\n");
    fake_write(f, "x/job.sh", "");
    fakeproc_make(f, job);
    fakeproc_link(f, "proc/7/cwd", "/x");
    at_hand = -EAGAIN;
    assert_script("/x/job.sh", "7");
    assert_script("/job.sh", "");
    assert_script("/y/job.sh", "");
    fakeproc_link(f, "proc/7/cwd", "/");
    assert_script("/x/job.sh", "");
    assert_script("/job.sh", "7");
}

static void test_numbers(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_numbers(&m, MATCH_PARENT, "5,6", NULL), "6 7");
    assert_finds(match_numbers(&m, MATCH_SESSION, "5", NULL), "5 6");
    assert_finds(match_numbers(&m, MATCH_PGROUP, "6", NULL), "6");
    assert_finds(match_numbers(&m, MATCH_PID, "7,1,77", NULL), "1 7");
    assert_refuses(match_numbers(&m, MATCH_PARENT, "", &e), "is an empty list");
    assert_refuses(match_numbers(&m, MATCH_PARENT, "5,,6", &e), "nothing between two commas");
    assert_refuses(match_numbers(&m, MATCH_PARENT, "5,", &e), "nothing between two commas");
    assert_finds(match_number(&m, MATCH_PARENT, 0, NULL), "1 2");
    assert_refuses(match_numbers(&m, MATCH_PARENT, "-1", &e), "\"-1\"");
    assert_refuses(match_numbers(&m, MATCH_PARENT, "0", &e), "\"0\"");
    assert_refuses(match_numbers(&m, MATCH_PID, "0", &e), "\"0\"");
    assert_refuses(match_numbers(&m, MATCH_PID, "5x", &e), "\"5x\"");
    assert_refuses(match_numbers(&m, MATCH_PID, "99999999999", &e), "\"99999999999\"");
}

static int divides(const void *arg, struct process *p)
{
    return p->pid % *(const int *)arg == 0;
}

/* One that the caller of match asks. */
static void test_own(void **state)
{
    static const int two = 2;
    struct fake *f = *state;

    make_cast(f);
    assert_finds((m.own = divides, m.own_arg = &two, match_numbers(&m, MATCH_PARENT, "5,6", NULL)),
                 "6");
}

static void test_users(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_users(&m, &f->root, MATCH_EUID, "ada", NULL), "5 6");
    assert_finds(match_users(&m, &f->root, MATCH_RUID, "0,1000", NULL), "1 2 5 6 7 9");
    assert_finds(match_users(&m, &f->root, MATCH_EGID, "users", NULL), "5");
    assert_finds(match_users(&m, &f->root, MATCH_RGID, "100", NULL), "5");
    assert_refuses(match_users(&m, &f->root, MATCH_EUID, "nobody-here", &e), "is not known");
    assert_refuses(match_users(&m, &f->root, MATCH_EUID, "ada,", &e), "two commas");
    assert_refuses(match_users(&m, &f->root, MATCH_RGID, "ada", &e), "is not known");
    assert_refuses(match_users(&m, &f->root, MATCH_RUID, "", &e), "is an empty list");
}

static void test_state(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_states(&m, "R,I", NULL), "2 6");
    assert_finds(match_states(&m, "Z", NULL), "8 9");
    assert_finds((match_kthreads(&m), 0), "2");
    assert_finds((match_subtree(&m, 5), 0), "5 6 7");
    assert_finds((match_subtree(&m, 77), 0), "");
    assert_refuses(match_states(&m, "", &e), "is an empty list");
    assert_refuses(match_states(&m, "RS", &e), "is no state");
    assert_refuses(match_states(&m, "r", &e), "is no state");
    assert_finds(match_terminals(&m, &f->root, "-", NULL), "1 2 6 7 9");
    assert_refuses(match_terminals(&m, &f->root, "pts/0", &e), "is no terminal here");
    assert_refuses(match_terminals(&m, &f->root, "", &e), "is an empty list");
}

/* Start times are the numbers of the processes, in ticks of 10 ms; it is 100 s now. */
static void test_age(void **state)
{
    struct fake *f = *state;
    uint64_t tick = 1000 / (uint64_t)sysconf(_SC_CLK_TCK);

    make_cast(f);
    assert_finds((match_older(&m, 100000 - 5 * tick), 0), "1 2 5");
    assert_finds((match_newer(&m, 100000 - 5 * tick), 0), "6 7 9");
    assert_finds((match_older(&m, 100001), 0), "");
}

static void test_sizes(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    fake_write(f, "proc/5/smaps_rollup", "Pss: 100 kB\n");
    fake_write(f, "proc/6/smaps_rollup", "");
    assert_finds(match_size(&m, MATCH_RSS, ">1G", NULL), "5");
    assert_finds(match_size(&m, MATCH_RSS, ">= 1G", NULL), "5 6");
    assert_finds(match_size(&m, MATCH_RSS, "<1G", NULL), "1 7"); /* absent is not little */
    assert_finds(match_size(&m, MATCH_RSS, "<=1048576K", NULL), "1 6 7");
    assert_finds(match_size(&m, MATCH_RSS, ">10k", NULL) + match_size(&m, MATCH_RSS, "<=1G", NULL),
                 "1 6");
    assert_finds(match_size(&m, MATCH_SWAP, ">0", NULL), "5");
    assert_finds(match_size(&m, MATCH_PSS, "<1M", NULL), "5");
    assert_refuses(match_size(&m, MATCH_RSS, "1G", &e), "wanted a comparison");
    assert_refuses(match_size(&m, MATCH_RSS, "", &e), "wanted a comparison");
    assert_refuses(match_size(&m, MATCH_RSS, ">", &e), "\"\"");
    assert_refuses(match_size(&m, MATCH_RSS, ">-1", &e), "\"-1\"");
    assert_refuses(match_size(&m, MATCH_RSS, "=1G", &e), "wanted a comparison");
}

static void test_places(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_cgroup(&m, &f->root, "/system.slice", NULL), "5 6");
    assert_finds(match_cgroup(&m, &f->root, "/system.slice/ollama.service/", NULL), "5 6");
    assert_finds(match_cgroup(&m, &f->root, "/system.slice/ollama", NULL), "");
    assert_finds(match_cgroup(&m, &f->root, "/system.slice/ollama.service/x", NULL), "6");
    assert_finds(match_cgroup(&m, &f->root, "*/ollama.*", NULL), "5 6");
    assert_finds(match_cgroup(&m, &f->root, "/*/x", NULL), "6");
    assert_finds(match_cgroup(&m, &f->root, "/other", NULL), "6");
    assert_finds(match_cgroup(&m, &f->root, "/oth[a-f]?", NULL), "6");
    assert_finds(match_container(&m, &f->root, "0123456789ab", NULL), "7");
    assert_finds(match_container(&m, &f->root, ID, NULL), "7");
    assert_finds(match_container(&m, &f->root, "0123456789ac", NULL), "");
    assert_refuses(match_cgroup(&m, &f->root, "", &e), "is no path from the top");
    assert_refuses(match_cgroup(&m, &f->root, "system.slice", &e), "is no path from the top");
    assert_refuses(match_container(&m, &f->root, "", &e), "neither an id nor a name");
    assert_refuses(match_container(&m, &f->root, "web", &e), "neither docker nor podman");
}

/* 7 is in a container: in the one of that name, in another one, or in one of which nobody knows
 * whether it has the name by now. */
static void test_named_container(void **state)
{
    _cleanup_(process_clear) struct process p = PROCESS_INIT;
    _cleanup_(procscan_clear) struct procscan scan = PROCSCAN_INIT;
    _cleanup_(container_names_clear) struct container_names names = CONTAINER_NAMES_INIT;
    struct fake *f = *state;
    struct match m = MATCH_INIT;

    make_cast(f);
    assert_int_equal(procscan_begin(&f->root, &scan, NULL), 0);
    names.when = CONTAINER_NAMES_GIVEN;
    assert_int_equal(container_names_add_list(&names, ID " 0 web\n", NULL), 0);
    m.names = &names;
    assert_int_equal(match_container(&m, &f->root, "web", NULL), 0);
    process_begin(&p, scan.fd, false, 7);
    assert_int_equal(match_test(&m, &p), 1);
    names.v[0]->id[0] = 'f';
    assert_int_equal(match_test(&m, &p), 0);
    names.v[0]->unsure = true;
    assert_int_equal(match_test(&m, &p), -EACCES);
    names.v[0]->asked_ms = UINT64_MAX;
    assert_int_equal(match_test(&m, &p), 0);
    process_begin(&p, scan.fd, false, 5);
    assert_int_equal(match_test(&m, &p), 0);
    match_clear(&m);
}

static void test_variables(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    assert_finds(match_variable(&m, "K", NULL), "5 7");
    assert_finds(match_variable(&m, "K=v", NULL), "5");
    assert_finds(match_variable(&m, "EMPTY=", NULL), "5");
    assert_finds(match_variable(&m, "K=", NULL), "");
    assert_finds(match_variable(&m, "K", NULL) + match_variable(&m, "HOME", NULL), "5");
    assert_refuses(match_variable(&m, "", &e), "names no variable");
    assert_refuses(match_variable(&m, "=v", &e), "names no variable");
}

static void link_namespaces(struct fake *f, int pid, const char *pid_ns, const char *net_ns)
{
    char path[64];

    snprintf(path, sizeof(path), "proc/%d/ns", pid);
    assert_int_equal(root_mkdirs(&f->root, path, NULL), 0);
    snprintf(path, sizeof(path), "proc/%d/ns/pid", pid);
    fakeproc_link(f, path, pid_ns);
    snprintf(path, sizeof(path), "proc/%d/ns/net", pid);
    fakeproc_link(f, path, net_ns);
}

static void test_namespaces(void **state)
{
    struct fake *f = *state;

    make_cast(f);
    link_namespaces(f, 1, "pid:[1]", "net:[1]");
    link_namespaces(f, 5, "pid:[2]", "net:[1]");
    link_namespaces(f, 6, "pid:[2]", "net:[2]");
    assert_finds(match_namespaces(&m, &f->root, "net:1", NULL), "1 5");
    assert_finds(match_namespaces(&m, &f->root, "pid:6", NULL), "5 6");
    /* all of them, in whatever order */
    assert_finds(match_namespaces(&m, &f->root, "net,pid:5", NULL), "5");
    assert_finds(match_namespaces(&m, &f->root, "pid,net:5", NULL), "5");
    assert_refuses(match_namespaces(&m, &f->root, "net:99", &e), "process 99: is not there");
    assert_refuses(match_namespaces(&m, &f->root, "nat:1", &e), "is no type of namespace");
    assert_refuses(match_namespaces(&m, &f->root, "net,:1", &e), "is no type of namespace");
    assert_refuses(match_namespaces(&m, &f->root, ":1", &e), "is no type of namespace");
    assert_refuses(match_namespaces(&m, &f->root, "net", &e), "wanted types and a process");
    assert_refuses(match_namespaces(&m, &f->root, "net:0", &e), "wanted types and a process");
    assert_refuses(match_namespaces(&m, &f->root, "net:x", &e), "wanted types and a process");
    assert_refuses(match_namespaces(&m, &f->root, "", &e), "wanted types and a process");
}

static void test_invert(void **state)
{
    struct fake *f = *state;
    struct match all = MATCH_INIT;

    make_cast(f);
    assert_int_equal(match_users(&all, &f->root, MATCH_EUID, "ada", NULL), 0);
    all.invert = true;
    assert_string_equal(found(f, &all), "1 2 7 9");
    /* the whole is inverted, not each criterion; zombies stay out */
    assert_int_equal(match_pattern(&all, "runner", 0, NULL), 0);
    assert_int_equal(match_users(&all, &f->root, MATCH_EUID, "ada", NULL), 0);
    all.invert = true;
    assert_string_equal(found(f, &all), "1 2 5 7 9");
}

static int pidfile(struct match *m, struct fake *f, const char *text, bool locked, struct err *e)
{
    fake_write(f, "run/x.pid", text);
    return match_pidfile(m, &f->root, "/run/x.pid", locked, e);
}

static void test_pidfile(void **state)
{
    struct fake *f = *state;
    struct match all = MATCH_INIT;
    int fd;

    make_cast(f);
    assert_finds(pidfile(&m, f, "5", false, NULL), "5");
    assert_finds(pidfile(&m, f, " 5 \nmore\n", false, NULL), "5");
    assert_refuses(pidfile(&m, f, "", false, &e), "holds no process number");
    assert_refuses(pidfile(&m, f, "0\n", false, &e), "holds no process number");
    assert_refuses(pidfile(&m, f, "-5\n", false, &e), "holds no process number");
    assert_refuses(pidfile(&m, f, "5 6\n", false, &e), "holds no process number");
    /* no such file: nothing matches, which is not "everything" */
    assert_int_equal(match_pidfile(&all, &f->root, "/run/none.pid", false, NULL), 1);
    assert_true(all.any);
    assert_string_equal(found(f, &all), "");
    assert_int_equal(pidfile(&all, f, "5\n", true, NULL), 1);
    assert_string_equal(found(f, &all), "");
    fd = open(fake_path(f, "run/x.pid"), O_RDWR | O_CLOEXEC);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(match_pidfile(&all, &f->root, "/run/x.pid", true, NULL), 0);
    assert_string_equal(found(f, &all), "5");
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_words, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_files, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_forgotten_script, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_numbers, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_own, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_users, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_state, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_age, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_sizes, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_places, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_named_container, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_variables, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_namespaces, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_invert, fake_setup, fake_teardown),
        cmocka_unit_test_setup_teardown(test_pidfile, fake_setup, fake_teardown),
    };

    return cmocka_run_group_tests_name("match", tests, NULL, NULL);
}
