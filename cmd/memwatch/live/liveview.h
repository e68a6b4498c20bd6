/* SPDX-License-Identifier: MIT */
/* liveview - the whole screen: what was measured, and what the user has chosen */
#ifndef HEADROOM_MEMWATCH_LIVEVIEW_H
#define HEADROOM_MEMWATCH_LIVEVIEW_H

#include "livedata.h"
#include "livedraw.h"

struct liveview {
    struct liveterm term;
    uint64_t interval_ms;
    char host[64];
    struct livedata_choice choice; /* as it is now; the shot may be of an earlier one */
    struct livedata_shot *shot;    /* owned; NULL: there is none yet */
    bool help;
    bool typing; /* a filter, which stands in .typed so far */
    char typed[LIVEDATA_FILTER_MAX];
};

void liveview_clear(struct liveview *v);

/* How many rows of the list the screen has room for. */
size_t liveview_rows(void);

/* Draw all of it. */
void liveview_draw(const struct liveview *v);

#endif
