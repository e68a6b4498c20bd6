/* SPDX-License-Identifier: MIT */
#include "deed_exec.h"

#include "signame.h"
#include "size.h"

#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

enum { TIMEOUT_MS = 30000 };

/* ---- with every child */

int deed_exec_prepare(struct deed_plan *plan, struct err *e)
{
    plan->output = malloc(DEED_CHILD_OUTPUT + 1);
    if (!plan->output)
        return err_oom(e);
    *plan->output = '\0';
    return 0;
}

size_t deed_exec_poll(const struct deed *d, struct pollfd fds[static DEED_FDS], uint64_t *until)
{
    _Static_assert((int)DEED_CHILD_FDS <= (int)DEED_FDS, "room for those of a child");

    return deed_child_poll(&d->child, fds, until);
}

void deed_exec_stop(struct deed *d)
{
    deed_child_stop(&d->child);
}

bool deed_exec_say_end(struct deed *d, uint64_t now)
{
    const struct deed_child *c = &d->child;
    double seconds = (double)(now - c->began) / 1000;
    char name[SIGNAME_MAX];

    if (c->signal)
        deed_say(d, "took longer than %.4g s and was ended by %s", (double)c->timeout_ms / 1000,
                 signame_format(c->signal, name));
    else if (WIFSIGNALED(c->status))
        deed_say(d, "was ended by %s after %.3g s", signame_format(WTERMSIG(c->status), name),
                 seconds);
    else
        deed_say(d, "ended with %d after %.3g s", WEXITSTATUS(c->status), seconds);
    if (c->cut)
        deed_say(d, "; it printed more than is kept");
    return !c->signal && WIFEXITED(c->status) && WEXITSTATUS(c->status) == 0;
}

/* ---- a command */

static bool is_program(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

bool deed_exec_finds(const char *program)
{
    const char *p = getenv("PATH");
    char path[PATH_MAX];

    if (strchr(program, '/'))
        return is_program(program);
    for (p = p ? p : "/bin:/usr/bin"; p; p = strchr(p, ':')) {
        p += *p == ':';
        snprintf(path, sizeof(path), "%.*s/%s", (int)strcspn(p, ":"), p, program);
        if (is_program(path))
            return true;
    }
    return false;
}

struct order {
    const char *const *words;
    const struct deed_cause *cause;
};

static void set(const char *name, const char *value)
{
    if (value)
        setenv(name, value, 1);
}

static int become(const void *arg)
{
    const struct order *o = arg;

    set("HEADROOM_RULE", o->cause->rule);
    set("HEADROOM_METRIC", o->cause->metric);
    set("HEADROOM_VALUE", o->cause->value);
    for (const char *const *v = o->cause->environment; v && *v; v++)
        putenv((char *)(uintptr_t)*v);
    return deed_child_exec(o->words);
}

static void say_words(struct deed *d)
{
    const struct rule_action *a = d->plan->action;

    for (size_t i = 0; i < a->n_words; i++)
        deed_say(d, "%s%s", i ? " " : "", a->words[i]);
}

static int prepare(struct deed_plan *plan, struct err *e)
{
    if (plan->action->n_words == 0)
        return err_usage(e, -EINVAL, "exec: missing a command");
    return deed_exec_prepare(plan, e);
}

static void start(struct deed *d, const struct deed_cause *cause, uint64_t now _unused_)
{
    const struct order order = {(const char *const *)d->plan->action->words, cause};
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = 0;

    if (d->plan->policy->dry_run) {
        deed_say(d, "would run ");
        say_words(d);
        d->state = DEED_DONE;
        return;
    }
    r = deed_child_start(&d->child, become, &order, d->plan->policy->rank, d->plan->output,
                         deed_timeout(d->plan, TIMEOUT_MS), &e);
    d->child.left = d->plan->policy->left;
    d->state = r < 0 ? DEED_FAILED : DEED_UNDER_WAY;
    if (r < 0)
        deed_say(d, "%s: %s", d->plan->action->words[0], e.text);
}

static void go_on(struct deed *d, uint64_t now)
{
    int status;

    if (!deed_child_go_on(&d->child, now))
        return;
    status = WIFEXITED(d->child.status) ? WEXITSTATUS(d->child.status) : 0;
    deed_say(d, "%s ", d->plan->action->words[0]);
    d->state = deed_exec_say_end(d, now) ? DEED_DONE : DEED_FAILED;
    if (status == DEED_CHILD_NOT_FOUND)
        deed_say(d, "; there is no such program");
    else if (status == DEED_CHILD_CANNOT_RUN)
        deed_say(d, "; it cannot be run");
}

const struct deed_kind deed_exec_kind = {.name = "exec",
                                         .prepare = prepare,
                                         .start = start,
                                         .poll = deed_exec_poll,
                                         .go_on = go_on,
                                         .stop = deed_exec_stop};
