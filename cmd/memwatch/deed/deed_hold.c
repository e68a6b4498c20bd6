/* SPDX-License-Identifier: MIT */
#include "deed_hold.h"

#include "monotonic.h"
#include "pidfd.h"
#include "procscan.h"

#include <fcntl.h>
#include <signal.h>

/* How often one without a descriptor is looked at. */
enum { BLIND_MS = 100 };

void deed_hold_clear(struct deed_hold *h)
{
    close_fd(&h->fd);
    *h = DEED_HOLD_INIT;
}

int deed_hold_open(struct deed_hold *h, int proc, pid_t pid, uint64_t start, struct err *e)
{
    struct deed_hold new = {.pid = pid, .start = start, .fd = -1};
    _cleanup_(err_clear) struct err why = ERR_INIT;
    int r = pidfd_open_same(proc, pid, start, &new.fd, &why);

    if (r < 0 && r != -EOPNOTSUPP) {
        *e = why;
        why = ERR_INIT;
        return r;
    }
    *h = new;
    return 0;
}

struct deed_hold deed_hold_again(const struct deed_hold *h)
{
    struct deed_hold again = *h;

    again.fd = h->fd < 0 ? -1 : fcntl(h->fd, F_DUPFD_CLOEXEC, 0);
    return again;
}

/* By its number: is it that one, and alive? */
static bool is_there(const struct deed_hold *h)
{
    _cleanup_(close_fd) int fd = -1;
    char text[1024];
    struct proc_stat stat;
    ssize_t n;

    snprintf(text, sizeof(text), "/proc/%d/stat", (int)h->pid);
    fd = open(text, O_RDONLY | O_CLOEXEC);
    n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
    if (n <= 0)
        return false;
    text[n] = '\0';
    return proc_stat_parse(text, &stat) == 0 && stat.start == h->start &&
           !proc_stat_is_zombie(&stat);
}

int deed_hold_signal(const struct deed_hold *h, int number)
{
    if (h->fd >= 0)
        return pidfd_signal(h->fd, number);
    if (!is_there(h))
        return -ESRCH;
    return kill(h->pid, number) < 0 ? -errno : 0;
}

void deed_hold_release_memory(const struct deed_hold *h)
{
    if (h->fd >= 0)
        pidfd_release_memory(h->fd);
}

bool deed_hold_has_ended(const struct deed_hold *h)
{
    struct pollfd end = {.fd = h->fd, .events = POLLIN};

    return h->fd < 0 ? !is_there(h) : poll(&end, 1, 0) > 0;
}

size_t deed_hold_poll(const struct deed_hold *h, struct pollfd *fd, uint64_t *until)
{
    uint64_t look = monotonic_ms() + BLIND_MS;

    if (h->pid == 0)
        return 0;
    *fd = (struct pollfd){.fd = h->fd, .events = POLLIN};
    if (h->fd < 0 && look < *until)
        *until = look;
    return h->fd >= 0;
}
