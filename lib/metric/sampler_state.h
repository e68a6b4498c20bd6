/* SPDX-License-Identifier: MIT */
/* sampler_state - what came of measuring a metric: a number, or why there is none */
#ifndef HEADROOM_SAMPLER_STATE_H
#define HEADROOM_SAMPLER_STATE_H

enum sampler_state {
    SAMPLER_NUMBER, /* there is a value */
    SAMPLER_ABSENT, /* this kernel, machine or group has no such thing */
    SAMPLER_EARLY,  /* it is told between two samples, and this is the first, or the counter went
                       backwards */
    SAMPLER_BROKEN, /* what the kernel wrote makes no sense, or cannot be read */
};

#endif
