/* SPDX-License-Identifier: MIT */
#include "deed_dying.h"

/* Until what it had is to be seen as free. */
enum { RETURN_MS = 500 };

void deed_dying_clear(struct deed_dying *d)
{
    deed_hold_clear(&d->hold);
    *d = DEED_DYING_INIT;
}

void deed_dying_mark(struct deed_dying *d, const struct deed_hold *victim, uint64_t until)
{
    deed_dying_clear(d);
    d->hold = deed_hold_again(victim);
    d->until = until;
}

bool deed_dying_blocks(struct deed_dying *d, uint64_t now)
{
    if (d->hold.pid && deed_hold_has_ended(&d->hold)) {
        deed_hold_clear(&d->hold);
        d->until = now + RETURN_MS;
    }
    if (now < d->until)
        return true;
    deed_dying_clear(d);
    return false;
}
