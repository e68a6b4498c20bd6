/* SPDX-License-Identifier: MIT */
#include "story.h"

#include <inttypes.h>
#include <math.h>

#include "moment.h"
#include "utf8.h"

const struct opt story_opts[] = {
    {0, "from", OPT_STRING, offsetof(struct story_args, from), "TIME",
     "begin there: 2026-11-22T21:40, 21:40, -1h30m"},
    {0, "to", OPT_STRING, offsetof(struct story_args, to), "TIME", "end there"},
    {0, "alone", OPT_FLAG, offsetof(struct story_args, alone), NULL,
     "only FILE itself, not what was rotated away from it"},
    OPT_END,
};

void story_clear(struct story *s)
{
    replay_free(&s->replay);
    survey_clear(&s->survey);
    free(s->paths);
    free(s->metrics);
    free(s->map);
    free(s->values);
    *s = STORY_INIT;
}

static bool is_metric(const char *word)
{
    struct metric m = METRIC_INIT;
    bool is = metric_parse(word, &m, NULL) == 0;

    metric_clear(&m);
    return is;
}

/* What is neither a metric nor a file is said to be no metric that was recorded. */
static int sort_operands(const struct cmd_context *ctx, struct story *s, struct err *e)
{
    size_t n = (size_t)ctx->n_operands, metrics = 0;

    s->paths = calloc(n + 1, sizeof(*s->paths));
    s->metrics = calloc(n + 1, sizeof(*s->metrics));
    if (!s->paths || !s->metrics)
        return err_oom(e);
    for (size_t i = 0; i < n; i++) {
        const char *word = ctx->operands[i];

        if (i == 0 || (!is_metric(word) && access(word, F_OK) == 0))
            s->paths[s->n_paths++] = word;
        else
            s->metrics[metrics++] = word;
    }
    return 0;
}

static int read_times(const struct story_args *args, struct story *s, struct err *e)
{
    uint64_t now = moment_now();
    int r = 0;

    s->from_ms = s->survey.from_ms;
    s->to_ms = s->survey.to_ms;
    if (args->from)
        r = moment_parse(args->from, now, &s->from_ms, e);
    if (r == 0 && args->to)
        r = moment_parse(args->to, now, &s->to_ms, e);
    if (r == 0 && args->from && args->to && s->from_ms > s->to_ms)
        r = err_usage(e, -EINVAL, "--from: is later than --to");
    return r;
}

int story_begin(const struct cmd_context *ctx, const struct story_args *args, struct story *s,
                struct err *e)
{
    int r = sort_operands(ctx, s, e);

    s->alone = args->alone;
    if (r == 0)
        r = read_times(args, s, e); /* before the long way through the files */
    if (r == 0)
        r = survey_take(s->paths, s->n_paths, s->alone, s->metrics, &s->survey, e);
    if (r == 0)
        r = read_times(args, s, e);
    if (r < 0)
        return r;
    s->map = calloc(s->survey.n + 1, sizeof(*s->map));
    s->values = calloc(s->survey.n + 1, sizeof(*s->values));
    return s->map && s->values ? 0 : err_oom(e);
}

static void take_sample(struct story *s)
{
    const struct history_sample *sample = replay_sample(s->replay);

    for (size_t i = 0; i < s->survey.n; i++)
        s->values[i] = s->map[i] < 0 ? NAN : sample->values[s->map[i]];
    s->time_ms = survey_time(&s->survey, replay_header(s->replay), sample);
}

int story_next(struct story *s, struct err *e)
{
    int r;

    for (;;) {
        if (!s->replay && s->at >= s->n_paths)
            return 0;
        if (!s->replay && (r = replay_open(s->paths[s->at++], s->alone, &s->replay, e)) < 0)
            return r;
        r = replay_next(s->replay, e);
        if (r < 0)
            return r;
        if (r == REPLAY_END)
            replay_free(&s->replay);
        if (r == REPLAY_HEADER)
            survey_map(&s->survey, replay_header(s->replay), s->map);
        if (r != REPLAY_SAMPLE)
            continue;
        take_sample(s);
        if (s->time_ms >= s->from_ms && s->time_ms <= s->to_ms)
            return 1;
    }
}

int story_end(const struct cmd_context *ctx, const struct story *s, bool any)
{
    const struct replay_loss *loss = &s->survey.loss;

    if (loss->places > 0) {
        cmd_warn(ctx, "%s: damaged in %" PRIu64 " place%s, where %" PRIu64 " bytes were skipped",
                 s->paths[0], loss->places, loss->places == 1 ? "" : "s", loss->bytes);
        return CMD_PARTIAL;
    }
    if (loss->torn > 0 && ctx->common.verbose)
        cmd_warn(ctx, "%s: the last record was cut off, %" PRIu64 " bytes of it were skipped",
                 s->paths[0], loss->torn);
    return any ? CMD_OK : CMD_NO;
}

const char *story_number(double value, char out[static STORY_NUMBER_MAX])
{
    char *end;

    if (!(value < 1e15 && value > -1e15)) {
        snprintf(out, STORY_NUMBER_MAX, value < 1e19 && value > -1e19 ? "%.0f" : "%.17g", value);
        return out;
    }
    snprintf(out, STORY_NUMBER_MAX, "%.2f", value);
    end = out + strlen(out);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        end[-1] = '\0';
    return out;
}

char *story_clean(const char *name)
{
    char *all = malloc(4 * strlen(name) + 1), *to = all;

    while (all && *name) {
        size_t n = utf8_length(name);
        const unsigned char first = (unsigned char)name[0], second = (unsigned char)name[1];
        /* C1 controls too, which are two bytes of UTF-8 */
        bool plain = n > 0 && first >= 0x20 && first != 0x7f && !(first == 0xc2 && second < 0xa0);

        if (!plain) {
            to += sprintf(to, "\\x%02x", first);
            name++;
            continue;
        }
        memcpy(to, name, n);
        to += n;
        name += n;
    }
    if (all)
        *to = '\0';
    return all;
}
