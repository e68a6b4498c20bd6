/* SPDX-License-Identifier: MIT */
#include "fstabline.h"

static void drop_table(struct fstabline_reader *reader)
{
    if (reader->tb)
        reader->mnt.unref_table(TAKE_PTR(reader->tb));
}

void fstabline_reader_clear(struct fstabline_reader *reader)
{
    drop_table(reader);
}

int fstabline_load(struct fstabline_reader *reader, struct err *e)
{
    int r = reader->loaded ? 0 : mountlib_load(&reader->mnt, e);

    reader->loaded = r == 0;
    return r;
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

static bool is_entry(const struct fstabline *line)
{
    return line->n_words >= FSTABLINE_OPTIONS && *line->words[FSTABLINE_SOURCE].p != '#';
}

int fstabline_understand(struct fstabline_reader *reader, const struct fstabline *line,
                         struct libmnt_fs **fs, struct err *e)
{
    _cleanup_(close_file) FILE *f = NULL;
    const struct mountlib *mnt = &reader->mnt;
    int r;

    *fs = NULL;
    if (!is_entry(line))
        return 0;
    r = fstabline_load(reader, e);
    if (r < 0)
        return r;
    drop_table(reader);
    f = fmemopen((char *)line->body.p, line->body.n, "r");
    reader->tb = mnt->new_table();
    if (!f || !reader->tb)
        return err_oom(e);
    if (mnt->table_parse_stream(reader->tb, f, "fstab") != 0 ||
        mnt->table_first_fs(reader->tb, fs) != 0)
        *fs = NULL;
    return 0;
}

/* Most entries are of something else, and most machines have no other: no library for those. */
static bool may_be_swap(const struct fstabline *line)
{
    const struct kv_span *type = &line->words[FSTABLINE_TYPE];

    return is_entry(line) && (kv_span_eq(*type, "swap") || memchr(type->p, '\\', type->n));
}

int fstabline_understand_swap(struct fstabline_reader *reader, const struct fstabline *line,
                              struct libmnt_fs **fs, struct err *e)
{
    int r = 0;

    *fs = NULL;
    if (may_be_swap(line))
        r = fstabline_understand(reader, line, fs, e);
    if (r == 0 && *fs && !reader->mnt.fs_is_swaparea(*fs))
        *fs = NULL;
    return r;
}
