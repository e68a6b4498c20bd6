/* SPDX-License-Identifier: MIT */
/*
 * survey - one look at whole histories: which metrics they hold, and from when to when
 *
 * A history may hold several recordings, of other metrics each. And the clock may have been set
 * while one was made: the samples of one boot are in the order of their uptime, so a plot puts them
 * where the clock stood last in that boot would have put them (a machine without a clock of its own
 * begins in 1970 and learns the time later).
 */
#ifndef HEADROOM_SURVEY_H
#define HEADROOM_SURVEY_H

#include "replay.h"

struct survey_boot {
    uint8_t id[HISTORY_BOOT];
    int64_t offset_ms; /* time less uptime, in its last sample */
};

struct survey {
    size_t n;
    struct history_metric *metrics; /* owned; each name once, in the order they appear */
    size_t n_boots;
    struct survey_boot *boots; /* owned */
    uint64_t samples;
    uint64_t from_ms, to_ms; /* of the samples, by survey_time() */
    uint64_t interval_ms;    /* the longest of all recordings */
    struct replay_loss loss;
};

#define SURVEY_INIT ((struct survey){.n = 0})

void survey_clear(struct survey *s);

/**
 * survey_take() - read @n histories through
 * @wanted: NULL, or names of metrics, NULL-terminated: only these, in this order
 * @out:    set on success; release with survey_clear()
 *
 * Return: 0; -ENOENT as ERR_USAGE for a wanted metric that is in none of them, naming those that
 * are; otherwise as replay_open() and replay_next().
 */
int survey_take(const char *const *paths, size_t n, bool alone, const char *const *wanted,
                struct survey *out, struct err *e);

/* Where each of the survey's metrics is in this header: an index, or -1. @map: of survey.n. */
void survey_map(const struct survey *s, const struct history_header *h, int *map);

/* When a sample was taken, by the last word of that boot's clock; milliseconds since 1970. */
uint64_t survey_time(const struct survey *s, const struct history_header *h,
                     const struct history_sample *sample);

#endif
