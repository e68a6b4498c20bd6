/* SPDX-License-Identifier: MIT */
#include "deed_child.h"

#include "abi.h"
#include "monotonic.h"
#include "oomadj.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

/* READS: of what one that prints without end has ready, before others have their turn. BLIND:
 * without a descriptor of the process nothing tells of its end. */
enum { READS = 16, BLIND_MS = 100, ATTENTIVE_MS = 500, DYING_MS = 100 };

/* ---- in the new process */

static void reset_signals(void)
{
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void deed_child_reset_rank(struct deed_child_rank rank)
{
    _cleanup_(root_close) struct root live = ROOT_INIT;

    /* one that may not lower it keeps it, which is no reason not to run */
    if (root_open(&live, NULL, NULL) == 0)
        oomadj_write(&live, rank.oom_score_adj);
    setpriority(PRIO_PROCESS, 0, rank.nice);
}

/* What systemd told the guard is meant for nobody else. */
static void forget_manager(void)
{
    static const char *const names[] = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC",
                                        "LISTEN_PID",    "LISTEN_FDS",   "LISTEN_FDNAMES"};

    for (size_t i = 0; i < ARRAY_SIZE(names); i++)
        unsetenv(names[i]);
}

static _Noreturn void child(deed_child_become *fn, const void *arg, struct deed_child_rank rank,
                            int out)
{
    int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    setpgid(0, 0);
    reset_signals();
    deed_child_reset_rank(rank);
    forget_manager();
    if (dup2(null, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0)
        _exit(DEED_CHILD_CANNOT_RUN);
    _exit(fn(arg));
}

int deed_child_exec(const char *const *argv)
{
    /* execvp(3) takes the words of others as its own and does not write to them */
    execvp(argv[0], (char *const *)(uintptr_t)argv);
    dprintf(2, "%s: %s\n", argv[0], strerror(errno));
    return errno == ENOENT ? DEED_CHILD_NOT_FOUND : DEED_CHILD_CANNOT_RUN;
}

/* ---- beside it */

int deed_child_start(struct deed_child *c, deed_child_become *fn, const void *arg,
                     struct deed_child_rank rank, char *kept, uint64_t timeout_ms, struct err *e)
{
    uint64_t now = monotonic_ms();
    int fds[2], r;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(e, -errno, "cannot make a pipe");
    pid = fork();
    if (pid == 0)
        child(fn, arg, rank, fds[1]);
    r = -errno;
    close(fds[1]);
    if (pid < 0) {
        close(fds[0]);
        return err_sys(e, r, "cannot start a process");
    }
    /* both of us do it, because nobody knows who comes first */
    setpgid(pid, pid);
    fcntl(fds[0], F_SETFL, O_NONBLOCK);
    kept[0] = '\0';
    *c = (struct deed_child){
        .pid = pid, .out = fds[0], .kept = kept, .began = now, .timeout_ms = timeout_ms};
    c->fd = (int)syscall(ABI_SYS_PIDFD_OPEN, pid, 0);
    c->until = monotonic_after(now, timeout_ms);
    return 0;
}

size_t deed_child_poll(const struct deed_child *c, struct pollfd fds[static DEED_CHILD_FDS],
                       uint64_t *until)
{
    size_t n = 0;

    *until = c->until;
    if (c->out >= 0)
        fds[n++] = (struct pollfd){.fd = c->out, .events = POLLIN};
    if (c->fd >= 0)
        fds[n++] = (struct pollfd){.fd = c->fd, .events = POLLIN};
    else if (*until > monotonic_ms() + BLIND_MS)
        *until = monotonic_ms() + BLIND_MS;
    return n;
}

static void keep(struct deed_child *c, const char *text, size_t n)
{
    size_t room = DEED_CHILD_OUTPUT - c->n;

    c->cut |= n > room;
    n = n > room ? room : n;
    for (size_t i = 0; i < n; i++)
        c->kept[c->n + i] = text[i] ? text[i] : '?';
    c->n += n;
    c->kept[c->n] = '\0';
}

static void take_output(struct deed_child *c)
{
    char text[4096];
    ssize_t n = 1;

    for (int i = 0; i < READS && c->out >= 0 && n > 0; i++) {
        n = read(c->out, text, sizeof(text));
        if (n > 0)
            keep(c, text, (size_t)n);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            close_fd(&c->out);
    }
}

/* It is not reaped yet, so the number is nobody else's. */
static void signal_all(const struct deed_child *c, int number)
{
    kill(-c->pid, number);
    /* it may have left its group, which has nobody in it then */
    kill(c->pid, number);
}

static bool has_ended(struct deed_child *c)
{
    siginfo_t info = {.si_pid = 0};

    if (waitid(P_PID, (id_t)c->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == 0)
        return false;
    /* what it left in its group when its time was over goes with it */
    if (c->signal)
        kill(-c->pid, SIGKILL);
    waitpid(c->pid, &c->status, 0);
    return true;
}

/* It has ended. */
static void forget(struct deed_child *c)
{
    c->pid = 0;
    close_fd(&c->fd);
    close_fd(&c->out);
}

bool deed_child_go_on(struct deed_child *c, uint64_t now)
{
    take_output(c);
    if (has_ended(c)) {
        /* what was printed before the end is all there; those who stay behind are not waited for */
        take_output(c);
        forget(c);
        return true;
    }
    if (now < c->until)
        return false;
    if (c->signal == SIGKILL) {
        c->status = SIGKILL;
        bounded_left_add(c->left, c->pid);
        forget(c);
        return true;
    }
    c->until = now + DEED_CHILD_GRACE_MS;
    c->signal = c->signal ? SIGKILL : SIGTERM;
    signal_all(c, c->signal);
    return false;
}

void deed_child_stop(struct deed_child *c)
{
    if (c->pid > 0) {
        struct pollfd end = {.fd = c->fd, .events = POLLIN};

        signal_all(c, SIGKILL);
        /* it takes no time, but for what hangs in the kernel */
        poll(&end, 1, DYING_MS);
        if (waitpid(c->pid, NULL, WNOHANG) == 0)
            bounded_left_add(c->left, c->pid);
    }
    forget(c);
}

static bool asked_to_end(void)
{
    sigset_t pending;

    return sigpending(&pending) == 0 &&
           (sigismember(&pending, SIGTERM) == 1 || sigismember(&pending, SIGINT) == 1);
}

void deed_child_wait(struct deed_child *c)
{
    struct pollfd fds[DEED_CHILD_FDS];
    uint64_t now, until;

    do {
        size_t n = deed_child_poll(c, fds, &until);

        if (asked_to_end()) {
            deed_child_stop(c);
            c->status = SIGKILL;
            return;
        }
        now = monotonic_ms();
        poll(fds, (nfds_t)n,
             until <= now                 ? 0
             : until - now > ATTENTIVE_MS ? ATTENTIVE_MS
                                          : (int)(until - now));
    } while (!deed_child_go_on(c, monotonic_ms()));
}
