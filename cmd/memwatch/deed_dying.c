/* SPDX-License-Identifier: MIT */
#include "deed_dying.h"

#include <fcntl.h>
#include <poll.h>

/* Until what it had is to be seen as free. */
enum { RETURN_MS = 500 };

void deed_dying_clear(struct deed_dying *d)
{
    close_fd(&d->fd);
    *d = DEED_DYING_INIT;
}

void deed_dying_mark(struct deed_dying *d, const struct victim_facts *victim, int fd,
                     uint64_t until)
{
    deed_dying_clear(d);
    d->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    d->until = until;
    d->pid = victim->pid;
    memcpy(d->name, victim->name, sizeof(d->name));
}

bool deed_dying_blocks(struct deed_dying *d, uint64_t now)
{
    struct pollfd end = {.fd = d->fd, .events = POLLIN};

    if (d->fd >= 0 && poll(&end, 1, 0) > 0) {
        close_fd(&d->fd);
        d->until = now + RETURN_MS;
    }
    if (now < d->until)
        return true;
    deed_dying_clear(d);
    return false;
}
