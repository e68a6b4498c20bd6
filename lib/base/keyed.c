/* SPDX-License-Identifier: MIT */
#include "keyed.h"

struct line {
    const char *p;
    const char *end; /* its newline, or the end of the text */
    bool cut;
};

static bool next_line(const char **cursor, const char *end, struct line *out)
{
    const char *p = *cursor, *stop;

    if (p >= end)
        return false;
    stop = memchr(p, '\n', (size_t)(end - p));
    *out = (struct line){p, stop ? stop : end, !stop};
    *cursor = stop ? stop + 1 : end;
    return true;
}

static bool begins_with(const struct line *line, const struct keyed_key *key, char sep)
{
    return (size_t)(line->end - line->p) > key->n && line->p[key->n] == sep &&
           memcmp(line->p, key->name, key->n) == 0;
}

static struct kv_span value_of(const struct line *line, const struct keyed_key *key)
{
    struct kv_span value = kv_trim(line->p + key->n + 1, line->end);

    if (line->cut)
        value.n = 0;
    return value;
}

/* A whole line at @p that begins with the key. */
static bool value_at(const char *p, const char *end, const struct keyed_key *key, char sep,
                     struct kv_span *value)
{
    const char *stop;

    if ((size_t)(end - p) <= key->n || p[key->n] != sep || memcmp(p, key->name, key->n) != 0)
        return false;
    p += key->n + 1;
    for (stop = p; stop < end && *stop != '\n'; stop++)
        ;
    *value = kv_trim(p, stop);
    return stop < end;
}

/* The line that is @lines ones further than @p, or @end. */
static const char *skip_lines(const char *p, const char *end, unsigned lines)
{
    while (lines-- > 0 && p < end) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));

        p = newline ? newline + 1 : end;
    }
    return p;
}

/* Is there a line that begins as far from the one before as the last time? */
static bool still_there(const char *p, size_t ahead, const char *end, bool first)
{
    return ahead < (size_t)(end - p) &&
           ((first && ahead == 0) || (ahead > 0 && p[ahead - 1] == '\n'));
}

bool keyed_again(struct keyed *k, const char *text, size_t len, struct kv_span *values)
{
    const char *end = text + len, *p = text;
    size_t before = 0;

    memset(values, 0, k->n * sizeof(*values));
    if (k->found < k->most)
        return false;
    for (size_t i = 0; i < k->found; i++) {
        const struct keyed_key *key = &k->keys[k->order[i]];
        struct kv_span *value = &values[k->order[i]];
        size_t ahead = k->at[i] - before;

        before = k->at[i];
        if (still_there(p, ahead, end, i == 0) && value_at(p + ahead, end, key, k->sep, value)) {
            p += ahead;
        } else {
            p = skip_lines(p, end, k->gap[i]);
            if (!value_at(p, end, key, k->sep, value))
                return false;
        }
        k->at[i] = (size_t)(p - text);
    }
    return k->found > 0;
}

static void search(struct keyed *k, const char *p, const char *end, struct kv_span *values)
{
    struct line line;
    const char *text = p;
    unsigned short gap = 0;

    k->found = 0;
    for (; next_line(&p, end, &line); gap++)
        for (size_t i = 0; i < k->n; i++)
            if (!values[i].p && begins_with(&line, &k->keys[i], k->sep)) {
                values[i] = value_of(&line, &k->keys[i]);
                k->order[k->found] = (unsigned char)i;
                k->at[k->found] = (size_t)(line.p - text);
                k->gap[k->found++] = gap;
                gap = 0;
                break;
            }
    if (k->found > k->most)
        k->most = k->found;
}

void keyed_find(struct keyed *k, const char *text, size_t len, struct kv_span *values)
{
    if (keyed_again(k, text, len, values))
        return;
    memset(values, 0, k->n * sizeof(*values));
    search(k, text, text + len, values);
}
