/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>

#include "memwatch.h"
#include "moment.h"
#include "story.h"

struct args {
    struct story_args story; /* first: see story.h */
    bool csv, json;
};

static const struct opt opts[] = {
    {0, "csv", OPT_FLAG, offsetof(struct args, csv), NULL,
     "comma-separated values (RFC 4180) with a heading"},
    {'J', "json", OPT_FLAG, offsetof(struct args, json), NULL, "a JSON object on each line"},
    OPT_END,
};

/* ---- table: written line by line, because a history may be longer than memory ---- */

enum { LEAST_WIDTH = 8, TIME_WIDTH = 19 };

struct column {
    char *name; /* owned; as a terminal can show it */
    int width;
};

static void free_columns(struct column **columns)
{
    for (struct column *c = *columns; c && c->name; c++)
        free(c->name);
    free(*columns);
}

static int make_columns(const struct survey *s, struct column **out, struct err *e)
{
    _cleanup_(free_columns) struct column *columns = calloc(s->n + 1, sizeof(*columns));

    if (!columns)
        return err_oom(e);
    for (size_t i = 0; i < s->n; i++) {
        int len;

        columns[i].name = story_clean(s->metrics[i].name);
        if (!columns[i].name)
            return err_oom(e);
        len = (int)strlen(columns[i].name);
        columns[i].width = len > LEAST_WIDTH ? len : LEAST_WIDTH;
    }
    *out = TAKE_PTR(columns);
    return 0;
}

static void print_heading(const struct column *columns)
{
    printf("%-*s", TIME_WIDTH, "TIME");
    for (; columns->name; columns++)
        printf(" %*s", columns->width, columns->name);
    putchar('\n');
}

static void print_line(const struct story *s, const struct column *columns)
{
    char time[MOMENT_TEXT_MAX], text[METRIC_TEXT_MAX];

    fputs(moment_local(replay_sample(s->replay)->time_ms, time), stdout);
    for (size_t i = 0; i < s->survey.n; i++) {
        snprintf(text, sizeof(text), "-");
        if (!isnan(s->values[i]))
            metric_format(s->survey.metrics[i].unit, s->values[i], text);
        printf(" %*s", columns[i].width, text);
    }
    putchar('\n');
}

/* ---- CSV ---- */

static void csv_text(const char *text)
{
    if (!strpbrk(text, ",\"\r\n")) {
        fputs(text, stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        if (*text == '"')
            putchar('"');
        putchar(*text);
    }
    putchar('"');
}

static void csv_heading(const struct survey *s)
{
    fputs("time,uptime", stdout);
    for (size_t i = 0; i < s->n; i++) {
        putchar(',');
        csv_text(s->metrics[i].name);
    }
    fputs("\r\n", stdout);
}

static void csv_line(const struct story *s)
{
    const struct history_sample *sample = replay_sample(s->replay);
    char time[MOMENT_TEXT_MAX], text[STORY_NUMBER_MAX];

    printf("%s,%" PRIu64 ".%03u", moment_utc(sample->time_ms, time), sample->uptime_ms / 1000,
           (unsigned)(sample->uptime_ms % 1000));
    for (size_t i = 0; i < s->survey.n; i++) {
        putchar(',');
        if (!isnan(s->values[i]))
            fputs(story_number(s->values[i], text), stdout);
    }
    fputs("\r\n", stdout);
}

/* ---- JSON lines ---- */

static void json_line(const struct story *s)
{
    const struct history_sample *sample = replay_sample(s->replay);
    struct json j = JSON_INIT(stdout);
    char time[MOMENT_TEXT_MAX], text[STORY_NUMBER_MAX];

    json_object(&j, NULL);
    json_string(&j, "time", moment_utc(sample->time_ms, time));
    snprintf(text, sizeof(text), "%" PRIu64 ".%03u", sample->uptime_ms / 1000,
             (unsigned)(sample->uptime_ms % 1000));
    json_token(&j, "uptime", text);
    for (size_t i = 0; i < s->survey.n; i++) {
        if (isnan(s->values[i]))
            json_null(&j, s->survey.metrics[i].name);
        else
            json_token(&j, s->survey.metrics[i].name, story_number(s->values[i], text));
    }
    json_object_end(&j);
}

static int print_all(const struct args *args, struct story *s, bool *any, struct err *e)
{
    _cleanup_(free_columns) struct column *columns = NULL;
    int r = make_columns(&s->survey, &columns, e);

    if (r == 0 && args->csv)
        csv_heading(&s->survey);
    while (r >= 0 && (r = story_next(s, e)) > 0) {
        if (args->csv)
            csv_line(s);
        else if (args->json)
            json_line(s);
        else if (!*any)
            print_heading(columns);
        if (!args->csv && !args->json)
            print_line(s, columns);
        *any = true;
        if (ferror(stdout)) /* nobody reads it any more */
            return 0;
    }
    return r;
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(story_clear) struct story s = STORY_INIT;
    const struct args *args = values;
    bool any = false;
    int r;

    if (args->csv && args->json)
        return cmd_usage(ctx, "--csv and --json exclude each other");
    r = story_begin(ctx, &args->story, &s, &e);
    if (r == 0)
        r = print_all(args, &s, &any, &e);
    return r < 0 ? cmd_fail(ctx, r, &e) : story_end(ctx, &s, any);
}

const struct cmd memwatch_replay = {
    .name = "replay",
    .summary = "print what was recorded",
    .operands = "FILE... [METRIC...]",
    .about = "Prints the samples of histories that \"record\" wrote, the oldest first, with those "
             "that were rotated away. What is damaged is skipped, counted, and exit status 4.",
    .opts = opts,
    .shared = story_opts,
    .shared_title = "History options",
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_FILE,
    .min_operands = 1,
    .max_operands = -1,
    .run = run,
};
