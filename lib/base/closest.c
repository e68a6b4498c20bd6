/* SPDX-License-Identifier: MIT */
#include "closest.h"

#include <ctype.h>

/* Longer words are no option, subcommand or column of ours. */
enum { WORD_MAX = 32 };

void closest_begin(struct closest *c, const char *word, size_t len)
{
    *c = (struct closest){.word = word, .len = strnlen(word, len)};
}

static bool same(char a, char b)
{
    return tolower((unsigned char)a) == tolower((unsigned char)b);
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned least = a < b ? a : b;

    return least < c ? least : c;
}

/* Optimal string alignment: Levenshtein's distance with swapped neighbours as one step. */
static unsigned distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    unsigned d[WORD_MAX + 1][WORD_MAX + 1];

    for (unsigned i = 0; i <= a_len; i++)
        d[i][0] = i;
    for (unsigned j = 0; j <= b_len; j++)
        d[0][j] = j;
    for (size_t i = 1; i <= a_len; i++) {
        for (size_t j = 1; j <= b_len; j++) {
            d[i][j] = least(d[i - 1][j] + 1, d[i][j - 1] + 1,
                            d[i - 1][j - 1] + !same(a[i - 1], b[j - 1]));
            if (i > 1 && j > 1 && same(a[i - 1], b[j - 2]) && same(a[i - 2], b[j - 1]))
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1, d[i][j]);
        }
    }
    return d[a_len][b_len];
}

void closest_try(struct closest *c, const char *candidate)
{
    size_t len = strlen(candidate);
    unsigned d;

    if (c->len == 0 || c->len > WORD_MAX || len > WORD_MAX)
        return;
    d = distance(c->word, c->len, candidate, len);
    if (strncasecmp(c->word, candidate, c->len) == 0)
        d = 0;
    if (d > 1 && d > c->len / 3)
        return;
    if (!c->best || d < c->distance) {
        c->best = candidate;
        c->distance = d;
    }
}
