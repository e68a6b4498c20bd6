/* SPDX-License-Identifier: MIT */
#include "monotonic.h"

#include <time.h>

static uint64_t ms_of(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t monotonic_ms(void)
{
    return ms_of(CLOCK_MONOTONIC);
}

uint64_t monotonic_boot_ms(void)
{
    return ms_of(CLOCK_BOOTTIME);
}

uint64_t monotonic_after(uint64_t now, uint64_t ms)
{
    return ms > UINT64_MAX - now ? UINT64_MAX : now + ms;
}
