/* SPDX-License-Identifier: MIT */
#include "ticker.h"

#include <poll.h>
#include <time.h>

#define SECOND UINT64_C(1000000000)

uint64_t ticker_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

struct ticker ticker_start(uint64_t ms)
{
    uint64_t ns = ms > UINT64_MAX / 4 / 1000000 ? UINT64_MAX / 4 : ms * 1000000;

    return (struct ticker){ticker_now() + ns, ns};
}

void ticker_advance(struct ticker *t, uint64_t now)
{
    if (now < t->next)
        return;
    t->next += ((now - t->next) / t->interval + 1) * t->interval;
}

int ticker_wait(uint64_t until, int fd, const sigset_t *mask)
{
    struct pollfd pfd = {.fd = fd, .events = POLLPRI};

    for (;;) {
        uint64_t now = ticker_now(), left = until > now ? until - now : 0;
        struct timespec timeout = {(time_t)(left / SECOND), (long)(left % SECOND)};
        int r;

        if (left == 0)
            return 0;
        r = ppoll(&pfd, fd >= 0, until == TICKER_NEVER ? NULL : &timeout, mask);
        if (r < 0)
            return -errno;
        if (r > 0)
            return pfd.revents;
    }
}
