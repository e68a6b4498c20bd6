/* SPDX-License-Identifier: MIT */
#include "judgement.h"

const char *judgement_word(enum judgement j)
{
    static const char *const words[] = {
        [JUDGEMENT_ENOUGH] = "enough",
        [JUDGEMENT_TIGHT] = "tight",
        [JUDGEMENT_SHORT] = "short",
    };

    return words[j];
}

#define SAY(level, ...) (snprintf(reason, JUDGEMENT_TEXT_MAX, __VA_ARGS__), (level))

static bool waits(const struct judgement_facts *f)
{
    return f->wait_some >= JUDGEMENT_WAIT_SOME || f->wait_full >= JUDGEMENT_WAIT_FULL;
}

enum judgement judgement_of(const struct judgement_facts *f, char reason[static JUDGEMENT_TEXT_MAX])
{
    bool low = f->available < JUDGEMENT_AVAILABLE_SHORT;
    bool nowhere = f->swap < 0 || f->swap >= JUDGEMENT_SWAP;

    if (f->limit >= JUDGEMENT_LIMIT)
        return SAY(waits(f) ? JUDGEMENT_SHORT : JUDGEMENT_TIGHT,
                   "%.1f%% of our own limit is in use, whatever the machine has", f->limit);
    if (low && waits(f))
        return SAY(JUDGEMENT_SHORT,
                   "%.1f%% of RAM is available, and programs waited for memory %.1f%% of the time",
                   f->available, f->wait_some);
    if (low && nowhere)
        return SAY(JUDGEMENT_SHORT, "%.1f%% of RAM is available, and %s", f->available,
                   f->swap < 0 ? "there is no swap" : "swap is nearly full");
    if (waits(f) && f->available >= JUDGEMENT_AVAILABLE_AMPLE)
        return SAY(JUDGEMENT_TIGHT,
                   "programs waited for memory %.1f%% of the time though %.1f%% of RAM is "
                   "available: a control group's limit?",
                   f->wait_some, f->available);
    if (waits(f))
        return SAY(JUDGEMENT_TIGHT, "programs waited for memory %.1f%% of the time", f->wait_some);
    if (f->available < JUDGEMENT_AVAILABLE_TIGHT)
        return SAY(JUDGEMENT_TIGHT, "%.1f%% of RAM is available, but nobody waits for memory",
                   f->available);
    if (f->swap >= JUDGEMENT_SWAP)
        return SAY(JUDGEMENT_TIGHT, "%.1f%% of swap is in use", f->swap);
    return SAY(JUDGEMENT_ENOUGH, "%.1f%% of RAM is available%s", f->available,
               f->wait_some >= 0 ? ", and hardly anybody waits for memory" : "");
}
