/* SPDX-License-Identifier: MIT */
#include "cgstart.h"

#include "abi.h"
#include "cgattach.h"
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
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

static bool is_lacking(int error)
{
    return error == ENOSYS || error == E2BIG || error == EINVAL || error == EPERM;
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
    return is_lacking(errno) ? fork_and_move(group, path, e) : explain(-errno, path, e);
}

/* ---- without a copy of our memory */

/* The sanitizers know no second stack in one thread. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||                         \
    __has_feature(memory_sanitizer)
#define SANITIZED 1
#endif
#endif

/*
 * clone3(2) for a child with a stack of its own: nothing that the compiler put onto this one may be
 * used there, so the child calls @run at once and never comes back. Return: as the system call.
 */
#if defined(SANITIZED)
#define CAN_SHARE 0
#elif defined(__x86_64__) && defined(__LP64__)
#define CAN_SHARE 1
static long clone_and_run(struct abi_clone_args *args, size_t size, cgstart_fn *run, void *arg)
{
    register cgstart_fn *function __asm__("r8") = run;
    register void *argument __asm__("r9") = arg;
    long r = SYS_clone3;

    __asm__ volatile("syscall\n\t"
                     "testq %%rax, %%rax\n\t"
                     "jnz 1f\n\t"
                     "xorl %%ebp, %%ebp\n\t" /* no frame is above */
                     "movq %%r9, %%rdi\n\t"
                     "callq *%%r8\n\t"
                     "ud2\n"
                     "1:"
                     : "+a"(r)
                     : "D"(args), "S"(size), "r"(function), "r"(argument)
                     : "rcx", "r11", "cc", "memory");
    return r;
}
#elif defined(__aarch64__) && defined(__LP64__)
#define CAN_SHARE 1
static long clone_and_run(struct abi_clone_args *args, size_t size, cgstart_fn *run, void *arg)
{
    register long number __asm__("x8") = SYS_clone3;
    register long r __asm__("x0") = (long)args;
    register size_t n __asm__("x1") = size;
    register cgstart_fn *function __asm__("x9") = run;
    register void *argument __asm__("x10") = arg;

    __asm__ volatile("svc #0\n\t"
                     "cbnz x0, 1f\n\t"
                     "mov x29, xzr\n\t" /* no frame is above */
                     "mov x0, x10\n\t"
                     "blr x9\n\t"
                     "brk #1\n"
                     "1:"
                     : "+r"(r)
                     : "r"(number), "r"(n), "r"(function), "r"(argument)
                     : "x30", "cc", "memory");
    return r;
}
#else
#define CAN_SHARE 0
#endif

#if CAN_SHARE

/* Room for execvp(3), which copies as many pointers as there can be words; only what is touched
 * costs anything. */
enum { STACK = 8 << 20 };

/* Return: as clone3(2), with a negated errno; -ENOSYS also where there is no room. */
static long share(int group, cgstart_fn *run, void *arg)
{
    struct abi_clone_args args = {
        .flags = ABI_CLONE_INTO_CGROUP | ABI_CLONE_CLEAR_SIGHAND | CLONE_VM | CLONE_VFORK,
        .exit_signal = SIGCHLD,
        .stack_size = STACK,
        .cgroup = (uint64_t)group,
    };
    void *stack = mmap(NULL, STACK, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    long r;

    if (stack == MAP_FAILED)
        return -ENOSYS;
    args.stack = (uint64_t)(uintptr_t)stack;
    r = clone_and_run(&args, sizeof(args), run, arg);
    munmap(stack, STACK);
    return r;
}

#else

static long share(int group _unused_, cgstart_fn *run _unused_, void *arg _unused_)
{
    return -ENOSYS;
}

#endif

pid_t cgstart_run(int group, const char *path, cgstart_fn *run, void *arg, struct err *e)
{
    sigset_t all, before;
    long r;

    /* none may be handled by a child that has our memory */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &before);
    r = share(group, run, arg);
    if (r < 0 && is_lacking((int)-r)) {
        r = cgstart_fork(group, path, e);
        if (r == 0)
            run(arg);
    } else if (r < 0) {
        explain((int)r, path, e);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    return (pid_t)r;
}
