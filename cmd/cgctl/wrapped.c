/* SPDX-License-Identifier: MIT */
#include "wrapped.h"

#include "cgstart.h"
#include "child.h"
#include "size.h"
#include <grp.h>
#include <pwd.h>
#include <sys/wait.h>

void wrapped_user_clear(struct wrapped_user *u)
{
    free(TAKE_PTR(u->name));
    free(TAKE_PTR(u->home));
}

int wrapped_find_user(const char *name, struct wrapped_user *out, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    struct passwd *p = getpwnam(name);
    int64_t number;

    if (!p && size_parse_number(name, 0, UINT32_MAX - 1, &number, &why) == 0) {
        p = getpwuid((uid_t)number);
        *out = (struct wrapped_user){.set = true, .uid = (uid_t)number, .gid = (gid_t)number};
    }
    if (!p && why.text)
        return err_usage(e, -ENOENT, "--user: there is no user %s", name);
    if (!p)
        return 0;
    *out = (struct wrapped_user){.set = true, .uid = p->pw_uid, .gid = p->pw_gid};
    out->name = strdup(p->pw_name);
    out->home = strdup(p->pw_dir);
    return out->name && out->home ? 0 : err_oom(e);
}

static int become(const struct wrapped_user *u)
{
    if (!u->set)
        return 0;
    if ((u->name ? initgroups(u->name, u->gid) : setgroups(0, NULL)) < 0 || setgid(u->gid) < 0 ||
        setuid(u->uid) < 0)
        return -errno;
    if (u->name && (setenv("USER", u->name, 1) < 0 || setenv("LOGNAME", u->name, 1) < 0 ||
                    setenv("HOME", u->home, 1) < 0))
        return -errno;
    return 0;
}

struct running {
    const struct cmd_context *ctx;
    const struct wrapped_user *user;
    const char *const *argv;
    struct child child;
};

static void run_child(void *arg)
{
    const struct running *w = arg;
    int r = become(w->user);

    if (r < 0)
        child_fail(w->ctx->tool->name, "--user", r, CMD_COMMAND_FAILED);
    child_exec(&w->child, w->ctx->tool->name, w->argv);
}

/* In the child: go on when we are told to. Who should tell may be gone. */
static void await_word(int *word)
{
    char c;

    if (read(word[0], &c, 1) != 1)
        _exit(CMD_COMMAND_FAILED);
    close_fd(&word[0]);
}

/* A child that waits until it is where it belongs. Return: as fork(2), or a negated errno. */
static pid_t enter_fork(const struct wrapped_place *place, struct err *e)
{
    int word[2], r = 0;
    pid_t pid;

    if (pipe2(word, O_CLOEXEC) < 0)
        return err_sys(e, -errno, "cannot make a pipe");
    pid = fork();
    if (pid < 0)
        r = err_sys(e, -errno, "cannot start a process");
    close_fd(&word[pid == 0]);
    if (pid == 0) {
        await_word(word);
        return 0;
    }
    if (pid > 0)
        r = place->enter(place->arg, pid, e);
    if (pid > 0 && r == 0 && write(word[1], "", 1) != 1)
        r = err_sys(e, -errno, "cannot tell the new process to go on");
    close_fd(&word[1]);
    if (pid > 0 && r < 0)
        waitpid(pid, NULL, 0);
    return r < 0 ? r : pid;
}

/* To become somebody else changes the environment, and asks who knows what: not in our memory. */
static pid_t start(struct running *w, const struct wrapped_place *place, struct err *e)
{
    pid_t pid;

    if (!place->enter && !w->user->set)
        return cgstart_run(place->group, place->path, run_child, w, e);
    pid = place->enter ? enter_fork(place, e) : cgstart_fork(place->group, place->path, e);
    if (pid == 0)
        run_child(w);
    return pid;
}

int wrapped_run(const struct cmd_context *ctx, const struct wrapped_place *place,
                const struct wrapped_user *user, const char *const *argv, int *status,
                struct err *e)
{
    struct running w = {.ctx = ctx, .user = user, .argv = argv};
    pid_t pid;

    child_prepare(&w.child);
    pid = start(&w, place, e);
    if (pid < 0) {
        child_done(&w.child);
        return pid;
    }
    *status = child_attend(&w.child, pid, NULL);
    return 0;
}
