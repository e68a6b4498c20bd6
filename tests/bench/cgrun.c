/* SPDX-License-Identifier: MIT */
/*
 * cgrun - the least that a program must do to run a command in a group of its own: mkdir, clone3,
 * wait, rmdir; what cgctl run is measured against
 *
 * usage: cgrun GROUP COMMAND [WORD...]
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct clone_args args = {.flags = CLONE_INTO_CGROUP, .exit_signal = SIGCHLD};
    int status, fd;
    long pid;

    if (argc < 3 || mkdir(argv[1], 0755) < 0 || (fd = open(argv[1], O_RDONLY | O_DIRECTORY)) < 0) {
        perror("cgrun");
        return 125;
    }
    args.cgroup = (uint64_t)fd;
    pid = syscall(SYS_clone3, &args, sizeof(args));
    if (pid == 0) {
        execvp(argv[2], argv + 2);
        _exit(127);
    }
    if (pid < 0 || waitpid((pid_t)pid, &status, 0) < 0 || rmdir(argv[1]) < 0) {
        perror("cgrun");
        return 125;
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
