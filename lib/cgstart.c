/* SPDX-License-Identifier: MIT */
#include "cgstart.h"

#include "abi.h"
#include "cgattach.h"
#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

static int explain(int r, const char *path, struct err *e)
{
    switch (r) {
    case -EAGAIN:
        return err_set(e, r,
                       "/%s: cannot start a process in it; a limit of processes is reached "
                       "(pids.max, ulimit -u)",
                       path);
    case -EBUSY:
        return err_refuse(e, r, "/%s: hands controllers to groups in it, so it takes no processes",
                          path);
    case -EACCES:
    case -EPERM:
        return err_sys(e, r,
                       "/%s: cannot start a process in it; that group and the one above both "
                       "must be yours",
                       path);
    default:
        return err_sys(e, r, "/%s: cannot start a process in it", path);
    }
}

/* The child waits until it is told that it was moved; it ends when nobody tells it. */
static pid_t fork_and_move(int group, const char *path, struct err *e)
{
    int fds[2], r;
    char go = 1;
    pid_t pid;

    if (pipe2(fds, O_CLOEXEC) < 0)
        return err_sys(e, -errno, "cannot make a pipe");
    pid = fork();
    if (pid == 0) {
        close(fds[1]);
        if (read(fds[0], &go, 1) != 1)
            _exit(125);
        close(fds[0]);
        return 0;
    }
    r = pid < 0 ? explain(-errno, path, e) : cgattach_move(group, path, pid, e);
    close(fds[0]);
    if (r == 0 && write(fds[1], &go, 1) != 1)
        r = err_sys(e, -EIO, "cannot wake the child");
    close(fds[1]);
    if (r < 0 && pid > 0)
        waitpid(pid, NULL, 0);
    return r < 0 ? r : pid;
}

pid_t cgstart_fork(int group, const char *path, struct err *e)
{
    struct abi_clone_args args = {
        .flags = ABI_CLONE_INTO_CGROUP,
        .exit_signal = SIGCHLD,
        .cgroup = (uint64_t)group,
    };
    long pid = syscall(SYS_clone3, &args, sizeof(args));

    if (pid >= 0)
        return (pid_t)pid;
    if (errno == ENOSYS || errno == E2BIG || errno == EINVAL || errno == EPERM)
        return fork_and_move(group, path, e);
    return explain(-errno, path, e);
}
