/* SPDX-License-Identifier: MIT */
#include "bounded.h"

#include "monotonic.h"

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>

enum { FDS_MAX = 1024, BURY_MS = 100 };

/* A child that hangs for hours must hold nothing that others wait for: our standard output, say.
 * What is ours alone is marked as closed by execve(2). */
static void let_go(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    for (int fd = 0; fd <= 2; fd++)
        if (null < 0 || dup2(null, fd) < 0)
            close(fd);
    for (int fd = 3; fd < FDS_MAX; fd++)
        if (fcntl(fd, F_GETFD) == 0)
            close(fd);
}

static _Noreturn void child(pid_t parent, bounded_fn *fn, void *arg, int out)
{
    let_go();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    if (getppid() == parent)
        fn(arg, out);
    _exit(0);
}

int bounded_start(struct bounded *b, bounded_fn *fn, void *arg, struct err *e)
{
    pid_t parent = getpid(), pid;
    int fds[2];

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(e, -errno, "cannot make a pipe");
    pid = fork();
    if (pid == 0)
        child(parent, fn, arg, fds[1]);
    close(fds[1]);
    if (pid < 0) {
        int r = -errno;

        close(fds[0]);
        return err_sys(e, r, "cannot start a child process");
    }
    *b = (struct bounded){.fd = fds[0], .pid = pid};
    return 0;
}

bool bounded_answers(const struct bounded *b, uint64_t ms)
{
    struct pollfd in = {.fd = b->fd, .events = POLLIN};
    int n;

    do
        n = poll(&in, 1, ms > INT_MAX ? INT_MAX : (int)ms);
    while (n < 0 && errno == EINTR);
    return n == 1;
}

void bounded_end(struct bounded *b)
{
    if (b->pid > 0) {
        kill(b->pid, SIGKILL);
        /* what hangs in the kernel is left to process 1 */
        waitpid(b->pid, NULL, WNOHANG);
    }
    close_fd(&b->fd);
    *b = BOUNDED_INIT;
}

void bounded_left_clear(struct bounded_left *left)
{
    free(left->v);
    *left = BOUNDED_LEFT_INIT;
}

void bounded_left_add(struct bounded_left *left, pid_t pid)
{
    pid_t *v = left ? reallocarray(left->v, left->n + 1, sizeof(*v)) : NULL;

    if (!v)
        return;
    left->v = v;
    left->v[left->n++] = pid;
}

void bounded_left_reap(struct bounded_left *left)
{
    size_t kept = 0;

    for (size_t i = 0; i < left->n; i++)
        if (waitpid(left->v[i], NULL, WNOHANG) == 0)
            left->v[kept++] = left->v[i];
    left->n = kept;
}

void bounded_bury(struct bounded *b, struct bounded_left *left)
{
    const struct timespec moment = {.tv_nsec = 1000000};
    pid_t pid = b->pid;
    bool hangs = pid > 0;

    if (pid > 0)
        kill(pid, SIGKILL);
    for (int i = 0; hangs && i < BURY_MS; i++) {
        hangs = waitpid(pid, NULL, WNOHANG) == 0;
        if (hangs)
            nanosleep(&moment, NULL);
    }
    if (hangs)
        bounded_left_add(left, pid);
    close_fd(&b->fd);
    *b = BOUNDED_INIT;
}

struct call {
    int (*fn)(void *arg);
    void *arg;
};

static void run_call(void *arg, int out)
{
    const struct call *call = arg;
    int r = call->fn(call->arg);

    while (write(out, &r, sizeof(r)) < 0 && errno == EINTR)
        ;
}

static int wait_for(const struct bounded *b, uint64_t timeout_ms, bool (*interrupted)(void *),
                    void *arg)
{
    struct pollfd in = {.fd = b->fd, .events = POLLIN};
    uint64_t start = monotonic_ms(), passed = 0;
    int n = 0;

    while (n == 0 && passed < timeout_ms) {
        uint64_t left = timeout_ms - passed;

        /* looks at the clock and for signals at least once a second */
        n = poll(&in, 1, left > 1000 ? 1000 : (int)left);
        if (n < 0 && errno != EINTR)
            return -errno;
        if (interrupted && interrupted(arg))
            return -EINTR;
        n = n < 0 ? 0 : n;
        passed = monotonic_ms() - start;
    }
    return n > 0 ? 0 : -ETIMEDOUT;
}

int bounded_call(int (*fn)(void *arg), void *arg, uint64_t timeout_ms, bool (*interrupted)(void *),
                 void *interrupted_arg, struct err *e)
{
    struct call call = {fn, arg};
    struct bounded b;
    int result, r = bounded_start(&b, run_call, &call, e);

    if (r < 0)
        return r;
    r = wait_for(&b, timeout_ms, interrupted, interrupted_arg);
    if (r == 0 && read(b.fd, &result, sizeof(result)) != (ssize_t)sizeof(result))
        r = err_set(e, -ECHILD, "the child process ended without an answer");
    bounded_end(&b);
    return r < 0 ? r : result;
}
