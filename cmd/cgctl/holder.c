/* SPDX-License-Identifier: MIT */
#include "holder.h"

#include "oomadj.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>

static _Noreturn void hold(const struct root *root, int fd)
{
    char c;

    /* the end of the pipe says the same, but not to one that is stopped or frozen */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, HOLDER_NAME);
    /* who kills for lack of memory shall take the command, which has the memory; only root may ask
     * for that */
    oomadj_write(root, OOMADJ_NEVER);
    while (read(fd, &c, 1) < 0 && errno == EINTR)
        ;
    _exit(0);
}

/* What a terminal sends to all in the foreground, and what systemd sends to all in a scope that it
 * stops, is for the command. */
static pid_t fork_deaf(void)
{
    sigset_t all, before;
    pid_t pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    pid = fork();
    if (pid != 0)
        sigprocmask(SIG_SETMASK, &before, NULL);
    return pid;
}

int holder_start(struct holder *h, const struct root *root, struct err *e)
{
    int fds[2];
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(e, -errno, "cannot make a pipe");
    pid = fork_deaf();
    if (pid == 0) {
        close(fds[1]);
        hold(root, fds[0]);
    }
    if (pid < 0)
        err_sys(e, -errno, "cannot start a process");
    close(fds[0]);
    if (pid < 0) {
        close(fds[1]);
        return pid;
    }
    *h = (struct holder){.pid = pid, .fd = fds[1]};
    return 0;
}

bool holder_lost(struct holder *h)
{
    if (h->pid <= 0 || waitpid(h->pid, NULL, WNOHANG) != h->pid)
        return false;
    h->pid = 0;
    return true;
}

void holder_clear(struct holder *h)
{
    if (h->pid > 0) {
        /* one that is frozen would not see the end of the pipe */
        kill(h->pid, SIGKILL);
        while (waitpid(h->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    close_fd(&h->fd);
    *h = HOLDER_INIT;
}
