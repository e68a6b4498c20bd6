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

bool keyed_again(const struct keyed *k, const char *text, size_t len, struct kv_span *values)
{
    const char *end = text + len;
    size_t at = 0, lines = 0;
    struct line line;

    memset(values, 0, k->n * sizeof(*values));
    while (at < k->found && lines < k->lines && next_line(&text, end, &line)) {
        const struct keyed_key *key = &k->keys[k->order[at]];

        lines++;
        if (line.cut || !begins_with(&line, key, k->sep))
            continue;
        values[k->order[at++]] = value_of(&line, key);
    }
    return at > 0 && at == k->found && lines == k->lines;
}

static void search(struct keyed *k, const char *p, const char *end, struct kv_span *values)
{
    struct line line;
    size_t lines = 0;

    k->found = k->lines = 0;
    while (next_line(&p, end, &line)) {
        lines++;
        for (size_t i = 0; i < k->n; i++)
            if (!values[i].p && begins_with(&line, &k->keys[i], k->sep)) {
                values[i] = value_of(&line, &k->keys[i]);
                k->order[k->found++] = (unsigned char)i;
                k->lines = lines;
                break;
            }
    }
}

void keyed_find(struct keyed *k, const char *text, size_t len, struct kv_span *values)
{
    if (keyed_again(k, text, len, values))
        return;
    memset(values, 0, k->n * sizeof(*values));
    search(k, text, text + len, values);
}
