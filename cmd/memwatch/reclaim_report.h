/* SPDX-License-Identifier: MIT */
/* reclaim_report - tell of the time between two moments, to people and in JSON */
#ifndef HEADROOM_MEMWATCH_RECLAIM_REPORT_H
#define HEADROOM_MEMWATCH_RECLAIM_REPORT_H

#include "moment.h"
#include "verdict.h"

struct reclaim_report {
    const struct moment_scene *scene; /* borrowed, as the moments are */
    const struct moment *before, *after;
    bool dropped; /* a counter went backwards: there is no .reclaim and no verdict */
    struct reclaim reclaim;
    enum verdict verdict;
    const struct cghits_group *culprit; /* of a limit; NULL: none, or not known */
};

void reclaim_report_make(struct reclaim_report *r, const struct moment_scene *scene,
                         const struct moment *before, const struct moment *after);

/* To @out: a line with the verdict, and what was counted. */
void reclaim_report_print(const struct reclaim_report *r, FILE *out);

/* One line. @status: of the command whose life it was; -1: there was none. */
void reclaim_report_json(const struct reclaim_report *r, FILE *out, int status);

#endif
