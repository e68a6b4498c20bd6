/* SPDX-License-Identifier: MIT */
#include "livedraw.h"

#include <curses.h>
#include <math.h>
#include <stdarg.h>
#include <wchar.h>
#include <wctype.h>

/* ---- text */

/* The next character of a text, as it may be shown. Return: its bytes, 0 at the end; @out is one
 * character, or the escapes of these bytes. */
static size_t next_shown(const char *text, wchar_t out[static 32], int *width)
{
    mbstate_t mb = {0};
    size_t left = strlen(text), n = mbrtowc(out, text, left, &mb);
    int at = 0;

    if (left == 0)
        return 0;
    if (n != (size_t)-1 && n != (size_t)-2 && n > 0 && iswprint((wint_t)out[0]) &&
        wcwidth(out[0]) > 0) {
        *width = wcwidth(out[0]);
        out[1] = L'\0';
        return n;
    }
    if (n == (size_t)-1 || n == (size_t)-2 || n == 0)
        n = 1;
    for (size_t i = 0; i < n; i++)
        at += swprintf(out + at, (size_t)(32 - at), L"\\x%02x", (unsigned char)text[i]);
    *width = at;
    return n;
}

int livedraw_text(int y, int x, int width, const char *text)
{
    wchar_t shown[32];
    int used = 0, w = 0;
    size_t n;

    while ((n = next_shown(text, shown, &w)) > 0 && used + w <= width) {
        mvaddwstr(y, x + used, shown);
        used += w;
        text += n;
    }
    return used;
}

int livedraw_format(int y, int x, int width, const char *format, ...)
{
    char text[512];
    va_list ap;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    return livedraw_text(y, x, width, text);
}

/* ---- bars */

static void repeat(int y, int x, int n, const wchar_t *what, int pair, const struct liveterm *t)
{
    if (t->colours)
        attron(COLOR_PAIR(pair));
    for (int i = 0; i < n; i++)
        mvaddwstr(y, x + i, what);
    if (t->colours)
        attroff(COLOR_PAIR(pair));
}

static int share(uint64_t part, uint64_t total, int width)
{
    double n = total ? (double)part / (double)total * width : 0;

    return n > width ? width : (int)lround(n);
}

void livedraw_bar(const struct liveterm *t, int y, int x, int width, uint64_t used, uint64_t cache,
                  uint64_t total)
{
    int room = width - 2, full, some;
    double percent = total ? 100.0 * (double)used / (double)total : 0;
    int pair = percent >= 90 ? LIVETERM_HOT : percent >= 75 ? LIVETERM_WARM : LIVETERM_GOOD;

    if (room < 1)
        return;
    full = share(used, total, room);
    some = share(cache, total, room);
    if (some > room - full)
        some = room - full;
    mvaddwstr(y, x, L"[");
    repeat(y, x + 1, full, t->utf8 ? L"\u2588" : L"#", pair, t);
    repeat(y, x + 1 + full, some, t->utf8 ? L"\u2592" : L"=", LIVETERM_CACHE, t);
    mvaddwstr(y, x + width - 1, L"]");
}

/* ---- lines of blocks */

static const wchar_t *block(const struct liveterm *t, double value, double full)
{
    static const wchar_t *const blocks[] = {L"\u2581", L"\u2582", L"\u2583", L"\u2584",
                                            L"\u2585", L"\u2586", L"\u2587", L"\u2588"};
    static const wchar_t *const ascii[] = {L"_", L".", L":", L"-", L"=", L"+", L"*", L"#"};
    int level = value <= 0 || full <= 0 ? 0 : 1 + (int)(value / full * 7);

    if (level > 7)
        level = 7;
    return t->utf8 ? blocks[level] : ascii[level];
}

void livedraw_spark(const struct liveterm *t, int y, int x, int width, const double *values,
                    size_t n, double full)
{
    int drawn = n < (size_t)width ? (int)n : width;

    for (int i = 0; i < drawn; i++) {
        double value = values[n - (size_t)drawn + (size_t)i];

        if (isnan(value))
            continue;
        repeat(y, x + width - drawn + i, 1, block(t, value, full),
               value <= 0         ? LIVETERM_DIM
               : value < full / 2 ? LIVETERM_GOOD
                                  : LIVETERM_WARM,
               t);
    }
}
