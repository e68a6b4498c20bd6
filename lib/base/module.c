/* SPDX-License-Identifier: MIT */
#include "module.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

extern char **environ;

/* Cron and some shells leave the folders of root's programs out of PATH. */
static int spawn(char *const argv[], const posix_spawn_file_actions_t *files,
                 const posix_spawnattr_t *attr, pid_t *pid)
{
    int r = posix_spawnp(pid, "modprobe", files, attr, argv, environ);

    if (r == ENOENT)
        r = posix_spawn(pid, "/sbin/modprobe", files, attr, argv, environ);
    return -r;
}

static int start(char *const argv[], pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t none;
    int r = 0;

    sigemptyset(&none);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    posix_spawn_file_actions_init(&files);
    for (int fd = 0; fd < 3 && r == 0; fd++)
        r = -posix_spawn_file_actions_addopen(&files, fd, "/dev/null", O_RDWR, 0);
    if (r == 0)
        r = spawn(argv, &files, &attr, pid);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attr);
    return r;
}

/* Return: modprobe's exit status, or a negated errno. */
static int modprobe(const char *option, const char *name)
{
    char *argv[] = {(char[]){"modprobe"}, (char *)option, (char[]){"--"}, (char *)name, NULL};
    int status, r;
    pid_t pid;

    r = start(argv, &pid);
    if (r < 0)
        return r;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int module_find(const char *name)
{
    int r = modprobe("--dry-run", name);

    return r > 0 ? -ENOENT : r;
}

int module_load(const char *name, struct err *e)
{
    int r = modprobe("--quiet", name);

    if (r < 0)
        return err_sys(e, r, "modprobe: cannot run");
    if (r > 0)
        return err_set(e, -EIO,
                       "%s: modprobe could not load this kernel module (status %d); run "
                       "\"modprobe %s\" and see what it says",
                       name, r, name);
    return 0;
}
