/* SPDX-License-Identifier: MIT */
#include "notify.h"

#include "size.h"
#include <inttypes.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

enum { STATUS = 512 };

/* "/run/x", or "@x" in the abstract namespace. Return: its length; 0: it is no such name. */
static socklen_t read_address(const char *name, struct sockaddr_un *out)
{
    size_t n = strlen(name);

    if ((*name != '/' && *name != '@') || name[1] == '\0' || n >= sizeof(out->sun_path))
        return 0;
    *out = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(out->sun_path, name, n);
    if (*name == '@')
        out->sun_path[0] = '\0';
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n);
}

static uint64_t read_watchdog(void)
{
    const char *usec = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    int64_t time, number;

    if (!usec || size_parse_number(usec, 1, INT64_MAX, &time, NULL) < 0)
        return 0;
    if (pid && (size_parse_number(pid, 1, INT32_MAX, &number, NULL) < 0 || number != getpid()))
        return 0;
    /* half of it, in milliseconds */
    return time >= 2000 ? (uint64_t)time / 2000 : 1;
}

static int reach(const char *name, int *out, struct err *e)
{
    _cleanup_(close_fd) int fd = -1;
    struct sockaddr_un address;
    socklen_t len = read_address(name, &address);

    if (len == 0)
        return err_set(e, -EINVAL, "NOTIFY_SOCKET: \"%s\" is neither a path nor @NAME", name);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || connect(fd, (const struct sockaddr *)&address, len) < 0)
        return err_sys(e, -errno, "NOTIFY_SOCKET: %s: cannot connect", name);
    *out = TAKE_FD(fd);
    return 0;
}

int notify_open(struct notify *out, struct err *e)
{
    const char *name = getenv("NOTIFY_SOCKET");
    int r = 0;

    *out = NOTIFY_INIT;
    if (name && *name)
        r = reach(name, &out->fd, e);
    if (out->fd >= 0)
        out->watchdog_ms = read_watchdog();
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return r;
}

void notify_close(struct notify *n)
{
    close_fd(&n->fd);
    n->watchdog_ms = 0;
}

void notify_send(const struct notify *n, const char *lines)
{
    if (n->fd >= 0)
        (void)!send(n->fd, lines, strlen(lines), MSG_NOSIGNAL | MSG_DONTWAIT);
}

void notify_status(const struct notify *n, const char *text)
{
    char line[STATUS];

    snprintf(line, sizeof(line), "STATUS=%s", text);
    for (char *c = line; *c; c++)
        if (*c == '\n')
            *c = ' ';
    notify_send(n, line);
}

void notify_reloading(const struct notify *n)
{
    struct timespec now;
    char lines[STATUS];

    clock_gettime(CLOCK_MONOTONIC, &now);
    snprintf(lines, sizeof(lines), "RELOADING=1\nMONOTONIC_USEC=%" PRIu64,
             (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
    notify_send(n, lines);
}
