/* SPDX-License-Identifier: MIT */
#include "fstabline.h"

void fstabline_free_table(struct libmnt_table **tb)
{
    mnt_unref_table(*tb);
}

static bool blank(char c)
{
    return c == ' ' || c == '\t';
}

bool fstabline_next(const char **cursor, struct fstabline *out)
{
    const char *p = *cursor, *end = strchrnul(p, '\n');
    struct fstabline line = {.whole.p = p, .body = {p, (size_t)(end - p)}};

    if (!*p)
        return false;
    *cursor = *end ? end + 1 : end;
    line.whole.n = (size_t)(*cursor - p);
    if (line.body.n > 0 && end[-1] == '\r')
        line.body.n--;
    end = p + line.body.n;
    while (line.n_words < FSTABLINE_WORDS) {
        const char *word;

        while (p < end && blank(*p))
            p++;
        if (p == end)
            break;
        for (word = p; p < end && !blank(*p);)
            p++;
        line.words[line.n_words++] = (struct kv_span){word, (size_t)(p - word)};
    }
    *out = line;
    return true;
}

char *fstabline_collapse(const char *path)
{
    char *out = strdup(path), *to = out;

    for (const char *p = path; out && *p; p++)
        if (*p != '/' || p[1] != '/')
            *to++ = *p;
    if (out)
        *to = '\0';
    return out;
}

int fstabline_understand(const struct fstabline *line, struct libmnt_table **tb,
                         struct libmnt_fs **fs, struct err *e)
{
    _cleanup_(close_file) FILE *f = NULL;

    *fs = NULL;
    *tb = NULL;
    if (line->n_words < FSTABLINE_OPTIONS || *line->words[FSTABLINE_SOURCE].p == '#')
        return 0;
    f = fmemopen((char *)line->body.p, line->body.n, "r");
    *tb = mnt_new_table();
    if (!f || !*tb)
        return err_oom(e);
    if (mnt_table_parse_stream(*tb, f, "fstab") != 0 || mnt_table_first_fs(*tb, fs) != 0)
        *fs = NULL;
    return 0;
}
