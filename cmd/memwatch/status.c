/* SPDX-License-Identifier: MIT */
#include "memwatch.h"
#include "size.h"
#include "status_read.h"
#include "utf8.h"

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <sys/ioctl.h>

struct args {
    bool json;
};

static const struct opt opts[] = {
    {0, "json", OPT_FLAG, offsetof(struct args, json), NULL, "print JSON"},
    OPT_END,
};

/* ---- lines, cut at the width of the terminal */

enum { NO_WIDTH = 100000, BAR_MAX = 40, BAR_BESIDE = 50, LABEL = 9 };

struct page {
    size_t width;
    bool ascii;        /* the terminal knows no UTF-8 */
    const char *label; /* of the next line */
};

/* What COLUMNS says, else the terminal; a pipe takes lines of any length. */
static size_t find_width(void)
{
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    int64_t n;

    if (columns && size_parse_number(columns, 1, NO_WIDTH, &n, NULL) == 0)
        return (size_t)n;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return NO_WIDTH;
}

/* Names are other people's: what steers a terminal, or is no text, becomes "?". */
static void put_text(const struct page *p, const char *text)
{
    for (size_t width = p->width; *text && width > 0; width--) {
        size_t n = utf8_length(text);

        /* U+0080 to U+009f are control characters too */
        if (n == 0 || (n > 1 && p->ascii) || (unsigned char)*text < 0x20 || *text == 0x7f ||
            (n == 2 && (unsigned char)text[0] == 0xc2 && (unsigned char)text[1] < 0xa0))
            putchar('?');
        else
            fwrite(text, 1, n, stdout);
        text += n ? n : 1;
    }
    putchar('\n');
}

static void line(struct page *p, const char *fmt, ...) _printf_(2, 3);

static void line(struct page *p, const char *fmt, ...)
{
    _cleanup_(free_ptr) char *text = NULL, *all = NULL;
    va_list ap;
    int n;

    va_start(ap, fmt);
    n = vasprintf(&text, fmt, ap);
    va_end(ap);
    if (n < 0)
        text = NULL;
    if (text && asprintf(&all, "%-*s%s", LABEL, p->label, text) >= 0)
        put_text(p, all);
    p->label = "";
}

/* "[####......] " where there is room for it. @bar has BAR_MAX + 4 bytes. */
static const char *bar_of(const struct page *p, double share, char *bar)
{
    size_t n = p->width > BAR_BESIDE + BAR_MAX ? BAR_MAX
               : p->width > BAR_BESIDE + 8     ? p->width - BAR_BESIDE
                                               : 0;
    size_t full = (size_t)(share * (double)n + 0.5);

    *bar = '\0';
    if (n == 0)
        return bar;
    bar[0] = '[';
    for (size_t i = 0; i < n; i++)
        bar[i + 1] = i < full ? '#' : '.';
    strcpy(bar + n + 1, "] ");
    return bar;
}

/* ---- text */

struct size_text {
    char text[SIZE_TEXT_MAX];
};

#define SIZE(bytes) (size_format((bytes), (struct size_text){""}.text))

static void print_ram(struct page *p, const struct meminfo *m)
{
    uint64_t used = m->total - m->available;
    double share = m->total > 0 ? (double)used / (double)m->total : 0;
    char bar[BAR_MAX + 4];

    p->label = "RAM";
    line(p, "%s%.1f%% of %s in use, %s available%s", bar_of(p, share, bar), 100 * share,
         SIZE(m->total), SIZE(m->available), m->available_estimated ? " (estimated)" : "");
    line(p, "%s page cache, %s buffers, %s reclaimable slab, %s free", SIZE(m->cached),
         SIZE(m->buffers), SIZE(m->sreclaimable), SIZE(m->free));
    p->label = "commit";
    if (m->commit_limit > 0)
        line(p, "%s promised to programs, %.0f%% of the limit that strict overcommit would set",
             SIZE(m->committed_as), 100 * (double)m->committed_as / (double)m->commit_limit);
    p->label = "";
}

static void print_swap(struct page *p, const struct status_read *s)
{
    uint64_t total = s->meminfo.swap_total, used = total - s->meminfo.swap_free;
    double share = total > 0 ? (double)used / (double)total : 0;
    char bar[BAR_MAX + 4];

    p->label = "swap";
    if (total == 0)
        line(p, "none");
    else
        line(p, "%s%.1f%% of %s in use", bar_of(p, share, bar), 100 * share, SIZE(total));
    for (size_t i = 0; i < s->swaps.n; i++) {
        const struct swaps_area *a = &s->swaps.areas[i];

        line(p, "%s of %s, priority %d: %s", SIZE(a->used), SIZE(a->size), a->priority, a->path);
    }
    for (size_t i = 0; i < s->zram.n; i++) {
        const struct zram *z = &s->zram.devices[i];

        if (z->size > 0 && z->has_stat)
            line(p, "/dev/zram%u: %s stored in %s", z->number, SIZE(z->stat.original),
                 SIZE(z->stat.used));
    }
    p->label = "zswap";
    if (s->has_zswap && s->zswap.values[ZSWAP_ENABLED])
        line(p, "%s%s%s%s%s", *s->zswap.values[ZSWAP_ENABLED] == 'Y' ? "on" : "off",
             s->zswap.stored.known ? ": " : "",
             s->zswap.stored.known ? SIZE(s->zswap.stored.value) : "",
             s->zswap.stored.known && s->zswap.pool.known ? " stored in " : "",
             s->zswap.stored.known && s->zswap.pool.known ? SIZE(s->zswap.pool.value) : "");
    p->label = "";
}

static void print_psi(struct page *p, const struct status_read *s)
{
    bool any = false;

    p->label = "pressure";
    for (int i = 0; i < STATUS_READ_PSI; i++) {
        const struct pressure_line *some = &s->psi[i].some, *full = &s->psi[i].full;
        char text[64] = "";

        if (!s->has_psi[i] || !some->present)
            continue;
        if (full->present)
            snprintf(text, sizeof(text), "   full %5.1f%% %5.1f%% %5.1f%%", full->avg10,
                     full->avg60, full->avg300);
        line(p, "%-6s some %5.1f%% %5.1f%% %5.1f%%%s%s",
             status_read_psi_word((enum status_read_psi)i), some->avg10, some->avg60, some->avg300,
             text, any ? "" : "   (10 s, 1 min, 5 min)");
        any = true;
    }
    if (!any)
        line(p, "this kernel does not tell");
}

static void print_holders(struct page *p, const struct status_read *s)
{
    p->label = "programs";
    for (size_t i = 0; i < s->top.n; i++) {
        const struct consumer *c = &s->top.rows[i];

        line(p, "%7s  %s (%d, %s)", SIZE(c->sum.bytes[PROCUSAGE_RSS]), c->name ? c->name : "?",
             (int)c->sum.pid, c->user ? c->user : "?");
    }
    p->label = "groups";
    for (size_t i = 0; i < s->n_groups; i++)
        line(p, "%7s  %s", SIZE(s->groups[i].bytes), s->groups[i].path);
    p->label = "GPU";
    for (size_t i = 0; i < STATUS_READ_GPUS; i++)
        if (s->gpus[i].known)
            line(p, "%zu: %.1f%% in use, %s", i, s->gpus[i].percent,
                 SIZE((uint64_t)s->gpus[i].used));
    p->label = "";
}

static void print_text(const struct status_read *s)
{
    struct page p = {.width = find_width(), .label = "memory"};

    setlocale(LC_CTYPE, "");
    p.ascii = !streq(nl_langinfo(CODESET), "UTF-8");
    line(&p, "%s: %s", judgement_word(s->judgement), s->reason);
    if (s->limit.group) {
        p.label = "limit";
        line(&p, "%s of %s in use: the limit of %s, that we run in", SIZE(s->limit.used),
             SIZE(s->limit.limit), s->limit.group);
    }
    print_ram(&p, &s->meminfo);
    print_swap(&p, s);
    print_psi(&p, s);
    print_holders(&p, s);
}

/* ---- JSON */

static void json_bytes(struct json *j, const char *key, uint64_t bytes)
{
    json_real(j, key, (double)bytes);
}

static void json_known(struct json *j, const char *key, const struct zswap_number *n)
{
    if (n->known)
        json_bytes(j, key, n->value);
    else
        json_null(j, key);
}

static void json_ram(struct json *j, const struct meminfo *m)
{
    json_object(j, "ram");
    json_bytes(j, "total_bytes", m->total);
    json_bytes(j, "available_bytes", m->available);
    json_bool(j, "available_estimated", m->available_estimated);
    json_bytes(j, "used_bytes", m->total - m->available);
    json_bytes(j, "free_bytes", m->free);
    json_bytes(j, "cached_bytes", m->cached);
    json_bytes(j, "buffers_bytes", m->buffers);
    json_bytes(j, "slab_reclaimable_bytes", m->sreclaimable);
    json_bytes(j, "committed_bytes", m->committed_as);
    json_bytes(j, "commit_limit_bytes", m->commit_limit);
    json_object_end(j);
}

static void json_swap(struct json *j, const struct status_read *s)
{
    json_object(j, "swap");
    json_bytes(j, "total_bytes", s->meminfo.swap_total);
    json_bytes(j, "used_bytes", s->meminfo.swap_total - s->meminfo.swap_free);
    json_list(j, "areas");
    for (size_t i = 0; i < s->swaps.n; i++) {
        const struct swaps_area *a = &s->swaps.areas[i];

        json_object(j, NULL);
        json_string(j, "path", a->path);
        json_bytes(j, "size_bytes", a->size);
        json_bytes(j, "used_bytes", a->used);
        json_number(j, "priority", a->priority);
        json_object_end(j);
    }
    json_list_end(j);
    json_object_end(j);
}

static void json_compressed(struct json *j, const struct status_read *s)
{
    json_list(j, "zram");
    for (size_t i = 0; i < s->zram.n; i++) {
        const struct zram *z = &s->zram.devices[i];
        char path[ZRAM_PATH_MAX];

        if (z->size == 0 || !z->has_stat)
            continue;
        json_object(j, NULL);
        json_string(j, "device", zram_path(z->number, path));
        json_bytes(j, "size_bytes", z->size);
        json_bytes(j, "stored_bytes", z->stat.original);
        json_bytes(j, "used_bytes", z->stat.used);
        json_object_end(j);
    }
    json_list_end(j);
    if (!s->has_zswap || !s->zswap.values[ZSWAP_ENABLED]) {
        json_null(j, "zswap");
        return;
    }
    json_object(j, "zswap");
    json_bool(j, "enabled", *s->zswap.values[ZSWAP_ENABLED] == 'Y');
    json_known(j, "stored_bytes", &s->zswap.stored);
    json_known(j, "pool_bytes", &s->zswap.pool);
    json_object_end(j);
}

static void json_psi_line(struct json *j, const char *key, const struct pressure_line *l)
{
    if (!l->present) {
        json_null(j, key);
        return;
    }
    json_object(j, key);
    json_real(j, "avg10", l->avg10);
    json_real(j, "avg60", l->avg60);
    json_real(j, "avg300", l->avg300);
    json_object_end(j);
}

static void json_psi(struct json *j, const struct status_read *s)
{
    json_object(j, "psi");
    for (int i = 0; i < STATUS_READ_PSI; i++) {
        const char *word = status_read_psi_word((enum status_read_psi)i);

        if (!s->has_psi[i]) {
            json_null(j, word);
            continue;
        }
        json_object(j, word);
        json_psi_line(j, "some", &s->psi[i].some);
        json_psi_line(j, "full", &s->psi[i].full);
        json_object_end(j);
    }
    json_object_end(j);
}

static void json_holders(struct json *j, const struct status_read *s)
{
    json_list(j, "processes");
    for (size_t i = 0; i < s->top.n; i++) {
        const struct consumer *c = &s->top.rows[i];

        json_object(j, NULL);
        json_number(j, "pid", c->sum.pid);
        json_string(j, "name", c->name);
        json_string(j, "user", c->user);
        json_bytes(j, "rss_bytes", c->sum.bytes[PROCUSAGE_RSS]);
        json_object_end(j);
    }
    json_list_end(j);
    json_list(j, "cgroups");
    for (size_t i = 0; i < s->n_groups; i++) {
        json_object(j, NULL);
        json_string(j, "cgroup", s->groups[i].path);
        json_bytes(j, "memory_bytes", s->groups[i].bytes);
        json_object_end(j);
    }
    json_list_end(j);
    json_list(j, "gpus");
    for (size_t i = 0; i < STATUS_READ_GPUS; i++) {
        if (!s->gpus[i].known)
            continue;
        json_object(j, NULL);
        json_number(j, "gpu", (int64_t)i);
        json_real(j, "percent", s->gpus[i].percent);
        json_real(j, "used_bytes", s->gpus[i].used);
        json_object_end(j);
    }
    json_list_end(j);
}

static void print_json(const struct status_read *s)
{
    struct json j = JSON_INIT(stdout);

    json_object(&j, NULL);
    json_string(&j, "memory", judgement_word(s->judgement));
    json_string(&j, "reason", s->reason);
    if (s->limit.group) {
        json_object(&j, "limit");
        json_string(&j, "cgroup", s->limit.group);
        json_bytes(&j, "limit_bytes", s->limit.limit);
        json_bytes(&j, "used_bytes", s->limit.used);
        json_object_end(&j);
    } else {
        json_null(&j, "limit");
    }
    json_ram(&j, &s->meminfo);
    json_swap(&j, s);
    json_compressed(&j, s);
    json_psi(&j, s);
    json_holders(&j, s);
    json_object_end(&j);
}

static void warn(void *arg, const struct err *e)
{
    cmd_warn(arg, "%s", e->text ? e->text : "out of memory");
}

static int run(struct cmd_context *ctx, const void *values)
{
    const struct args *args = values;
    _cleanup_(err_clear) struct err e = ERR_INIT;
    _cleanup_(status_read_clear) struct status_read s = {.users = USERS_INIT,
                                                         .top = CONSUMERS_INIT};
    int r = status_read_all(&ctx->root, &s, warn, ctx, &e);

    if (r < 0)
        return cmd_fail(ctx, r, &e);
    (args->json ? print_json : print_text)(&s);
    return s.broken ? CMD_PARTIAL : CMD_OK;
}

const struct cmd memwatch_status = {
    .name = "status",
    .summary = "how memory stands, on one screen",
    .operands = "",
    .about = "Shows RAM, swap, compressed memory, pressure, and who holds most, and says in a word "
             "whether there is memory enough: \"enough\", \"tight\" or \"short\", and why. Without "
             "a subcommand memwatch does this.",
    .opts = opts,
    .args_size = sizeof(struct args),
    .run = run,
};
