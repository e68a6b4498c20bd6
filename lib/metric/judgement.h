/* SPDX-License-Identifier: MIT */
/* judgement - does this machine have memory enough? one word and the reason; pure */
#ifndef HEADROOM_JUDGEMENT_H
#define HEADROOM_JUDGEMENT_H

#include "base.h"

/* The thresholds, per cent; memwatch(8) names them. */
enum {
    JUDGEMENT_AVAILABLE_SHORT = 5, /* of RAM */
    JUDGEMENT_AVAILABLE_TIGHT = 10,
    JUDGEMENT_AVAILABLE_AMPLE = 20, /* with as much, it is not the machine that is short */
    JUDGEMENT_WAIT_SOME = 10,       /* PSI, over 10 seconds */
    JUDGEMENT_WAIT_FULL = 5,
    JUDGEMENT_SWAP = 80,
    JUDGEMENT_LIMIT = 95,
};

enum judgement {
    JUDGEMENT_ENOUGH,
    JUDGEMENT_TIGHT, /* it works, but something should be done */
    JUDGEMENT_SHORT, /* programs suffer, or are about to be killed */
};

/* What is known, in per cent; what is not is below 0. */
struct judgement_facts {
    double available;            /* of RAM; always known */
    double swap;                 /* in use; below 0 without swap, too */
    double wait_some, wait_full; /* PSI of memory over 10 seconds */
    double limit;                /* of our own limit, in use */
};

enum { JUDGEMENT_TEXT_MAX = 128 };

/* @reason: "4.2% of RAM is available, and programs waited 12.0% of the time". */
enum judgement judgement_of(const struct judgement_facts *f,
                            char reason[static JUDGEMENT_TEXT_MAX]);

/* "enough", "tight", "short" */
const char *judgement_word(enum judgement j);

#endif
