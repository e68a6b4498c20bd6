/* SPDX-License-Identifier: MIT */
#include "pidfd.h"
#include "abi.h"
#include "procscan.h"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

static int start_of(int proc, pid_t pid, uint64_t *out)
{
    struct procscan_text text = {.p = NULL};
    struct proc_stat stat;
    char path[32];
    int r;

    snprintf(path, sizeof(path), "%d/stat", (int)pid);
    r = procscan_read_text(proc, path, &text);
    if (r == 0)
        r = proc_stat_parse(text.p, &stat);
    procscan_text_clear(&text);
    if (r == 0)
        *out = stat.start;
    return r;
}

int pidfd_open_same(int proc, pid_t pid, uint64_t start, int *fd, struct err *e)
{
    _cleanup_(close_fd) int new = (int)syscall(ABI_SYS_PIDFD_OPEN, pid, 0);
    uint64_t now;
    int r;

    if (new < 0 && errno == ESRCH)
        return -ESRCH;
    if (new < 0 && errno == ENOSYS)
        return err_unsupported(
            e, -EOPNOTSUPP, "process %d: this kernel cannot hold a process (pidfd_open)", (int)pid);
    if (new < 0)
        return err_sys(e, -errno, "process %d: cannot open", (int)pid);
    r = start_of(proc, pid, &now);
    if (r == -ENOENT || r == -ESRCH || (r == 0 && now != start))
        return -ESRCH;
    if (r < 0)
        return err_sys(e, r, "process %d: cannot read its start time", (int)pid);
    *fd = TAKE_FD(new);
    return 0;
}

int pidfd_signal(int fd, int number)
{
    return syscall(ABI_SYS_PIDFD_SEND_SIGNAL, fd, number, NULL, 0) < 0 ? -errno : 0;
}

int pidfd_signal_value(int fd, int number, int value)
{
    siginfo_t info = {.si_signo = number, .si_code = SI_QUEUE};

    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = value;
    return syscall(ABI_SYS_PIDFD_SEND_SIGNAL, fd, number, &info, 0) < 0 ? -errno : 0;
}

int pidfd_release_memory(int fd)
{
    return syscall(ABI_SYS_PROCESS_MRELEASE, fd, 0) < 0 ? -errno : 0;
}

int pidfd_inode(int fd, uint64_t *out, struct err *e)
{
    struct statfs fs;
    struct stat st;

    if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
        return err_sys(e, -errno, "pidfd: cannot look at it");
    /* before that all of them share one anonymous inode */
    if ((uint32_t)fs.f_type != ABI_MAGIC_PIDFS)
        return err_unsupported(e, -EOPNOTSUPP,
                               "this kernel gives processes no inode (pidfs); it needs Linux 6.9");
    *out = st.st_ino;
    return 0;
}

int pidfd_status(int fd, int *out)
{
    struct abi_pidfd_info info = {.mask = ABI_PIDFD_INFO_EXIT};

    if (ioctl(fd, ABI_PIDFD_GET_INFO, &info) < 0 || !(info.mask & ABI_PIDFD_INFO_EXIT))
        return -ENODATA;
    *out = info.exit_code;
    return 0;
}
