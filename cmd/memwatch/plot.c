/* SPDX-License-Identifier: MIT */
#include "memwatch.h"

#include <langinfo.h>
#include <locale.h>
#include <math.h>
#include <sys/ioctl.h>

#include "condition.h"
#include "meter.h"
#include "moment.h"
#include "page.h"
#include "story.h"
#include "strip.h"

enum { FORMAT_AUTO, FORMAT_TEXT, FORMAT_SVG, FORMAT_HTML };
static const char *const formats[] = {"auto", "text", "svg", "html", NULL};

enum { COLOUR_AUTO, COLOUR_ALWAYS, COLOUR_NEVER };
static const char *const whens[] = {"auto", "always", "never", NULL};

enum { SVG_WIDTH = 960, SIZE_MOST = 16384, STRIP_ROWS = 6, GAP_INTERVALS = 3 };

struct args {
    struct story_args story; /* first: see story.h */
    bool live;
    uint64_t interval_ms;
    int64_t count;
    const char *output, *title;
    int format, colour;
    int64_t width, height;
    const char *const *thresholds;
};

static const struct opt opts[] = {
    {0, "live", OPT_FLAG, offsetof(struct args, live), NULL,
     "measure now, instead of reading a FILE"},
    {'i', "interval", OPT_DURATION, offsetof(struct args, interval_ms), "SECONDS",
     "with --live: from one sample to the next (default: 1)"},
    {'c', "count", OPT_NUMBER, offsetof(struct args, count), "N",
     "with --live: so many samples (default: until it is interrupted)", .min = 1, .max = 10000000},
    {'o', "output", OPT_FILE, offsetof(struct args, output), "PATH",
     "write to PATH; .svg and .html say what it becomes"},
    {0, "format", OPT_CHOICE, offsetof(struct args, format), "FORMAT",
     "what it becomes, whatever its name", .choices = formats},
    {0, "width", OPT_NUMBER, offsetof(struct args, width), "N",
     "so many columns, or pixels of an SVG", .min = 20, .max = SIZE_MOST},
    {0, "height", OPT_NUMBER, offsetof(struct args, height), "N",
     "so many lines, or pixels of an SVG", .min = 3, .max = SIZE_MOST},
    {0, "threshold", OPT_STRINGS, offsetof(struct args, thresholds), "METRIC=VALUE",
     "draw a line there: ram=80%, swap.used=2G; may be given several times"},
    {0, "title", OPT_STRING, offsetof(struct args, title), "TEXT",
     "what stands above it (default: the name of the file)"},
    {0, "color", OPT_CHOICE, offsetof(struct args, colour), "WHEN",
     "colours in a terminal (default: auto)", .choices = whens},
    OPT_END,
};

static const struct args defaults = {.interval_ms = 1000};

struct plot {
    struct cmd_context *ctx;
    const struct args *args;
    int format;
    struct story story;
    struct meter meter;
    const struct history_metric *metrics; /* borrowed from one of the two */
    size_t n;
    struct series series;
    struct chart chart;
    struct chart_threshold *thresholds; /* owned */
    size_t n_thresholds;
    struct svg_size drawing;
    struct strip_size strip;
};

static void plot_clear(struct plot *p)
{
    chart_clear(&p->chart);
    series_clear(&p->series);
    meter_clear(&p->meter);
    story_clear(&p->story);
    free(p->thresholds);
}

/* ---- what is asked for ---- */

static bool ends_in(const char *path, const char *suffix)
{
    size_t n = strlen(path), len = strlen(suffix);

    return n >= len && strcasecmp(path + n - len, suffix) == 0;
}

static int find_format(const struct args *args)
{
    if (args->format != FORMAT_AUTO || !args->output)
        return args->format != FORMAT_AUTO ? args->format : FORMAT_TEXT;
    if (ends_in(args->output, ".svg"))
        return FORMAT_SVG;
    if (ends_in(args->output, ".html") || ends_in(args->output, ".htm"))
        return FORMAT_HTML;
    return ends_in(args->output, ".txt") ? FORMAT_TEXT : FORMAT_AUTO;
}

static bool want_colour(const struct args *args)
{
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");

    if (args->colour != COLOUR_AUTO)
        return args->colour == COLOUR_ALWAYS;
    return !args->output && isatty(STDOUT_FILENO) && !(no && *no) && term && !streq(term, "dumb");
}

static void find_size(struct plot *p)
{
    const struct args *args = p->args;
    struct winsize window = {0};

    setlocale(LC_CTYPE, "");
    p->strip.unicode = streq(nl_langinfo(CODESET), "UTF-8");
    p->strip.colour = want_colour(args);
    p->drawing.width = args->width > 0 ? (unsigned)args->width : SVG_WIDTH;
    p->drawing.height = (unsigned)args->height;
    if (!args->output && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) < 0)
        window = (struct winsize){0};
    p->strip.width = args->width > 0      ? (unsigned)args->width
                     : window.ws_col > 20 ? window.ws_col
                                          : 80;
    p->strip.height = args->height > 0    ? (unsigned)args->height
                      : window.ws_row > 3 ? window.ws_row - 1U
                                          : (unsigned)(p->n ? p->n : 1) * STRIP_ROWS + 1;
}

static int check(const struct plot *p)
{
    const struct args *args = p->args;

    if (args->live && (args->story.from || args->story.to || args->story.alone))
        return cmd_usage(p->ctx, "--live: goes without --from, --to and --alone");
    if (!args->live && (args->count > 0 || args->interval_ms != defaults.interval_ms))
        return cmd_usage(p->ctx, "--interval and --count: go with --live");
    if (!args->live && p->ctx->n_operands == 0)
        return cmd_usage(p->ctx, "missing FILE; or measure now by --live");
    if (args->interval_ms == 0)
        return cmd_usage(p->ctx, "--interval: must be more than 0");
    if (p->format == FORMAT_AUTO)
        return cmd_usage(p->ctx, "%s: ends neither in .svg nor in .html; name a --format",
                         args->output);
    if (args->live && args->count == 0 && (p->format != FORMAT_TEXT || args->output))
        return cmd_usage(p->ctx, "--live: wants a --count of samples to write to a file");
    return CMD_OK;
}

/* "ram=80%"; the last "=" counts, because a path may hold one. */
static int read_threshold(struct plot *p, const char *text, struct err *e)
{
    const char *equals = strrchr(text, '=');
    struct metric m = METRIC_INIT;
    double value = 0;
    int r = -EINVAL;

    for (size_t i = 0; equals && i < p->n; i++) {
        size_t len = strlen(p->metrics[i].name);

        if (len != (size_t)(equals - text) || strncmp(p->metrics[i].name, text, len) != 0)
            continue;
        r = metric_parse(p->metrics[i].name, &m, e);
        if (r == 0)
            r = condition_parse_value(m.info, equals + 1, &value, e);
        metric_clear(&m);
        if (r == 0)
            p->thresholds[p->n_thresholds++] = (struct chart_threshold){i, value};
        return r;
    }
    return err_usage(e, r, "--threshold: %s: %s", text,
                     equals ? "that metric is not plotted" : "is not METRIC=VALUE");
}

static int read_thresholds(struct plot *p, struct err *e)
{
    size_t n = 0;
    int r = 0;

    while (p->args->thresholds && p->args->thresholds[n])
        n++;
    p->thresholds = calloc(n + 1, sizeof(*p->thresholds));
    if (!p->thresholds)
        return err_oom(e);
    for (size_t i = 0; i < n && r == 0; i++)
        r = read_threshold(p, p->args->thresholds[i], e);
    return r;
}

/* ---- where it goes ---- */

static int draw(struct plot *p, FILE *out, struct err *e)
{
    chart_scale(&p->chart, 4);
    if (p->format == FORMAT_TEXT)
        return strip_write(out, &p->chart, &p->strip) < 0 ? err_oom(e) : 0;
    if (p->format == FORMAT_SVG)
        svg_write(out, &p->chart, &p->drawing, false);
    else
        page_write(out, &p->chart, &p->drawing);
    return 0;
}

/* Only whole drawings get the name: a browser may load it at any moment. What is no regular file is
 * written to as it is. */
static int draw_to_file(struct plot *p, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *made = NULL;
    _cleanup_(close_file) FILE *out = NULL;
    bool direct;
    struct stat st;
    int r;

    direct = lstat(path, &st) == 0 && !S_ISREG(st.st_mode);
    if (asprintf(&made, "%s%s", path, direct ? "" : ".XXXXXX") < 0)
        return err_oom(e);
    r = direct ? open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY) : mkostemp(made, O_CLOEXEC);
    if (r < 0)
        return err_sys(e, -errno, "%s: cannot write", path);
    if (!direct)
        fchmod(r, 0644);
    out = fdopen(r, "w");
    r = out ? draw(p, out, e) : err_oom(e);
    if (r == 0 && (fflush(out) != 0 || ferror(out)))
        r = err_sys(e, errno ? -errno : -EIO, "%s: cannot write", path);
    if (r == 0 && !direct && rename(made, path) < 0)
        r = err_sys(e, -errno, "%s: cannot give it its name", path);
    if (r < 0 && !direct)
        unlink(made);
    return r;
}

static int draw_anywhere(struct plot *p, struct err *e)
{
    return p->args->output ? draw_to_file(p, p->args->output, e) : draw(p, stdout, e);
}

/* ---- from a history ---- */

static const char *title_of(const struct plot *p)
{
    const char *slash;

    if (p->args->title)
        return p->args->title;
    if (p->args->live)
        return "memwatch plot --live";
    slash = strrchr(p->story.paths[0], '/');
    return slash && slash[1] ? slash + 1 : p->story.paths[0];
}

static int make_series(struct plot *p, uint64_t from_ms, uint64_t to_ms, uint64_t interval_ms,
                       struct err *e)
{
    struct chart *c = &p->chart;
    int r;

    c->metrics = p->metrics;
    c->series = &p->series;
    c->thresholds = p->thresholds;
    c->n_thresholds = p->n_thresholds;
    c->title = title_of(p);
    p->series.n_metrics = p->n; /* what the layout asks for */
    if (chart_sort(c) < 0)
        return err_oom(e);
    r = series_init(&p->series, p->n,
                    p->format == FORMAT_TEXT ? strip_buckets(&p->strip)
                                             : svg_buckets(c, &p->drawing),
                    from_ms, to_ms, GAP_INTERVALS * interval_ms);
    return r < 0 ? err_oom(e) : 0;
}

/* One moment alone is shown in the middle of two intervals. */
static void widen(uint64_t *from_ms, uint64_t *to_ms, uint64_t interval_ms)
{
    if (*to_ms > *from_ms)
        return;
    *from_ms -= *from_ms < interval_ms ? *from_ms : interval_ms;
    *to_ms += interval_ms;
}

static int read_story(struct plot *p, struct err *e)
{
    struct story *s = &p->story;
    uint64_t from, to;
    int r = story_begin(p->ctx, &p->args->story, s, e);

    if (r < 0)
        return r;
    p->metrics = s->survey.metrics;
    p->n = s->survey.n;
    find_size(p);
    r = read_thresholds(p, e);
    from = s->from_ms;
    to = s->to_ms;
    widen(&from, &to, s->survey.interval_ms + 1);
    if (r == 0)
        r = make_series(p, from, to, s->survey.interval_ms, e);
    while (r == 0 && (r = story_next(s, e)) > 0) {
        series_add(&p->series, s->time_ms, s->values);
        p->chart.samples++;
        r = 0;
    }
    p->chart.lost_places = s->survey.loss.places;
    p->chart.interval_ms = s->survey.interval_ms;
    return r;
}

static int plot_story(struct plot *p)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = read_story(p, &e);

    if (r == 0 && p->chart.samples == 0) {
        cmd_warn(p->ctx, "%s: no sample there", p->story.paths[0]);
        return story_end(p->ctx, &p->story, false);
    }
    if (r == 0)
        r = draw_anywhere(p, &e);
    return r < 0 ? cmd_fail(p->ctx, r, &e) : story_end(p->ctx, &p->story, true);
}

/* ---- live ---- */

/* As many buckets as the terminal has columns now; what was measured stays. */
static int fit_window(struct plot *p, struct err *e)
{
    struct series *old = &p->series, fitted = SERIES_INIT;
    size_t n = strip_buckets(&p->strip), keep = n < old->n_buckets ? n : old->n_buckets;
    uint64_t width = p->args->interval_ms;

    if (n == old->n_buckets)
        return 0;
    if (series_init(&fitted, p->n, n, old->to_ms + 1 - n * width, old->to_ms, old->gap_ms) < 0)
        return err_oom(e);
    for (size_t i = 0; i < p->n; i++)
        memcpy(&fitted.buckets[i * n + n - keep],
               &old->buckets[i * old->n_buckets + old->n_buckets - keep],
               keep * sizeof(*fitted.buckets));
    memcpy(fitted.totals, old->totals, p->n * sizeof(*fitted.totals));
    series_clear(old);
    *old = fitted;
    return 0;
}

/* A bucket for each sample, the newest on the right. */
static void slide_to(struct plot *p, uint64_t t_ms)
{
    uint64_t late = t_ms > p->series.to_ms ? t_ms - p->series.to_ms : 0;
    uint64_t width = p->args->interval_ms;

    if (late > 0)
        series_shift(&p->series, (late + width - 1) / width);
}

static bool on_screen(const struct plot *p)
{
    return p->format == FORMAT_TEXT && !p->args->output && isatty(STDOUT_FILENO);
}

/* Over what was drawn before, in one write. */
static int redraw(struct plot *p, unsigned *lines, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    int r;

    if (!out)
        return err_oom(e);
    r = draw(p, out, e);
    if (fclose(out) != 0 || r < 0)
        return r < 0 ? r : err_oom(e);
    if (*lines > 0)
        printf("\033[%uA\r\033[J", *lines);
    *lines = 0;
    for (const char *c = text; *c; c++)
        *lines += *c == '\n';
    fputs(text, stdout);
    fflush(stdout);
    return 0;
}

static int take_live(struct plot *p, unsigned *lines, struct err *e)
{
    unsigned before = p->strip.width;
    int r = 0;

    meter_take(&p->meter);
    p->chart.samples++;
    if (on_screen(p)) {
        find_size(p);
        if (p->strip.width != before)
            *lines = 0; /* the terminal has wrapped it, or not */
        r = fit_window(p, e);
    }
    if (p->args->count == 0 || on_screen(p))
        slide_to(p, p->meter.sample.time_ms);
    series_add(&p->series, p->meter.sample.time_ms, p->meter.sample.values);
    return r == 0 && on_screen(p) ? redraw(p, lines, e) : r;
}

/* To a file: all of it, from the first sample to the last. In a terminal: as many as there are
 * columns. */
static int begin_live(struct plot *p, struct err *e)
{
    uint64_t width = p->args->interval_ms, from = moment_now(), to;
    int r = meter_begin(&p->meter, &p->ctx->root, p->ctx->operands, e);

    if (r < 0)
        return r;
    p->metrics = p->meter.names;
    p->n = p->meter.n;
    find_size(p);
    r = read_thresholds(p, e);
    to = from + (uint64_t)(p->args->count > 0 ? p->args->count : 1) * width - 1;
    if (on_screen(p) || p->args->count == 0) {
        to = from;
        from = to + 1 - strip_buckets(&p->strip) * width;
    }
    return r < 0 ? r : make_series(p, from, to, width, e);
}

static int live(struct plot *p, struct err *e)
{
    unsigned lines = 0;
    int r = 0;

    meter_start(&p->meter, p->args->interval_ms);
    while (r == 0) {
        r = take_live(p, &lines, e);
        if (r < 0 || ferror(stdout) ||
            (p->args->count > 0 && p->chart.samples >= (uint64_t)p->args->count))
            return r;
        r = meter_wait(&p->meter);
    }
    return r == -EINTR ? 1 : err_sys(e, r, "cannot wait");
}

static int plot_live(struct plot *p)
{
    _cleanup_(err_clear) struct err e = ERR_INIT;
    int r = begin_live(p, &e), interrupted;

    if (r < 0)
        return cmd_fail(p->ctx, r, &e);
    r = interrupted = live(p, &e);
    if (r >= 0 && !on_screen(p))
        r = draw_anywhere(p, &e);
    sigprocmask(SIG_SETMASK, &p->meter.open, NULL);
    if (r < 0)
        return cmd_fail(p->ctx, r, &e);
    return interrupted == 1 ? CMD_FAILED : CMD_OK; /* dies by the signal */
}

static int run(struct cmd_context *ctx, const void *values)
{
    _cleanup_(plot_clear) struct plot p = {.ctx = ctx, .args = values};
    int r;

    p.format = find_format(p.args);
    r = check(&p);
    if (r != CMD_OK)
        return r;
    return p.args->live ? plot_live(&p) : plot_story(&p);
}

const struct cmd memwatch_plot = {
    .name = "plot",
    .summary = "draw what was recorded, or what is measured now",
    .operands = "FILE... [METRIC...] | --live [METRIC...]",
    .about = "Draws histories that \"record\" wrote, or with --live what is measured now: in the "
             "terminal, as SVG, or as an HTML page. Peaks between the columns are kept, gaps are "
             "gaps.",
    .opts = opts,
    .shared = story_opts,
    .shared_title = "History options",
    .defaults = &defaults,
    .args_size = sizeof(struct args),
    .operand = CMD_OPERAND_FILE,
    .max_operands = -1,
    .run = run,
};
