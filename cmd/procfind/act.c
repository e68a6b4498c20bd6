/* SPDX-License-Identifier: MIT */
#include "act.h"
#include "answer.h"
#include "message.h"
#include "pidfd.h"
#include "signame.h"
#include "watch.h"

/* ---- signals */

/* Return: 1 signalled, 0 it has ended, or a negated errno with a message. */
static int signal_one(struct search *s, const struct finder_item *item, int number, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    int r = pidfd_open_same(s->finder.scan.fd, item->pid, item->start, &fd, e);

    if (r == 0)
        r = pidfd_signal(fd, number);
    else if (r != -ESRCH)
        return r;
    if (r == -ESRCH)
        return 0;
    return r < 0 ? err_sys(e, r, "process %d: cannot be signalled", (int)item->pid) : 1;
}

int act_signal(struct search *s, int *status, struct err *e)
{
    size_t kept = 0, failed = 0;
    int number, r;

    r = signame_parse(s->args->signal, &number, e);
    if (r < 0)
        return r;
    for (size_t i = 0; i < s->result.n; i++) {
        _cleanup_(err_clear) struct err why = ERR_INIT;

        r = signal_one(s, &s->result.found[i], number, &why);
        if (r == 1)
            s->result.found[kept++] = s->result.found[i];
        if (r < 0) {
            cmd_fail(s->ctx, r, &why);
            failed++;
        }
    }
    s->result.n = kept;
    if (failed > 0)
        *status = kept > 0 ? CMD_PARTIAL : CMD_FAILED;
    else if (kept == 0)
        *status = CMD_NO;
    return 0;
}

static int late(struct err *e)
{
    return err_set(e, -ETIMEDOUT, "timed out");
}

/* POLL: how often the newest number is looked at. ANYWAY: how often all processes are, because some
 * things change without a new one. */
enum { POLL_MS = 50, ANYWAY_MS = 1000 };

static void begin(struct watch *w, const struct search *s)
{
    const struct watch_pace pace = {
        .poll_ms = POLL_MS,
        .look_ms = match_is_volatile(&s->match) ? ANYWAY_MS : -1,
        .look_untold_ms = ANYWAY_MS,
        .deadline = s->deadline,
    };

    watch_begin(w, &s->finder, &pace);
    if (s->ctx->common.verbose)
        message_say(s->ctx->tool->name, MESSAGE_INFO, "", watch_how(w));
}

/* ---- until something is there */

/* Return: 1 look again, 0 it does not count, or a negated errno with a message. */
static int is_worth_a_look(struct search *s, enum watch_what what, pid_t pid, struct err *e)
{
    return what == WATCH_CHANGED ? finder_test(&s->finder, pid, e) : what == WATCH_LOOK;
}

int act_wait_start(struct search *s, struct err *e)
{
    _cleanup_(watch_clear) struct watch w = WATCH_INIT;
    enum watch_what what;
    pid_t pid;
    int r, look = 1;

    begin(&w, s);
    for (;;) {
        r = look == 1 ? search_run(s, e) : look;
        if (r < 0 || s->result.n > 0)
            return r;
        r = watch_next(&w, &what, &pid, e);
        if (r < 0)
            return r;
        if (what == WATCH_LATE)
            return late(e);
        look = is_worth_a_look(s, what, pid, e);
    }
}

/* ---- what comes and goes */

static bool same(const struct finder_item *a, const struct finder_item *b)
{
    return a->pid == b->pid && a->start == b->start;
}

static bool is_in(const struct finder_result *r, const struct finder_item *item)
{
    for (size_t low = 0, high = r->n; low < high;) {
        size_t middle = (low + high) / 2;

        if (r->found[middle].pid == item->pid)
            return same(&r->found[middle], item);
        if (r->found[middle].pid < item->pid)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool has_pid(const struct finder_result *r, pid_t pid)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->found[i].pid == pid)
            return true;
    return false;
}

/* Look again, and tell what differs. */
static int look_and_tell(struct search *s, struct err *e)
{
    struct finder_result before = s->result;
    int r;

    s->result = FINDER_RESULT_INIT;
    r = search_run(s, e);
    for (size_t i = 0; r == 0 && i < before.n; i++)
        if (!is_in(&s->result, &before.found[i]))
            answer_event(s, "exit", before.found[i].pid);
    for (size_t i = 0; r == 0 && i < s->result.n; i++)
        if (!is_in(&before, &s->result.found[i]))
            answer_event(s, "start", s->result.found[i].pid);
    finder_result_clear(&before);
    return r;
}

/* The kernel tells of the end while it is at it: the process is to be seen for a moment yet. If it
 * stays, only its first thread has ended. */
static int settle(struct search *s, pid_t pid, struct err *e)
{
    int r = 0;

    for (int i = 0; i < 20 && r == 0; i++) {
        r = look_and_tell(s, e);
        if (r < 0 || !has_pid(&s->result, pid))
            break;
        watch_sleep(s->deadline, 5);
    }
    return r;
}

static int follow_event(struct search *s, enum watch_what what, pid_t pid, struct err *e)
{
    bool known = has_pid(&s->result, pid);
    int r;

    if (what == WATCH_EXITED)
        return known ? settle(s, pid, e) : 0;
    r = known ? 1 : is_worth_a_look(s, what, pid, e);
    return r == 1 ? look_and_tell(s, e) : r;
}

int act_follow(struct search *s, struct err *e)
{
    _cleanup_(watch_clear) struct watch w = WATCH_INIT;
    enum watch_what what;
    pid_t pid;
    int r;

    begin(&w, s);
    r = look_and_tell(s, e);
    search_tell(s);
    /* when nobody takes what is printed, cmd_main() says so */
    while (r == 0 && !ferror(stdout)) {
        r = watch_next(&w, &what, &pid, e);
        if (r == 0 && what == WATCH_LATE)
            return late(e);
        if (r == 0)
            r = follow_event(s, what, pid, e);
    }
    return r;
}
