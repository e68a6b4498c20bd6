/* SPDX-License-Identifier: MIT */
#include "liveview.h"
#include "metric.h"
#include "size.h"

#include <curses.h>
#include <math.h>
#include <time.h>

enum { LABEL = 8, SPARKS = 6 };

void liveview_clear(struct liveview *v)
{
    livedata_shot_free(&v->shot);
}

/* ---- what there is room for */

/* Lines of the screen, from the top; a number of 0 is left out. */
struct layout {
    int title, bars, sparks, gap, keys;
    int head; /* where the heading of the list stands */
    int rows;
};

static struct layout plan(void)
{
    struct layout l = {.title = LINES >= 4, .bars = LINES >= 8 ? 2 : LINES >= 2};

    l.keys = LINES >= 5;
    l.sparks = LINES - 12;
    l.sparks = l.sparks < 0 ? 0 : l.sparks > SPARKS ? SPARKS : l.sparks;
    if (COLS < LABEL + 16)
        l.sparks = 0;
    l.gap = LINES >= 12;
    l.head = l.title + l.bars + l.sparks + l.gap;
    l.rows = LINES - l.head - 1 - l.keys;
    if (l.rows < 0)
        l.rows = 0;
    return l;
}

size_t liveview_rows(void)
{
    int rows = plan().rows;

    return rows > 0 ? (size_t)rows : 1;
}

/* ---- the top */

static const char *const view_names[] = {
    [PROCUSAGE_PROCESS] = "processes", [PROCUSAGE_USER] = "users",
    [PROCUSAGE_CGROUP] = "cgroups",    [PROCUSAGE_CONTAINER] = "containers",
    [PROCUSAGE_NAME] = "names",
};

static void draw_title(const struct liveview *v)
{
    char clock[16] = "--:--:--";
    const char *state = v->choice.frozen ? "FROZEN" : "";
    char text[128];
    struct tm tm;
    int at, n;

    if (v->shot && localtime_r(&v->shot->when, &tm))
        strftime(clock, sizeof(clock), "%H:%M:%S", &tm);
    attron(A_BOLD);
    at = livedraw_format(0, 0, COLS, "memwatch %s", v->host);
    attroff(A_BOLD);
    at += livedraw_format(0, at, COLS - at, "  %s  every %.3gs  ", clock,
                          (double)v->interval_ms / 1000);
    attron(A_REVERSE);
    at += livedraw_text(0, at, COLS - at, state);
    attroff(A_REVERSE);
    n = snprintf(text, sizeof(text), "%s by %s%s%s", view_names[v->choice.by],
                 consumers_sort_words[v->choice.sort], v->choice.filter[0] ? " with " : "",
                 v->choice.filter);
    if (at + n < COLS)
        livedraw_text(0, COLS - n, n, text);
}

static void draw_ram(const struct liveview *v, int y)
{
    const struct livedata_shot *s = v->shot;
    double newest = s->n ? s->points[s->n - 1].value[LIVEDATA_RAM_USED] : NAN;
    uint64_t used = isnan(newest) ? s->memory.total - s->memory.available : (uint64_t)newest, cache;
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], c[SIZE_TEXT_MAX], d[SIZE_TEXT_MAX], text[128];
    int n, bar;

    if (used > s->memory.total)
        used = s->memory.total;
    cache = s->memory.total - used;
    cache -= s->memory.free < cache ? s->memory.free : cache;
    n = snprintf(text, sizeof(text), "%s used, %s cache, %s free of %s", size_format(used, a),
                 size_format(cache, b), size_format(s->memory.free, c),
                 size_format(s->memory.total, d));
    bar = COLS - LABEL - n - 1;
    livedraw_text(y, 0, COLS, "RAM");
    if (bar >= 10)
        livedraw_bar(&v->term, y, LABEL, bar, used, cache, s->memory.total);
    livedraw_text(y, bar >= 10 ? COLS - n : 4, COLS, text);
}

static void draw_swap(const struct liveview *v, int y)
{
    const struct livedata_shot *s = v->shot;
    uint64_t total = s->memory.swap_total, used = total - s->memory.swap_free;
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], text[128];
    int n, bar;

    livedraw_text(y, 0, COLS, "Swap");
    if (total == 0) {
        livedraw_text(y, LABEL, COLS - LABEL, "none");
        return;
    }
    if (used > total)
        used = 0; /* the kernel counts them one after the other */
    n = snprintf(text, sizeof(text), "%s used of %s", size_format(used, a), size_format(total, b));
    bar = COLS - LABEL - n - 1;
    if (bar >= 10)
        livedraw_bar(&v->term, y, LABEL, bar, used, 0, total);
    livedraw_text(y, bar >= 10 ? COLS - n : 5, COLS, text);
}

/* The lines of blocks, the most telling first. */
static const struct spark {
    const char *label;
    enum livedata_metric metric;
    enum metric_unit unit;
    double least; /* what a whole block is at least */
} sparks[SPARKS] = {
    {"PSI some", LIVEDATA_PSI_SOME, METRIC_PERCENT, 10},
    {"PSI full", LIVEDATA_PSI_FULL, METRIC_PERCENT, 10},
    {"kswapd", LIVEDATA_KSWAPD, METRIC_PAGES_PER_SECOND, 100},
    {"direct", LIVEDATA_DIRECT, METRIC_PAGES_PER_SECOND, 100},
    {"limit", LIVEDATA_LIMIT, METRIC_PAGES_PER_SECOND, 100},
    {"swap out", LIVEDATA_SWAP_OUT, METRIC_BYTES_PER_SECOND, 1 << 20},
};

static void draw_spark(const struct liveview *v, int y, const struct spark *what)
{
    enum { VALUE = 15 };
    const struct livedata_shot *s = v->shot;
    double values[LIVEDATA_HISTORY], full = what->least;
    char text[METRIC_TEXT_MAX] = "-";
    int width = COLS - LABEL - 1 - VALUE - 1;

    for (size_t i = 0; i < s->n; i++) {
        values[i] = s->points[i].value[what->metric];
        if (values[i] > full) /* not of NAN */
            full = values[i];
    }
    if (s->n > 0 && !isnan(values[s->n - 1]))
        metric_format(what->unit, values[s->n - 1], text);
    livedraw_text(y, 0, LABEL, what->label);
    livedraw_format(y, LABEL + 1, VALUE, "%10s%s", text,
                    what->unit == METRIC_PAGES_PER_SECOND ? " pg/s" : "");
    if (width > 0)
        livedraw_spark(&v->term, y, COLS - width, width, values, s->n, full);
}

/* What the newest numbers mean, as far as they are known. */
static const char *judge(const struct livedata_shot *s)
{
    const double *v = s->points[s->n - 1].value;

    if (v[LIVEDATA_DIRECT] > 0)
        return "the machine is short of memory: programs wait while pages are taken away (direct)";
    if (v[LIVEDATA_KSWAPD] > 0)
        return "the machine is short of memory: pages are taken away in the background (kswapd)";
    if (v[LIVEDATA_LIMIT] > 0)
        return "control groups meet their limits; the machine is not short of memory";
    if (v[LIVEDATA_PROACTIVE] > 0)
        return "somebody asks control groups to give memory back; nothing is short";
    if (v[LIVEDATA_PSI_SOME] >= 10)
        return "programs wait for memory, though nothing is taken away now";
    if (v[LIVEDATA_KSWAPD] >= 0)
        return "nothing is taken away";
    return "";
}

/* ---- the list */

static const char *bytes(const struct procusage_row *row, enum procusage_kind kind,
                         char buf[static SIZE_TEXT_MAX])
{
    if (!(row->known & PROCUSAGE_BIT(kind)))
        return "?";
    return size_format(row->bytes[kind], buf);
}

static const char *growth(const struct livedata_shot *s, const struct procusage_row *row,
                          char buf[static SIZE_TEXT_MAX + 1])
{
    int64_t n = row->growth;

    if (!s->list.has_growth)
        return "-";
    *buf = n < 0 ? '-' : '+';
    size_format(n < 0 ? -(uint64_t)n : (uint64_t)n, buf + 1);
    return buf;
}

/* PSS and USS have a column only where the order goes by them: they are dear. */
static bool has_share(const struct livedata_choice *c)
{
    return c->sort == CONSUMERS_BY_PSS || c->sort == CONSUMERS_BY_USS;
}

static void draw_heading(const struct liveview *v, int y)
{
    const struct livedata_choice *c = &v->choice;
    char share[16] = "";
    char text[256];

    if (has_share(c))
        snprintf(share, sizeof(share), " %8s", c->sort == CONSUMERS_BY_PSS ? "PSS" : "USS");
    if (c->by == PROCUSAGE_PROCESS)
        snprintf(text, sizeof(text), "%8s %-10s %8s%s %8s %9s  NAME", "PID", "USER", "RSS", share,
                 "SWAP", "GROWTH");
    else
        snprintf(text, sizeof(text), "%8s %8s%s %8s %9s  %s", "COUNT", "RSS", share, "SWAP",
                 "GROWTH", view_names[c->by]);
    attron(A_REVERSE);
    for (int x = 0; x < COLS; x++)
        mvaddch(y, x, ' ');
    livedraw_text(y, 0, COLS, text);
    attroff(A_REVERSE);
}

static const char *label_of(const struct consumer *row, enum procusage_by by)
{
    const char *label = by == PROCUSAGE_USER        ? row->user
                        : by == PROCUSAGE_CGROUP    ? row->cgroup
                        : by == PROCUSAGE_CONTAINER ? row->container
                                                    : row->name;

    return label ? label : by == PROCUSAGE_CONTAINER ? "(in none)" : "-";
}

static void draw_row(const struct liveview *v, int y, const struct consumer *row)
{
    const struct livedata_shot *s = v->shot;
    bool process = s->choice.by == PROCUSAGE_PROCESS;
    char rss[SIZE_TEXT_MAX], swap[SIZE_TEXT_MAX], more[SIZE_TEXT_MAX + 1], share[SIZE_TEXT_MAX];
    int at = livedraw_format(y, 0, COLS, "%8lld ",
                             process ? (long long)row->sum.pid : (long long)row->sum.count);

    if (process) {
        livedraw_text(y, at, COLS - at < 10 ? COLS - at : 10, row->user ? row->user : "-");
        at += 11;
    }
    at += livedraw_format(y, at, COLS - at, "%8s", bytes(&row->sum, PROCUSAGE_RSS, rss));
    if (has_share(&s->choice))
        at += livedraw_format(y, at, COLS - at, " %8s",
                              bytes(&row->sum, consumers_kind(s->choice.sort), share));
    at += livedraw_format(y, at, COLS - at, " %8s %9s  ", bytes(&row->sum, PROCUSAGE_SWAP, swap),
                          growth(s, &row->sum, more));
    livedraw_text(y, at, COLS - at, label_of(row, s->choice.by));
}

static void draw_list(const struct liveview *v, const struct layout *l)
{
    const struct livedata_shot *s = v->shot;

    if (LINES > l->head)
        draw_heading(v, l->head);
    /* one of another choice stands under the wrong heading */
    if (!s || s->choice.by != v->choice.by || has_share(&s->choice) != has_share(&v->choice))
        return;
    if (s->problem.text && l->rows > 0)
        livedraw_text(l->head + 1, 0, COLS, s->problem.text);
    for (size_t i = 0; i < s->list.n && i < (size_t)l->rows; i++)
        draw_row(v, l->head + 1 + (int)i, &s->list.rows[i]);
}

/* ---- the rest */

static void draw_keys(const struct liveview *v)
{
    int y = LINES - 1, at;

    if (v->typing) {
        at = livedraw_format(y, 0, COLS, "only names with: %s", v->typed);
        if (at < COLS)
            mvaddch(y, at, '_');
        return;
    }
    at = livedraw_text(y, 0, COLS, "q quit  ? help  mpusg order  tab list  / filter  space freeze");
    if (v->shot && (v->shot->list.unreadable || v->shot->list.hidden))
        livedraw_format(y, at, COLS - at, "  not all is seen");
}

static void draw_help(void)
{
    static const char *const lines[] = {
        "m  order by RSS: memory in RAM, shared pages in full",
        "p  order by PSS: of shared pages its part",
        "u  order by USS: what nobody else has",
        "s  order by swap",
        "g  order by growth since the look before",
        "tab    processes, users, cgroups, containers, names",
        "/      only names with some text; enter takes it, escape ends it",
        "space  freeze, and go on",
        "q      quit",
        "",
        "PSI: time that programs waited for memory, of 10 seconds.",
        "kswapd: pages looked at in the background, direct: while a program",
        "waited, limit: because a control group met its limit.",
        "\"-\" is not told by this kernel, \"?\" not to you.",
        "",
        "any key goes back",
    };

    for (int i = 0; i < (int)ARRAY_SIZE(lines) && i < LINES; i++)
        livedraw_text(i, 0, COLS, lines[i]);
}

void liveview_draw(const struct liveview *v)
{
    struct layout l = plan();
    int y = l.title;

    erase();
    if (v->help) {
        draw_help();
        refresh();
        return;
    }
    if (l.title)
        draw_title(v);
    if (v->shot && v->shot->has_memory) {
        if (l.bars > 0)
            draw_ram(v, y);
        if (l.bars > 1)
            draw_swap(v, y + 1);
    }
    for (int i = 0; i < l.sparks && v->shot; i++)
        draw_spark(v, y + l.bars + i, &sparks[i]);
    if (l.gap && v->shot && v->shot->n > 0)
        livedraw_text(y + l.bars + l.sparks, 0, COLS, judge(v->shot));
    draw_list(v, &l);
    if (l.keys)
        draw_keys(v);
    refresh();
}
