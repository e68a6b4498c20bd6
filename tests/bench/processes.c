/* SPDX-License-Identifier: MIT */
/*
 * processes - what the benchmark of procfind needs
 *
 * usage: processes scan                 the least that a search by name can do: getdents64, and
 * openat, read and close of every process's comm; prints their number processes sleep N NAME N
 * processes that sleep; prints the number of the last one, which is called NAME and has "--NAME"
 * among its words; ends with stdin processes fork RATE            so many processes a second that
 * end at once; ends with stdin processes cost RUNS COMMAND... prints the CPU time of the run that
 * took least, in microseconds, and the most memory that one held, in KiB
 */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void die(const char *what)
{
    perror(what);
    exit(1);
}

static int scan(void)
{
    static char entries[64 << 10], text[64];
    int proc = open("/proc", O_RDONLY | O_DIRECTORY), n = 0, fd;
    char path[300];
    long got;

    while ((got = syscall(SYS_getdents64, proc, entries, sizeof(entries))) > 0) {
        for (long at = 0; at < got;) {
            const struct dirent64 *entry = (const void *)(entries + at);

            at += entry->d_reclen;
            if (*entry->d_name < '1' || *entry->d_name > '9')
                continue;
            memcpy(stpcpy(path, entry->d_name), "/comm", 6);
            fd = openat(proc, path, O_RDONLY);
            if (fd < 0)
                continue;
            n += read(fd, text, sizeof(text)) > 0;
            close(fd);
        }
    }
    printf("%d\n", n);
    return got < 0;
}

/* Ends with its parent. */
static pid_t child(void)
{
    pid_t parent = getpid(), pid = fork();

    if (pid < 0)
        die("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent)
            _exit(0);
    }
    return pid;
}

static void wait_for_stdin(int ms)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};

    if (poll(&in, 1, ms) != 0)
        exit(0);
}

_Noreturn static void sleepers(int n, char *name)
{
    char word[64];
    pid_t pid = 0;

    snprintf(word, sizeof(word), "--%s", name);
    for (int i = 0; i < n; i++) {
        pid = child();
        if (pid == 0 && i == n - 1)
            execl("/proc/self/exe", name, "called", name, word, NULL);
        while (pid == 0)
            pause();
    }
    printf("%d\n", (int)pid);
    fflush(stdout);
    for (;;)
        wait_for_stdin(-1);
}

/* The one that is searched for. */
_Noreturn static void called(const char *name)
{
    prctl(PR_SET_NAME, name);
    for (;;)
        pause();
}

static long now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

_Noreturn static void forks(int rate)
{
    long begun = now_ms(), made = 0;

    for (;; wait_for_stdin(1)) {
        for (; made < (now_ms() - begun) * rate / 1000; made++)
            if (child() == 0)
                _exit(0);
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
    }
}

static long us(const struct timeval *t)
{
    return (long)t->tv_sec * 1000000 + (long)t->tv_usec;
}

static int cost(int runs, char **command)
{
    long least = LONG_MAX, most = 0, took;
    struct rusage usage;
    pid_t pid;

    while (runs-- > 0) {
        pid = child();
        if (pid == 0) {
            if (!freopen("/dev/null", "w", stdout) || !freopen("/dev/null", "w", stderr))
                _exit(127);
            execvp(*command, command);
            _exit(127);
        }
        if (wait4(pid, NULL, 0, &usage) != pid)
            die("wait4");
        took = us(&usage.ru_utime) + us(&usage.ru_stime);
        least = took < least ? took : least;
        most = usage.ru_maxrss > most ? usage.ru_maxrss : most;
    }
    printf("%ld %ld\n", least, most);
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";

    if (strcmp(mode, "scan") == 0 && argc == 2)
        return scan();
    if (strcmp(mode, "sleep") == 0 && argc == 4 && atoi(argv[2]) > 0)
        sleepers(atoi(argv[2]), argv[3]);
    if (strcmp(mode, "called") == 0 && argc == 4)
        called(argv[2]);
    if (strcmp(mode, "fork") == 0 && argc == 3 && atoi(argv[2]) > 0)
        forks(atoi(argv[2]));
    if (strcmp(mode, "cost") == 0 && argc > 3)
        return cost(atoi(argv[2]), argv + 3);
    fputs("usage: processes scan | sleep N NAME | fork RATE | cost RUNS COMMAND...\n", stderr);
    return 2;
}
