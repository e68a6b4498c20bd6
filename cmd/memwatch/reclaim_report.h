/* SPDX-License-Identifier: MIT */
/* reclaim_report - tell of the time between two moments, to people and in JSON */
#ifndef HEADROOM_MEMWATCH_RECLAIM_REPORT_H
#define HEADROOM_MEMWATCH_RECLAIM_REPORT_H

#include "reclaim_scene.h"
#include "verdict.h"

struct reclaim_report {
    const struct reclaim_scene *scene; /* borrowed, as the moments are */
    const struct reclaim_moment *before, *after;
    bool dropped; /* a counter went backwards: there is no .reclaim and no verdict */
    struct reclaim reclaim;
    enum verdict verdict;
    const struct cghits_group *culprit; /* of a limit; NULL: none, or not known */
};

/* Attribute and judge what lies between two moments, of which @after was the last to be taken. */
void reclaim_report_make(struct reclaim_report *r, const struct reclaim_scene *scene,
                         const struct reclaim_moment *before, const struct reclaim_moment *after);

/* To @out: a line with the verdict, and what was counted. */
void reclaim_report_print(const struct reclaim_report *r, FILE *out);

/* One line. @status: of the command whose life it was; -1: there was none. */
void reclaim_report_json(const struct reclaim_report *r, FILE *out, int status);

#endif
