/* SPDX-License-Identifier: MIT */
#include "procevents.h"

#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <poll.h>
#include <sys/socket.h>

/* The receive buffer of the socket holds a burst of some ten thousand events. */
enum { BUFFER = 16 << 10, RECEIVE_BUFFER = 4 << 20 };

void procevents_clear(struct procevents *p)
{
    close_fd(&p->fd);
    free(TAKE_PTR(p->buf));
}

static int subscribe(int fd)
{
    struct {
        struct nlmsghdr nl;
        char message[sizeof(struct cn_msg) + sizeof(enum proc_cn_mcast_op)];
    } request = {.nl = {.nlmsg_len = sizeof(request), .nlmsg_type = NLMSG_DONE}};
    struct cn_msg message = {.id = {CN_IDX_PROC, CN_VAL_PROC},
                             .len = sizeof(enum proc_cn_mcast_op)};
    enum proc_cn_mcast_op op = PROC_CN_MCAST_LISTEN;

    memcpy(request.message, &message, sizeof(message));
    memcpy(request.message + sizeof(message), &op, sizeof(op));
    return send(fd, &request, sizeof(request), 0) < 0 ? -errno : 0;
}

/* Fill the buffer. Return: 1, 0 if nothing is there, or a negated errno. */
static int receive(struct procevents *p, int timeout_ms)
{
    struct pollfd pfd = {.fd = p->fd, .events = POLLIN};
    struct sockaddr_nl from;
    socklen_t len = sizeof(from);
    ssize_t n;

    if (poll(&pfd, 1, timeout_ms) <= 0)
        return 0;
    n = recvfrom(p->fd, p->buf, BUFFER, MSG_DONTWAIT, (struct sockaddr *)&from, &len);
    if (n < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    p->at = 0;
    /* anybody may send to us; the kernel has the number 0 */
    p->end = len == sizeof(from) && from.nl_pid == 0 ? (size_t)n : 0;
    return 1;
}

/* The next event in the buffer. */
static bool next(struct procevents *p, struct proc_event *out)
{
    while (p->end - p->at >= sizeof(struct nlmsghdr)) {
        struct nlmsghdr header;
        struct cn_msg message;
        const char *at = p->buf + p->at;
        size_t left = p->end - p->at, head = NLMSG_HDRLEN + sizeof(message);

        memcpy(&header, at, sizeof(header));
        if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > left)
            break;
        p->at += NLMSG_ALIGN(header.nlmsg_len) < left ? NLMSG_ALIGN(header.nlmsg_len) : left;
        if (header.nlmsg_len < head)
            continue;
        memcpy(&message, at + NLMSG_HDRLEN, sizeof(message));
        if (message.id.idx != CN_IDX_PROC || message.id.val != CN_VAL_PROC)
            continue;
        memset(out, 0, sizeof(*out));
        memcpy(out, at + head,
               header.nlmsg_len - head < sizeof(*out) ? header.nlmsg_len - head : sizeof(*out));
        return true;
    }
    p->at = p->end;
    return false;
}

/* The kernel answers a subscription at once, or, where it tells nothing, never. */
static int wait_for_answer(struct procevents *p)
{
    struct proc_event event;

    for (int i = 0; i < 100; i++) {
        int r = receive(p, 100);

        if (r <= 0)
            return r < 0 ? r : -ETIMEDOUT;
        while (next(p, &event))
            if (event.what == PROC_EVENT_NONE)
                return -(int)event.event_data.ack.err;
    }
    return -ETIMEDOUT;
}

int procevents_open(struct procevents *out)
{
    _cleanup_(procevents_clear) struct procevents p = PROCEVENTS_INIT;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    int size = RECEIVE_BUFFER, r;

    p.fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC, NETLINK_CONNECTOR);
    if (p.fd < 0 || bind(p.fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    p.buf = malloc(BUFFER);
    if (!p.buf)
        return -ENOMEM;
    /* what is not granted is not needed */
    if (setsockopt(p.fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
        setsockopt(p.fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
    r = subscribe(p.fd);
    if (r == 0)
        r = wait_for_answer(&p);
    if (r < 0)
        return r;
    *out = p;
    p = PROCEVENTS_INIT;
    return 0;
}

/* Return: whether the event is one that is told on. */
static bool translate(const struct proc_event *event, enum procevents_what *what, pid_t *pid)
{
    /* every kind begins with the thread and its process */
    pid_t thread = event->event_data.exec.process_pid;

    *pid = event->event_data.exec.process_tgid;
    switch ((unsigned)event->what) {
    case PROC_EVENT_EXEC:
    case PROC_EVENT_UID:
    case PROC_EVENT_GID:
    case PROC_EVENT_SID:
    case PROC_EVENT_COMM:
        *what = PROCEVENTS_CHANGED;
        return true;
    case PROC_EVENT_EXIT:
        *what = PROCEVENTS_EXITED;
        return thread == *pid;
    default:
        return false;
    }
}

/* The next event in the buffer that counts. */
static bool next_told(struct procevents *p, enum procevents_what *what, pid_t *pid)
{
    struct proc_event event;

    while (next(p, &event))
        if (translate(&event, what, pid))
            return true;
    return false;
}

int procevents_next(struct procevents *p, int timeout_ms, enum procevents_what *what, pid_t *pid,
                    struct err *e)
{
    int r;

    if (next_told(p, what, pid))
        return 1;
    r = receive(p, timeout_ms);
    if (r == -ENOBUFS) {
        *what = PROCEVENTS_LOST;
        *pid = 0;
        return 1;
    }
    if (r < 0)
        return err_sys(e, r, "proc connector: cannot read");
    return r == 1 && next_told(p, what, pid);
}
