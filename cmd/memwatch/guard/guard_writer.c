/* SPDX-License-Identifier: MIT */
#include "guard_writer.h"

#include "message.h"
#include "monotonic.h"
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>

/* A datagram may not be longer than what all that wait may take, which others set. */
enum { FDS_MAX = 1024, RESULTS = 512, PIECE = 32 << 10 };

/* ---- the other process */

struct job {
    int from, file;
    const char *path;
};

/* Of ours it keeps nothing: what should end when we do would not. */
static void keep_only(const struct job *job, int out)
{
    for (int fd = 3; fd < FDS_MAX; fd++)
        if (fd != job->from && fd != job->file && fd != out)
            close(fd);
}

static void write_lines(void *arg, int out)
{
    struct job *job = arg;
    char piece[PIECE], result;
    ssize_t n, done;
    bool torn = false; /* there was no room for the end of a line */
    sigset_t all;

    /* it ends when there is nothing more to be written, and not before: not with us either, whose
     * last lines tell why */
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    prctl(PR_SET_PDEATHSIG, 0);
    keep_only(job, out);
    while ((n = recv(job->from, piece, sizeof(piece), 0)) > 0) {
        if (job->file < 0)
            message_log_open(job->path, &job->file, NULL);
        if (torn)
            torn = write(job->file, "\n", 1) != 1;
        done = write(job->file, piece, (size_t)n);
        torn = torn || (done > 0 && done < n);
        result = done == n;
        /* there may be nobody any more who wants to know */
        (void)!write(out, &result, 1);
    }
}

/* ---- ours */

int guard_writer_start(struct guard_writer *w, int fd, const char *path, struct err *e)
{
    struct job job = {.file = fd, .path = path};
    int ends[2], r;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        return err_sys(e, -errno, "cannot make a pair of sockets");
    job.from = ends[1];
    r = bounded_start(&w->child, write_lines, &job, e);
    close(ends[1]);
    if (r < 0) {
        close(ends[0]);
        return r;
    }
    w->to = ends[0];
    w->well = true;
    w->torn = false;
    return 0;
}

static int put(struct guard_writer *w, const char *piece, size_t n)
{
    if (send(w->to, piece, n, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)n)
        return 0;
    return errno == EPIPE || errno == ECONNRESET ? -EPIPE : -EAGAIN;
}

int guard_writer_put(struct guard_writer *w, const char *line)
{
    size_t left = strlen(line), n;
    int r = w->torn ? put(w, "\n", 1) : 0;

    w->torn = w->torn && r < 0;
    for (; r == 0 && left > 0; line += n, left -= n) {
        n = left < PIECE ? left : PIECE;
        r = put(w, line, n);
        w->torn = r == 0 ? n < left : w->torn;
    }
    return r;
}

uint64_t guard_writer_lost(struct guard_writer *w)
{
    struct pollfd in = {.fd = w->child.fd, .events = POLLIN};
    char results[RESULTS];
    uint64_t lost = 0;
    ssize_t n;

    while (poll(&in, 1, 0) == 1 && (n = read(in.fd, results, sizeof(results))) > 0) {
        for (ssize_t i = 0; i < n; i++)
            lost += results[i] == 0;
        w->well = results[n - 1] != 0;
    }
    return lost;
}

static bool has_ended(const struct guard_writer *w, uint64_t timeout_ms)
{
    const uint64_t until = monotonic_after(monotonic_ms(), timeout_ms);
    struct pollfd in = {.fd = w->child.fd, .events = POLLIN};
    char results[RESULTS];
    uint64_t now;

    do {
        now = monotonic_ms();
        while (poll(&in, 1, now < until ? (int)(until - now) : 0) == 1)
            if (read(in.fd, results, sizeof(results)) <= 0)
                return true;
    } while (now < until);
    return false;
}

void guard_writer_end(struct guard_writer *w, uint64_t timeout_ms, struct bounded_left *left)
{
    if (w->child.fd < 0)
        return;
    /* a child of ours that hangs may have another descriptor of it */
    shutdown(w->to, SHUT_WR);
    close_fd(&w->to);
    if (has_ended(w, timeout_ms))
        bounded_bury(&w->child, left);
    else
        bounded_left_add(left, w->child.pid);
    close_fd(&w->child.fd);
    *w = GUARD_WRITER_INIT;
}
