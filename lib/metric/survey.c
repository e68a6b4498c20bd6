/* SPDX-License-Identifier: MIT */
#include "survey.h"

/* More than any plot can tell apart; it bounds what a file can make us allocate. */
enum { METRICS_MAX = 4096, BOOTS_MAX = 65536 };

void survey_clear(struct survey *s)
{
    for (size_t i = 0; i < s->n; i++)
        free(s->metrics[i].name);
    free(s->metrics);
    free(s->boots);
    *s = SURVEY_INIT;
}

static int find(const struct history_metric *metrics, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (streq(metrics[i].name, name))
            return (int)i;
    }
    return -1;
}

static int add_metric(struct survey *s, const struct history_metric *m, struct err *e)
{
    struct history_metric *more;

    if (s->n >= METRICS_MAX || find(s->metrics, s->n, m->name) >= 0)
        return 0;
    more = reallocarray(s->metrics, s->n + 1, sizeof(*more));
    if (!more)
        return err_oom(e);
    s->metrics = more;
    more[s->n] = (struct history_metric){m->unit, strdup(m->name)};
    if (!more[s->n].name)
        return err_oom(e);
    s->n++;
    return 0;
}

/* Recordings of one boot follow each other, so the last one is looked at first. */
static struct survey_boot *find_boot(const struct survey *s, const uint8_t *id)
{
    for (size_t i = s->n_boots; i > 0; i--) {
        if (memcmp(s->boots[i - 1].id, id, HISTORY_BOOT) == 0)
            return &s->boots[i - 1];
    }
    return NULL;
}

static int add_boot(struct survey *s, const struct history_header *h, struct err *e)
{
    struct survey_boot *more;

    if (find_boot(s, h->boot) || s->n_boots >= BOOTS_MAX)
        return 0;
    more = reallocarray(s->boots, s->n_boots + 1, sizeof(*more));
    if (!more)
        return err_oom(e);
    s->boots = more;
    memcpy(more[s->n_boots].id, h->boot, HISTORY_BOOT);
    more[s->n_boots].offset_ms = (int64_t)(h->time_ms - h->uptime_ms);
    s->n_boots++;
    return 0;
}

static int add_header(struct survey *s, const struct history_header *h, struct err *e)
{
    int r = add_boot(s, h, e);

    for (size_t i = 0; i < h->n && r == 0; i++)
        r = add_metric(s, &h->metrics[i], e);
    if (s->interval_ms < h->interval_ms)
        s->interval_ms = h->interval_ms;
    return r;
}

uint64_t survey_time(const struct survey *s, const struct history_header *h,
                     const struct history_sample *sample)
{
    const struct survey_boot *boot = find_boot(s, h->boot);
    int64_t t = boot ? (int64_t)sample->uptime_ms + boot->offset_ms : (int64_t)sample->time_ms;

    return t < 0 ? 0 : (uint64_t)t > HISTORY_TIME_MAX ? HISTORY_TIME_MAX : (uint64_t)t;
}

/* ---- from when to when ---- */

/* Of one boot, until its clock is known to the end. */
struct span {
    uint64_t first_ms, last_ms; /* uptime */
    bool any;
};

struct walk {
    struct survey *survey;
    struct span *spans; /* of each boot; owned */
    size_t n_spans, at; /* @at: the boot that is read */
};

static int walk_header(struct walk *w, const struct history_header *h, struct err *e)
{
    int r = add_header(w->survey, h, e);
    const struct survey_boot *boot = find_boot(w->survey, h->boot);
    struct span *more;

    w->at = boot ? (size_t)(boot - w->survey->boots) : SIZE_MAX;
    if (r < 0 || w->survey->n_boots <= w->n_spans)
        return r;
    more = reallocarray(w->spans, w->n_spans + 1, sizeof(*more));
    if (!more)
        return err_oom(e);
    w->spans = more;
    more[w->n_spans++] = (struct span){.any = false};
    return 0;
}

static void walk_sample(struct walk *w, const struct history_sample *s)
{
    struct span *span = w->at < w->n_spans ? &w->spans[w->at] : NULL;

    w->survey->samples++;
    if (!span)
        return;
    if (!span->any || s->uptime_ms < span->first_ms)
        span->first_ms = s->uptime_ms;
    if (!span->any || s->uptime_ms >= span->last_ms) {
        span->last_ms = s->uptime_ms;
        w->survey->boots[w->at].offset_ms = (int64_t)(s->time_ms - s->uptime_ms);
    }
    span->any = true;
}

static int walk_file(struct walk *w, const char *path, bool alone, struct err *e)
{
    _cleanup_(replay_free) struct replay *r = NULL;
    struct replay_loss loss;
    int n = replay_open(path, alone, &r, e);

    if (n < 0)
        return n;
    while ((n = replay_next(r, e)) != REPLAY_END) {
        if (n == REPLAY_SAMPLE)
            walk_sample(w, replay_sample(r));
        else if (n == REPLAY_HEADER)
            n = walk_header(w, replay_header(r), e);
        if (n < 0)
            return n;
    }
    loss = replay_lost(r);
    w->survey->loss.places += loss.places;
    w->survey->loss.bytes += loss.bytes;
    w->survey->loss.torn += loss.torn;
    return 0;
}

static void find_range(const struct walk *w, struct survey *s)
{
    bool any = false;

    for (size_t i = 0; i < w->n_spans; i++) {
        const struct span *span = &w->spans[i];
        struct history_header h = {.n = 0};
        struct history_sample first = {.uptime_ms = span->first_ms},
                              last = {.uptime_ms = span->last_ms};
        uint64_t from, to;

        if (!span->any)
            continue;
        memcpy(h.boot, s->boots[i].id, HISTORY_BOOT);
        from = survey_time(s, &h, &first);
        to = survey_time(s, &h, &last);
        s->from_ms = !any || from < s->from_ms ? from : s->from_ms;
        s->to_ms = !any || to > s->to_ms ? to : s->to_ms;
        any = true;
    }
}

/* ---- only what is wanted ---- */

static int missing(const struct survey *s, const char *name, struct err *e)
{
    _cleanup_(free_ptr) char *all = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&all, &len);

    if (!out)
        return err_oom(e);
    for (size_t i = 0; i < s->n; i++)
        fprintf(out, "%s%s", i ? ", " : "", s->metrics[i].name);
    if (fclose(out) != 0)
        return err_oom(e);
    return err_usage(e, -ENOENT, "%s: was not recorded; there is %s", name, *all ? all : "nothing");
}

static int choose(struct survey *s, const char *const *wanted, struct err *e)
{
    struct survey chosen = SURVEY_INIT;
    int r = 0;

    for (size_t i = 0; wanted[i] && r == 0; i++) {
        int at = find(s->metrics, s->n, wanted[i]);

        r = at < 0 ? missing(s, wanted[i], e) : add_metric(&chosen, &s->metrics[at], e);
    }
    if (r == 0) {
        struct history_metric *all = s->metrics;
        size_t n = s->n;

        s->metrics = chosen.metrics;
        s->n = chosen.n;
        chosen.metrics = all;
        chosen.n = n;
    }
    survey_clear(&chosen);
    return r;
}

int survey_take(const char *const *paths, size_t n, bool alone, const char *const *wanted,
                struct survey *out, struct err *e)
{
    _cleanup_(survey_clear) struct survey s = SURVEY_INIT;
    _cleanup_(free_ptr) void *spans = NULL;
    struct walk w = {.survey = &s, .at = SIZE_MAX};
    int r = 0;

    for (size_t i = 0; i < n && r == 0; i++)
        r = walk_file(&w, paths[i], alone, e);
    spans = w.spans;
    if (r == 0)
        find_range(&w, &s);
    if (r == 0 && wanted && wanted[0])
        r = choose(&s, wanted, e);
    if (r < 0)
        return r;
    *out = s;
    s = SURVEY_INIT;
    return 0;
}

void survey_map(const struct survey *s, const struct history_header *h, int *map)
{
    for (size_t i = 0; i < s->n; i++)
        map[i] = find(h->metrics, h->n, s->metrics[i].name);
}
