/* SPDX-License-Identifier: MIT */
#include "systemd.h"

#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

enum { RELOAD_SECONDS = 90 };

extern char **environ;

bool systemd_runs(const struct root *root)
{
    struct stat st;

    return root->live && root_stat(root, "/run/systemd/system", O_NOFOLLOW, &st) == 0 &&
           S_ISDIR(st.st_mode);
}

bool systemd_installed(const struct root *root)
{
    /* not the folder /etc/systemd: packages put links there on systems that have no systemd */
    static const char *const signs[] = {"/etc/systemd/system.conf", "/usr/lib/systemd/systemd",
                                        "/lib/systemd/systemd"};
    struct stat st;

    for (size_t i = 0; i < ARRAY_SIZE(signs); i++)
        if (root_stat(root, signs[i], 0, &st) == 0)
            return true;
    return false;
}

/* Waits until the child is done or its time is over. Return: its status as of waitpid(2), or
 * -ETIMEDOUT. */
static int wait_bounded(pid_t pid)
{
    struct timespec now, end, pause = {.tv_nsec = 1000 * 1000};
    int status;
    pid_t r;

    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += RELOAD_SECONDS;
    for (;;) {
        r = waitpid(pid, &status, WNOHANG);
        if (r != 0)
            return r < 0 ? -errno : status;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec >= end.tv_sec)
            break;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 64 * 1000 * 1000)
            pause.tv_nsec *= 2;
    }
    kill(pid, SIGKILL);
    waitpid(pid, &status, 0);
    return -ETIMEDOUT;
}

static int spawn_systemctl(int output, pid_t *pid)
{
    char *argv[] = {(char[]){"systemctl"}, (char[]){"--no-ask-password"}, (char[]){"daemon-reload"},
                    NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    int r;

    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&files);
    r = posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&files, output, 1);
    if (r == 0)
        r = posix_spawn_file_actions_adddup2(&files, output, 2);
    if (r == 0)
        r = posix_spawnp(pid, argv[0], &files, &attr, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return -r;
}

#define RELOAD_REMEDY "run \"systemctl daemon-reload\" and see what it says"

int systemd_reload(struct err *e)
{
    _cleanup_(close_fd) int output = memfd_create("systemctl", MFD_CLOEXEC);
    _cleanup_(free_ptr) char *said = NULL;
    pid_t pid;
    int r;

    if (output < 0)
        return err_sys(e, -errno, "systemctl: cannot keep what it says");
    r = spawn_systemctl(output, &pid);
    if (r < 0)
        return err_sys(e, r, "systemctl: cannot run");
    r = wait_bounded(pid);
    if (r == -ETIMEDOUT)
        return err_set(e, r, "systemd: did not reload its units within %d s; " RELOAD_REMEDY,
                       RELOAD_SECONDS);
    if (r < 0)
        return err_sys(e, r, "systemctl: cannot learn how it ended");
    if (r == 0)
        return 0;
    if (lseek(output, 0, SEEK_SET) < 0 ||
        root_read_fd(output, "systemctl", &said, NULL, NULL) < 0 || !*said)
        return err_set(e, -EIO, "systemd: did not reload its units; " RELOAD_REMEDY);
    *strchrnul(said, '\n') = '\0';
    return err_set(e, -EIO, "systemd: did not reload its units: %s; " RELOAD_REMEDY, said);
}
