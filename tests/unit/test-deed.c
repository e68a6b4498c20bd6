/* SPDX-License-Identifier: MIT */
#include "deed.h"
#include "fakeproc.h"
#include "monotonic.h"

#include <signal.h>
#include <sys/wait.h>

/* All that is real here are children of the test, which are named by their numbers. */
/* A kernel before 5.3. */
static bool old_kernel;
int __real_pidfd_open_same(int proc, pid_t pid, uint64_t start, int *fd, struct err *e);
int __wrap_pidfd_open_same(int proc, pid_t pid, uint64_t start, int *fd, struct err *e);

int __wrap_pidfd_open_same(int proc, pid_t pid, uint64_t start, int *fd, struct err *e)
{
    if (old_kernel)
        return err_unsupported(e, -EOPNOTSUPP, "no pidfd_open");
    return __real_pidfd_open_same(proc, pid, start, fd, e);
}

struct scene {
    struct deed_dying dying;
    struct deed_policy policy;
    struct rule_action action;
    char text[64];
    struct deed_plan *plan;
    struct deed *deed;
};

static const struct deed_cause cause = {.rule = "ram>80%: exec", .metric = "ram", .value = "93.2%"};
static struct root live = {.fd = -1};

static void begin(struct scene *s, enum rule_verb verb)
{
    *s = (struct scene){.dying = DEED_DYING_INIT};
    s->policy = (struct deed_policy){.root = &live, .dying = &s->dying};
    s->action = (struct rule_action){.verb = verb, .timeout_ms = RULE_NO_TIMEOUT};
}

/* Wait for the end of a deed, as the guard does. */
static enum deed_state finish(struct deed *d)
{
    struct pollfd fds[DEED_FDS];
    uint64_t until;

    while (deed_state(d) == DEED_UNDER_WAY) {
        size_t n = deed_poll(d, fds, &until);
        uint64_t now = monotonic_ms();

        assert_true(n > 0 || until != UINT64_MAX);
        poll(fds, (nfds_t)n, until == UINT64_MAX ? -1 : until <= now ? 0 : (int)(until - now));
        deed_continue(d, monotonic_ms());
    }
    return deed_state(d);
}

static void end(struct scene *s)
{
    deed_free(&s->deed);
    deed_plan_free(&s->plan);
    deed_dying_clear(&s->dying);
}

static void start(struct scene *s)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    if (deed_plan_new(&s->action, &s->policy, &s->plan, &e) < 0)
        fail_msg("%s", e.text);
    s->deed = deed_start(s->plan, &cause, monotonic_ms());
    assert_non_null(s->deed);
}

static void assert_wrong(struct scene *s, enum err_kind kind, const char *part)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;

    assert_true(deed_plan_new(&s->action, &s->policy, &s->plan, &e) < 0);
    assert_null(s->plan);
    assert_int_equal(e.kind, kind);
    fake_assert_message(&e, part);
}

/* ---- exec */

static void run(struct scene *s, const char *const *words, uint64_t timeout_ms)
{
    begin(s, RULE_EXEC);
    s->action.words = (char **)(uintptr_t)words;
    while (words[s->action.n_words])
        s->action.n_words++;
    s->action.timeout_ms = timeout_ms;
    start(s);
}

#define RUN(s, timeout, ...) run(s, (const char *const[]){__VA_ARGS__, NULL}, timeout)

static void test_exec(void **state _unused_)
{
    struct scene s;

    RUN(&s, RULE_NO_TIMEOUT, "sh", "-c",
        "echo \"$HEADROOM_RULE|$HEADROOM_METRIC|$HEADROOM_VALUE\"; echo err >&2; cat");
    assert_null(deed_start(s.plan, &cause, 0));
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_string_equal(deed_output(s.deed), "ram>80%: exec|ram|93.2%\nerr\n");
    assert_non_null(strstr(deed_text(s.deed), "sh ended with 0 after "));
    deed_free(&s.deed);
    s.deed = deed_start(s.plan, &cause, monotonic_ms());
    assert_int_equal(finish(s.deed), DEED_DONE);
    end(&s);
}

static void assert_run(const char *const *words, const char *part, const char *output)
{
    struct scene s;

    run(&s, words, RULE_NO_TIMEOUT);
    assert_int_equal(finish(s.deed), DEED_FAILED);
    if (!strstr(deed_text(s.deed), part))
        fail_msg("%s", deed_text(s.deed));
    if (!output)
        assert_null(deed_output(s.deed));
    else
        assert_string_equal(deed_output(s.deed), output);
    end(&s);
}

#define ASSERT_RUN(part, output, ...)                                                              \
    assert_run((const char *const[]){__VA_ARGS__, NULL}, part, output)

static void test_exec_fails(void **state _unused_)
{
    ASSERT_RUN("ended with 3 after", NULL, "sh", "-c", "exit 3");
    ASSERT_RUN("was ended by SIGUSR1 after", NULL, "sh", "-c", "kill -USR1 $$");
    ASSERT_RUN("ended with 127 after", "/no/such: No such file or directory\n", "/no/such");
    ASSERT_RUN("; there is no such program", "/no/such: No such file or directory\n", "/no/such");
    ASSERT_RUN("; it cannot be run", "/etc/passwd: Permission denied\n", "/etc/passwd");
}

static void test_exec_plain(void **state _unused_)
{
    struct scene s;
    sigset_t all, before;
    char *adj, wanted[128];
    FILE *f = fopen("/proc/self/oom_score_adj", "r");
    size_t size = 0;

    assert_non_null(f);
    adj = NULL;
    assert_true(getline(&adj, &size, f) > 0);
    fclose(f);
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    signal(SIGPIPE, SIG_IGN);
    setenv("NOTIFY_SOCKET", "/run/x", 1);
    begin(&s, RULE_EXEC);
    s.policy.rank = (struct deed_child_rank){atoi(adj) + 100, 19};
    s.action.words = (char *[]){"sh", "-c",
                                "grep -E '^Sig(Blk|Ign)' /proc/self/status; cat "
                                "/proc/self/oom_score_adj; echo \"<$NOTIFY_SOCKET>\"; "
                                "readlink /proc/self/fd/0; set -- $(cat /proc/$$/stat); echo "
                                "$(($5 - $$)); nice",
                                NULL};
    s.action.n_words = 3;
    start(&s);
    assert_int_equal(finish(s.deed), DEED_DONE);
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
    unsetenv("NOTIFY_SOCKET");
    snprintf(wanted, sizeof(wanted),
             "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n%d\n<>\n/dev/null\n0\n19\n",
             atoi(adj) + 100);
    assert_string_equal(deed_output(s.deed), wanted);
    free(adj);
    end(&s);
}

static void test_exec_output(void **state _unused_)
{
    struct scene s;

    RUN(&s, RULE_NO_TIMEOUT, "sh", "-c", "yes | head -c 300000; printf 'a\\0b'");
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_int_equal(strlen(deed_output(s.deed)), 64 * 1024);
    assert_non_null(strstr(deed_text(s.deed), "; it printed more than is kept"));
    end(&s);
    RUN(&s, RULE_NO_TIMEOUT, "printf", "a\\0b");
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_string_equal(deed_output(s.deed), "a?b");
    end(&s);
}

/* Nobody waits for what it leaves behind. */
static void test_exec_daemon(void **state _unused_)
{
    struct scene s;

    RUN(&s, RULE_NO_TIMEOUT, "sh", "-c", "sleep 600 & echo $!");
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_int_equal(kill(atoi(deed_output(s.deed)), SIGKILL), 0);
    end(&s);
}

static void test_exec_timeout(void **state _unused_)
{
    struct scene s;

    RUN(&s, 50, "sh", "-c", "sleep 600");
    assert_int_equal(finish(s.deed), DEED_FAILED);
    if (!strstr(deed_text(s.deed), "sh took longer than 0.05 s and was ended by SIGTERM"))
        fail_msg("%s", deed_text(s.deed));
    end(&s);
}

/* The clock is the test's own here. */
static void test_exec_deaf(void **state _unused_)
{
    struct pollfd fds[DEED_FDS];
    struct scene s;
    uint64_t until;

    RUN(&s, 1000000, "sh", "-c", "trap '' TERM; echo; while :; do sleep 600; done");
    while (!deed_output(s.deed)) {
        size_t n = deed_poll(s.deed, fds, &until);

        poll(fds, (nfds_t)n, -1);
        assert_int_equal(deed_continue(s.deed, until - 1), DEED_UNDER_WAY);
    }
    assert_int_equal(deed_continue(s.deed, until), DEED_UNDER_WAY);
    deed_poll(s.deed, fds, &until);
    assert_int_equal(deed_continue(s.deed, until), DEED_UNDER_WAY);
    assert_int_equal(finish(s.deed), DEED_FAILED);
    if (!strstr(deed_text(s.deed), "sh took longer than 1000 s and was ended by SIGKILL"))
        fail_msg("%s", deed_text(s.deed));
    end(&s);
}

/* What is under way ends with the guard. */
static void test_exec_freed(void **state _unused_)
{
    struct pollfd fds[DEED_FDS];
    struct scene s;
    uint64_t until;
    pid_t pid;

    RUN(&s, RULE_NO_TIMEOUT, "sh", "-c", "echo $$; exec sleep 600");
    while (!deed_output(s.deed)) {
        poll(fds, (nfds_t)deed_poll(s.deed, fds, &until), -1);
        deed_continue(s.deed, 0);
    }
    pid = atoi(deed_output(s.deed));
    assert_int_equal(kill(pid, 0), 0);
    end(&s);
    assert_int_equal(kill(pid, 0), -1);
}

/* ---- signal and kill */

/* A child that is another program than this one; with SIGTERM ignored if it is deaf. */
static pid_t make_child(bool deaf)
{
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        if (deaf)
            signal(SIGTERM, SIG_IGN);
        execlp("sleep", "sleep", "600", NULL);
        _exit(1);
    }
    return pid;
}

/* The child runs its program, and no more a copy of ours, which would be left out as such. */
static void await_program(pid_t pid)
{
    char path[32], link[64];
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
    do {
        n = readlink(path, link, sizeof(link) - 1);
        assert_true(n > 0);
        link[n] = '\0';
    } while (strstr(link, "test-deed"));
}

static int end_of(pid_t pid)
{
    int status;

    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void aim(struct scene *s, enum rule_verb verb, const char *option, pid_t pid)
{
    begin(s, verb);
    snprintf(s->text, sizeof(s->text), "%s %d", option, (int)pid);
    s->action.text = s->text;
    s->action.signal = SIGUSR1;
}

static void test_signal(void **state _unused_)
{
    pid_t one = make_child(false), two = make_child(false);
    const char *const protect[] = {"-p 1", NULL};
    struct scene s;

    await_program(one);
    await_program(two);
    aim(&s, RULE_SIGNAL, "-x sleep -P", getpid());
    s.policy.protect = protect;
    start(&s);
    assert_int_equal(deed_state(s.deed), DEED_DONE);
    assert_int_equal(end_of(one), SIGUSR1);
    assert_int_equal(end_of(two), SIGUSR1);
    assert_non_null(strstr(deed_text(s.deed), "sent SIGUSR1 to "));
    assert_null(deed_output(s.deed));
    end(&s);
}

/* The one is protected, the test itself is nobody's aim, and a dry run does nothing. */
static void test_signal_spared(void **state _unused_)
{
    pid_t pid = make_child(false);
    char protect[32], wanted[64];
    struct scene s;

    await_program(pid);
    snprintf(protect, sizeof(protect), "-p %d", (int)pid);
    aim(&s, RULE_SIGNAL, "-p", pid);
    s.policy.protect = (const char *const[]){protect, NULL};
    start(&s);
    assert_int_equal(deed_state(s.deed), DEED_FAILED);
    snprintf(wanted, sizeof(wanted), "; left out: %d sleep is protected", (int)pid);
    if (!strstr(deed_text(s.deed), wanted))
        fail_msg("%s", deed_text(s.deed));
    end(&s);
    aim(&s, RULE_SIGNAL, "-p", getpid());
    start(&s);
    assert_int_equal(deed_state(s.deed), DEED_FAILED);
    assert_string_equal(deed_text(s.deed),
                        "sent SIGUSR1 to nobody: no process that may be signalled matches");
    end(&s);
    aim(&s, RULE_SIGNAL, "-p", pid);
    s.policy.dry_run = true;
    start(&s);
    assert_int_equal(deed_state(s.deed), DEED_DONE);
    snprintf(wanted, sizeof(wanted), "would send SIGUSR1 to %d sleep", (int)pid);
    assert_string_equal(deed_text(s.deed), wanted);
    end(&s);
    kill(pid, SIGKILL);
    assert_int_equal(end_of(pid), SIGKILL);
}

static void test_kill(void **state _unused_)
{
    pid_t pid = make_child(false);
    struct scene s;

    await_program(pid);
    aim(&s, RULE_KILL, "-x sleep -P", getpid());
    start(&s);
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_int_equal(end_of(pid), SIGTERM);
    if (!strstr(deed_text(s.deed), " sleep (") || !strstr(deed_text(s.deed), " by SIGTERM after "))
        fail_msg("%s", deed_text(s.deed));
    /* there is nobody else */
    s.dying.until = 0;
    deed_free(&s.deed);
    s.deed = deed_start(s.plan, &cause, UINT64_MAX - 1);
    assert_int_equal(deed_state(s.deed), DEED_FAILED);
    assert_string_equal(deed_text(s.deed), "killed nobody: no process that may be killed matches");
    end(&s);
}

static void test_kill_deaf(void **state _unused_)
{
    pid_t pid = make_child(true);
    struct pollfd fds[DEED_FDS];
    struct scene s;
    uint64_t until;

    await_program(pid);
    aim(&s, RULE_KILL, "-p", pid);
    s.action.timeout_ms = 3600000;
    start(&s);
    assert_int_equal(deed_poll(s.deed, fds, &until), 1);
    assert_int_equal(deed_continue(s.deed, until - 1), DEED_UNDER_WAY);
    assert_int_equal(kill(pid, 0), 0);
    assert_int_equal(deed_continue(s.deed, until), DEED_UNDER_WAY);
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_int_equal(end_of(pid), SIGKILL);
    assert_non_null(strstr(deed_text(s.deed), " by SIGKILL after "));
    end(&s);
}

static void test_kill_at_once(void **state _unused_)
{
    pid_t pid = make_child(true);
    struct scene s;

    await_program(pid);
    aim(&s, RULE_KILL, "-p", pid);
    s.action.timeout_ms = 0;
    start(&s);
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_int_equal(end_of(pid), SIGKILL);
    end(&s);
}

static void test_old_kernel(void **state)
{
    old_kernel = true;
    test_signal(state);
    test_kill(state);
    test_kill_at_once(state);
    old_kernel = false;
}

static bool no(void *arg)
{
    *(bool *)arg = true;
    return false;
}

/* While one is dying no other is killed; and not afterwards if that has helped. */
static void test_kill_waits(void **state _unused_)
{
    pid_t one = make_child(true), two = make_child(false);
    struct deed_cause asks = cause;
    struct pollfd fds[DEED_FDS];
    struct scene s, t;
    bool asked = false;
    uint64_t until;

    await_program(one);
    await_program(two);
    aim(&s, RULE_KILL, "-p", one);
    start(&s);
    aim(&t, RULE_KILL, "-p", two);
    t.policy.dying = &s.dying;
    asks.holds = no;
    asks.arg = &asked;
    assert_int_equal(deed_plan_new(&t.action, &t.policy, &t.plan, NULL), 0);
    t.deed = deed_start(t.plan, &asks, monotonic_ms());
    assert_int_equal(deed_state(t.deed), DEED_UNDER_WAY);
    assert_int_equal(deed_poll(t.deed, fds, &until), 1);
    assert_true(until < UINT64_MAX);
    assert_int_equal(deed_continue(t.deed, monotonic_ms()), DEED_UNDER_WAY);
    assert_int_equal(s.dying.hold.pid, one);
    kill(one, SIGKILL);
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_false(asked);
    assert_int_equal(finish(t.deed), DEED_DONE);
    assert_true(asked);
    assert_string_equal(deed_text(t.deed),
                        "killed nobody: after the end of another none is known to be needed");
    assert_int_equal(end_of(one), SIGKILL);
    assert_int_equal(kill(two, SIGKILL), 0);
    assert_int_equal(end_of(two), SIGKILL);
    end(&t);
    end(&s);
}

/* But not for ever. */
static void test_kill_waits_no_more(void **state _unused_)
{
    pid_t one = make_child(true), two = make_child(false);
    struct pollfd fds[DEED_FDS];
    struct scene s, t;
    uint64_t until;

    await_program(one);
    await_program(two);
    aim(&s, RULE_KILL, "-p", one);
    start(&s);
    aim(&t, RULE_KILL, "-p", two);
    t.policy.dying = &s.dying;
    start(&t);
    assert_int_equal(deed_poll(t.deed, fds, &until), 1);
    assert_int_equal(deed_continue(t.deed, until), DEED_UNDER_WAY);
    assert_int_equal(s.dying.hold.pid, two);
    assert_int_equal(finish(t.deed), DEED_DONE);
    assert_int_equal(end_of(two), SIGTERM);
    kill(one, SIGKILL);
    assert_int_equal(finish(s.deed), DEED_DONE);
    assert_int_equal(end_of(one), SIGKILL);
    end(&t);
    end(&s);
}

/* ---- what is wrong with the words */

static void test_wrong(void **state _unused_)
{
    char *const dir[] = {"1M", "data", NULL}, *const none[] = {"1M", "/no/such", NULL};
    struct scene s;

    begin(&s, RULE_KILL);
    assert_wrong(&s, ERR_USAGE, "\"kill .\" means all processes");
    s.action.text = " ";
    assert_wrong(&s, ERR_USAGE, "kill: whom?");
    s.action.text = "--no-such-option";
    assert_wrong(&s, ERR_USAGE, "kill: ");
    s.action.text = "-v -x sleep";
    assert_wrong(&s, ERR_REFUSED, "kill: all but some processes are refused");
    s.action.text = "-x sleep --newest";
    assert_wrong(&s, ERR_USAGE, "--newest and --oldest are not for it");
    s.action.text = "-x sleep";
    s.policy.protect = (const char *const[]){"-u no-such-user", NULL};
    assert_wrong(&s, ERR_USAGE, "--protect: ");
    begin(&s, RULE_EXEC);
    assert_wrong(&s, ERR_USAGE, "exec: missing a command");
    begin(&s, RULE_SWAP_ADD);
    s.action.words = (char **)(uintptr_t)dir;
    s.action.n_words = 2;
    s.action.bytes = 1 << 20;
    s.policy.swap_bound = UINT64_MAX;
    assert_wrong(&s, ERR_USAGE, "swap-add: data: must begin with /");
    s.action.words = (char **)(uintptr_t)none;
    assert_wrong(&s, ERR_USAGE, "swap-add: /no/such: No such file or directory");
    begin(&s, RULE_RECLAIM);
    s.action.words = (char *[]){"a/../b", "1M", NULL};
    s.action.n_words = 2;
    assert_wrong(&s, ERR_USAGE, "a/../b");
    begin(&s, RULE_LIMIT);
    s.action.words = (char *[]){"-x sleep", NULL};
    s.action.n_words = 1;
    assert_wrong(&s, ERR_USAGE, "limit: wanted are CRITERIA");
}

/* Below a foreign root nobody can be killed, but it can be told who would be. */
static void test_foreign(void **state)
{
    struct fake *f = *state;
    struct scene s;

    fakeproc_make(f, (struct fakeproc){.pid = 1, .comm = "init", .rss_kib = 9, .swap_kib = 0});
    fakeproc_make(f, (struct fakeproc){.pid = 70, .comm = "a", .rss_kib = 2048, .swap_kib = 1024});
    fakeproc_make(f,
                  (struct fakeproc){
                      .pid = 71, .comm = "sshd", .exe = "/sshd", .rss_kib = 9999, .swap_kib = 0});
    begin(&s, RULE_KILL);
    s.policy.root = &f->root;
    s.action.text = ".";
    assert_wrong(&s, ERR_UNSUPPORTED, "--dry-run shows whom it would hit");
    s.policy.dry_run = true;
    start(&s);
    assert_int_equal(deed_state(s.deed), DEED_DONE);
    assert_string_equal(deed_text(s.deed), "would kill 70 a (2M resident, 1M swapped); left alone: "
                                           "71 sshd is what the machine is run with");
    end(&s);
}

static void test_caller(void **state _unused_)
{
    struct scene s;

    begin(&s, RULE_WARN);
    start(&s);
    assert_int_equal(deed_state(s.deed), DEED_DONE);
    assert_null(deed_text(s.deed));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exec),
        cmocka_unit_test(test_exec_fails),
        cmocka_unit_test(test_exec_plain),
        cmocka_unit_test(test_exec_output),
        cmocka_unit_test(test_exec_daemon),
        cmocka_unit_test(test_exec_timeout),
        cmocka_unit_test(test_exec_deaf),
        cmocka_unit_test(test_exec_freed),
        cmocka_unit_test(test_signal),
        cmocka_unit_test(test_signal_spared),
        cmocka_unit_test(test_kill),
        cmocka_unit_test(test_kill_deaf),
        cmocka_unit_test(test_kill_at_once),
        cmocka_unit_test(test_old_kernel),
        cmocka_unit_test(test_kill_waits),
        cmocka_unit_test(test_kill_waits_no_more),
        cmocka_unit_test(test_wrong),
        cmocka_unit_test_setup_teardown(test_foreign, fake_setup, fake_teardown),
        cmocka_unit_test(test_caller),
    };
    int r;

    if (root_open(&live, NULL, NULL) < 0)
        return 99;
    r = cmocka_run_group_tests_name("deed", tests, NULL, NULL);
    root_close(&live);
    return r;
}
