/* SPDX-License-Identifier: MIT */
#include "waitexit.h"
#include "answer.h"
#include "monotonic.h"
#include "pidfd.h"
#include "watch.h"

#include <poll.h>
#include <sys/resource.h>

/* How long a zombie's parent has to reap it, before which the kernel does not tell how it ended. */
enum { REAP_MS = 1000 };

struct held {
    int fd; /* -1: done with, or not opened yet */
    bool done;
    bool dead;         /* it has ended, and waits for its parent */
    bool knows_status; /* from the zombie */
    int status;
    uint64_t since; /* it is dead */
};

struct waiting {
    struct search *s;
    struct held *held; /* one for each found */
    struct pollfd *fds;
    size_t left;
};

static void done(struct waiting *w, size_t i)
{
    struct held *h = &w->held[i];
    int status;

    if (h->fd >= 0 && pidfd_status(h->fd, &status) == 0) {
        h->status = status;
        h->knows_status = true;
    }
    answer_exit(w->s, w->s->result.found[i].pid, h->knows_status ? &h->status : NULL);
    close_fd(&h->fd);
    h->done = true;
    w->left--;
}

/* Hold as many as there is room for. Return: 0, or a negated errno with a message. */
static int hold(struct waiting *w, struct err *e)
{
    size_t n = w->s->result.n, holding = 0;

    for (size_t i = 0; i < n; i++) {
        const struct finder_item *item = &w->s->result.found[i];
        struct held *h = &w->held[i];
        int r;

        holding += h->fd >= 0;
        if (h->done || h->fd >= 0)
            continue;
        r = pidfd_open_same(w->s->finder.scan.fd, item->pid, item->start, &h->fd,
                            holding > 0 ? NULL : e);
        if (r == -ESRCH)
            done(w, i);
        else if ((r == -EMFILE || r == -ENFILE) && holding > 0)
            return 0; /* when some have ended, there is room for others */
        else if (r < 0)
            return r;
        holding += r == 0;
    }
    return 0;
}

/* What /proc tells of a zombie is 0 also for those who may not know. */
static void look_at_zombie(struct waiting *w, size_t i)
{
    struct held *h = &w->held[i];
    const struct proc_stat *stat;

    h->dead = true;
    h->since = monotonic_ms();
    if (!search_look_again(w->s, &w->s->result.found[i]))
        return;
    if (process_stat(&w->s->finder.process, &stat) == 0 && proc_stat_is_zombie(stat) &&
        stat->exit_code != 0) {
        h->status = stat->exit_code;
        h->knows_status = true;
    }
}

/* Return: the milliseconds until a zombie has waited long enough, @most at most. */
static int next_reap(const struct waiting *w, int most)
{
    uint64_t now = monotonic_ms();

    for (size_t i = 0; i < w->s->result.n; i++) {
        const struct held *h = &w->held[i];
        int left;

        if (h->done || !h->dead)
            continue;
        left = h->since + REAP_MS > now ? (int)(h->since + REAP_MS - now) : 0;
        if (most < 0 || left < most)
            most = left;
    }
    return most;
}

static void poll_once(struct waiting *w)
{
    size_t n = w->s->result.n;

    for (size_t i = 0; i < n; i++) {
        /* a zombie is readable all the time; what is waited for then is that it is reaped */
        w->fds[i] =
            (struct pollfd){.fd = w->held[i].fd, .events = (short)(w->held[i].dead ? 0 : POLLIN)};
    }
    if (poll(w->fds, n, next_reap(w, watch_wait_ms(w->s->deadline, -1))) < 0)
        return;
    for (size_t i = 0; i < n; i++) {
        struct held *h = &w->held[i];

        if (h->done || h->fd < 0)
            continue;
        if (w->fds[i].revents & POLLIN && !h->dead)
            look_at_zombie(w, i);
        if (w->fds[i].revents & POLLHUP || (h->dead && monotonic_ms() >= h->since + REAP_MS))
            done(w, i);
    }
}

static void raise_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

int waitexit_run(struct search *s, struct err *e)
{
    size_t n = s->result.n;
    _cleanup_(free_ptr) struct held *held = calloc(n + 1, sizeof(*held));
    _cleanup_(free_ptr) struct pollfd *fds = calloc(n + 1, sizeof(*fds));
    struct waiting w = {.s = s, .held = held, .fds = fds, .left = n};
    int r = 0;

    if (!held || !fds)
        return err_oom(e);
    raise_limit();
    for (size_t i = 0; i < n; i++)
        held[i].fd = -1;
    while (r == 0 && w.left > 0 && !ferror(stdout)) {
        r = hold(&w, e);
        if (r < 0 || w.left == 0)
            break;
        if (watch_is_late(s->deadline))
            r = err_set(e, -ETIMEDOUT, "timed out; still there: %zu of %zu", w.left, n);
        else
            poll_once(&w);
    }
    for (size_t i = 0; i < n; i++)
        close_fd(&held[i].fd);
    return r;
}
