/* SPDX-License-Identifier: MIT */
#include "fstab.h"

#include "fstabline.h"
#include <inttypes.h>

/* An option that a declaration decides about. */
struct managed {
    const char *name;
    char text[80]; /* "" if there must be none */
    bool seen;
};

/* The path with its folder resolved, as far as that exists; the file itself may be absent. */
static char *canonical(const struct root *root, const char *path)
{
    _cleanup_(free_ptr) char *dir = NULL, *real = NULL;
    _cleanup_(close_fd) int fd = -1;
    const char *slash = strrchr(path, '/');
    char *out;

    dir = strndup(path, slash > path ? (size_t)(slash - path) : 1);
    if (!dir)
        return NULL;
    fd = root ? root_openat(root, dir, O_PATH | O_DIRECTORY, 0) : -1;
    if (fd < 0 || root_path_of(root, fd, &real, NULL) < 0)
        return fstabline_collapse(path);
    return asprintf(&out, "%s/%s", streq(real, "/") ? "" : real, slash + 1) < 0 ? NULL : out;
}

static int path_matches(const struct root *root, const char *path,
                        const struct declaration_target *target, struct err *e)
{
    _cleanup_(free_ptr) char *real = NULL;
    struct stat st;

    if (*path != '/')
        return 0;
    if (root && target->exists && root_stat(root, path, 0, &st) == 0)
        return declaration_target_is(target, &st);
    real = canonical(root, path);
    if (!real)
        return err_oom(e);
    return streq(real, target->path);
}

/* On the live system the tag may belong to another device that happens to have the same label. */
static bool tag_is_elsewhere(const struct root *root, const struct mountlib *mnt, const char *name,
                             const char *value, const struct declaration_target *target)
{
    _cleanup_(free_ptr) char *device = NULL;
    struct stat st;

    if (!root || !root->live)
        return false;
    device = mnt->resolve_tag(name, value, NULL);
    if (!device || root_stat(root, device, 0, &st) < 0)
        return false;
    return !declaration_target_is(target, &st);
}

static bool tag_matches(const struct root *root, const struct mountlib *mnt, const char *name,
                        const char *value, const struct declaration_target *target)
{
    bool same = false;

    if (streq(name, "UUID"))
        same = target->uuid && strcasecmp(value, target->uuid) == 0;
    else if (streq(name, "LABEL"))
        same = target->label && *target->label && streq(value, target->label);
    return same && !tag_is_elsewhere(root, mnt, name, value, target);
}

/* Return: 1 if the line is a swap entry for the target, 0, or as fstabline_understand(). */
static int line_matches(const struct root *root, struct fstabline_reader *reader,
                        const struct fstabline *line, const struct declaration_target *target,
                        struct err *e)
{
    const struct mountlib *mnt = &reader->mnt;
    const char *name, *value, *path;
    struct libmnt_fs *fs;
    int r = fstabline_understand_swap(reader, line, &fs, e);

    if (r < 0 || !fs)
        return r;
    if (mnt->fs_get_tag(fs, &name, &value) == 0)
        return tag_matches(root, mnt, name, value, target);
    path = mnt->fs_get_srcpath(fs);
    return path ? path_matches(root, path, target, e) : 0;
}

static int find(const struct root *root, struct fstabline_reader *reader, const char *text,
                const struct declaration_target *target, struct fstabline *line, struct err *e)
{
    int r = 0;

    while (r == 0 && fstabline_next(&text, line))
        r = line_matches(root, reader, line, target, e);
    return r;
}

int fstab_find(const struct root *root, const char *text, const struct declaration_target *target,
               size_t *begin, size_t *end, struct err *e)
{
    _cleanup_(fstabline_reader_clear) struct fstabline_reader reader = FSTABLINE_READER_INIT;
    struct fstabline line;
    int r = find(root, &reader, text, target, &line, e);

    if (r == 1) {
        *begin = (size_t)(line.whole.p - text);
        *end = *begin + line.whole.n;
    }
    return r;
}

/* What the options say that @d does not. */
static void take_options(const struct mountlib *mnt, const char *options, struct declaration *d)
{
    uint64_t priority;
    char *value;
    size_t n;

    if (d->priority < 0 && mnt->optstr_get_option(options, "pri", &value, &n) == 0 && value &&
        kv_u64((struct kv_span){value, n}, &priority, NULL) == 0 && priority <= INT16_MAX)
        d->priority = (int)priority;
    if (d->discard < 0 && mnt->optstr_get_option(options, "discard", &value, &n) == 0)
        d->discard = declaration_discard_value(value, n);
    if (d->backing == DECLARATION_BACKING_AUTO &&
        mnt->optstr_get_option(options, FSTABLINE_BACKING, &value, &n) == 0 && value &&
        kv_span_eq((struct kv_span){value, n}, "loop"))
        d->backing = DECLARATION_BACKING_LOOP;
}

int fstab_declared(const struct root *root, const char *text,
                   const struct declaration_target *target, struct declaration *d, struct err *e)
{
    _cleanup_(fstabline_reader_clear) struct fstabline_reader reader = FSTABLINE_READER_INIT;
    _cleanup_(free_ptr) char *options = NULL;
    struct fstabline line;
    int r = find(root, &reader, text, target, &line, e);

    if (r != 1 || line.n_words <= FSTABLINE_OPTIONS)
        return r;
    options = strndup(line.words[FSTABLINE_OPTIONS].p, line.words[FSTABLINE_OPTIONS].n);
    if (!options)
        return err_oom(e);
    take_options(&reader.mnt, options, d);
    return 1;
}

int fstab_next_file(const char **cursor, char **path, struct err *e)
{
    _cleanup_(fstabline_reader_clear) struct fstabline_reader reader = FSTABLINE_READER_INIT;
    struct fstabline line;

    while (fstabline_next(cursor, &line)) {
        const char *source;
        struct libmnt_fs *fs;
        int r = fstabline_understand_swap(&reader, &line, &fs, e);

        if (r < 0)
            return r;
        source = fs ? reader.mnt.fs_get_srcpath(fs) : NULL;
        if (!source || *source != '/' || str_after(source, "/dev/"))
            continue;
        *path = strdup(source);
        return *path ? 1 : err_oom(e);
    }
    return 0;
}

/* The text that is written, with what libmount knows of the old one. */
struct writer {
    FILE *out;
    const struct root *root;
    struct fstabline_reader reader;
};

static void put(FILE *out, const char *p, size_t n)
{
    fwrite(p, 1, n, out);
}

/* The text written to a memory stream, or NULL if memory ran out. */
static char *finish(FILE **out, char **text)
{
    bool bad = ferror(*out);

    bad |= fclose(TAKE_PTR(*out)) != 0;
    return bad ? NULL : TAKE_PTR(*text);
}

enum { N_MANAGED = 6 };

static void managed_options(const struct declaration *d, struct managed m[static N_MANAGED])
{
    bool loop = d->backing == DECLARATION_BACKING_LOOP;
    char label[DECLARATION_LABEL_TEXT];

    m[0] = (struct managed){.name = FSTABLINE_SIZE};
    snprintf(m[0].text, sizeof(m[0].text), FSTABLINE_SIZE "=%" PRIu64, d->size);
    m[1] = (struct managed){.name = "pri"};
    if (d->priority >= 0)
        snprintf(m[1].text, sizeof(m[1].text), "pri=%d", d->priority);
    m[2] = (struct managed){.name = "discard"};
    if (!loop)
        snprintf(m[2].text, sizeof(m[2].text), "%s", declaration_discard_option(d->discard));
    m[3] = (struct managed){.name = FSTABLINE_LABEL};
    if (d->label && *d->label)
        snprintf(m[3].text, sizeof(m[3].text), FSTABLINE_LABEL "=%s",
                 declaration_label_text(d->label, label));
    m[4] = (struct managed){.name = "noauto"};
    m[5] = (struct managed){.name = FSTABLINE_BACKING};
    if (loop) {
        strcpy(m[4].text, "noauto");
        strcpy(m[5].text, FSTABLINE_BACKING "=loop");
    }
}

static struct managed *find_managed(struct managed m[static N_MANAGED], const char *name, size_t n)
{
    for (size_t i = 0; i < N_MANAGED; i++)
        if (strlen(m[i].name) == n && memcmp(m[i].name, name, n) == 0)
            return &m[i];
    return NULL;
}

static void put_option(FILE *out, const char **comma, const char *p, size_t n)
{
    if (n == 0)
        return;
    fputs(*comma, out);
    put(out, p, n);
    *comma = ",";
}

/* The options @old as @d wants them. */
static int put_options(const struct writer *w, const char *old, const struct declaration *d,
                       struct err *e)
{
    _cleanup_(free_ptr) char *copy = strdup(old);
    char *rest = copy, *left = copy, *name, *value;
    struct managed m[N_MANAGED], *known;
    const char *comma = "";
    size_t name_n, value_n;
    int r;

    if (!copy)
        return err_oom(e);
    managed_options(d, m);
    while ((r = w->reader.mnt.optstr_next_option(&rest, &name, &name_n, &value, &value_n)) == 0) {
        left = rest;
        known = find_managed(m, name, name_n);
        if (!known)
            put_option(w->out, &comma, name, (size_t)(rest - name) - (rest[-1] == ','));
        else if (!known->seen)
            put_option(w->out, &comma, known->text, strlen(known->text));
        if (known)
            known->seen = true;
    }
    /* a quote that is never closed ends the loop as well */
    if (r < 0 || *left)
        return err_set(
            e, -EBADMSG,
            "/etc/fstab: the options \"%s\" of the entry for %s cannot be read; correct them", old,
            d->path);
    for (size_t i = 0; i < N_MANAGED; i++)
        if (!m[i].seen)
            put_option(w->out, &comma, m[i].text, strlen(m[i].text));
    return 0;
}

static int put_source(const struct writer *w, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *escaped = w->reader.mnt.mangle(path);

    if (!escaped)
        return err_oom(e);
    fputs(escaped, w->out);
    return 0;
}

static int put_updated(const struct writer *w, const struct fstabline *line,
                       const struct declaration *d, struct err *e)
{
    _cleanup_(free_ptr) char *old = NULL;
    const struct kv_span *source = &line->words[FSTABLINE_SOURCE],
                         *last = &line->words[line->n_words - 1];
    const char *rest = last->p + last->n;
    FILE *out = w->out;
    int r = 0;

    put(out, line->whole.p, (size_t)(source->p - line->whole.p));
    if (*source->p == '/')
        put(out, source->p, source->n);
    else
        r = put_source(w, d->path, e);
    if (r < 0)
        return r;
    put(out, source->p + source->n,
        (size_t)((line->n_words > FSTABLINE_OPTIONS ? last->p : rest) - (source->p + source->n)));
    old = line->n_words > FSTABLINE_OPTIONS ? strndup(last->p, last->n) : strdup("");
    if (!old)
        return err_oom(e);
    if (line->n_words <= FSTABLINE_OPTIONS)
        fputc(' ', out);
    r = put_options(w, old, d, e);
    put(out, rest, (size_t)(line->whole.p + line->whole.n - rest));
    return r;
}

static int put_new(struct writer *w, const struct declaration *d, bool newline, struct err *e)
{
    int r = fstabline_load(&w->reader, e);

    if (r < 0)
        return r;
    if (newline)
        fputc('\n', w->out);
    r = put_source(w, d->path, e);
    if (r < 0)
        return r;
    fputs(" none swap ", w->out);
    r = put_options(w, "sw,nofail", d, e);
    fputs(" 0 0\n", w->out);
    return r;
}

/* @d: NULL leaves no entry for the target. */
static int put_text(struct writer *w, const char *text, const struct declaration *d,
                    const struct declaration_target *target, struct err *e)
{
    const char *cursor = text;
    struct fstabline line;
    bool found = false;
    int r;

    while (fstabline_next(&cursor, &line)) {
        bool again = found;

        r = line_matches(w->root, &w->reader, &line, target, e);
        found |= r == 1;
        if (r == 0)
            put(w->out, line.whole.p, line.whole.n);
        else if (r == 1 && d && !again)
            r = put_updated(w, &line, d, e);
        if (r < 0)
            return r;
    }
    if (!d || found)
        return 0;
    return put_new(w, d, cursor > text && cursor[-1] != '\n', e);
}

static int make_text(const struct root *root, const char *text, const struct declaration *d,
                     const struct declaration_target *target, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *made = NULL;
    struct writer w = {.root = root, .reader = FSTABLINE_READER_INIT};
    size_t size;
    char *whole;
    int r;

    w.out = open_memstream(&made, &size);
    if (!w.out)
        return err_oom(e);
    r = put_text(&w, text, d, target, e);
    fstabline_reader_clear(&w.reader);
    whole = finish(&w.out, &made);
    if (r < 0) {
        free(whole);
        return r;
    }
    if (!whole)
        return err_oom(e);
    *out = whole;
    return 0;
}

int fstab_declare_text(const struct root *root, const char *text, const struct declaration *d,
                       const struct declaration_target *target, char **out, struct err *e)
{
    return make_text(root, text, d, target, out, e);
}

int fstab_undeclare_text(const struct root *root, const char *text,
                         const struct declaration_target *target, char **out, struct err *e)
{
    return make_text(root, text, NULL, target, out, e);
}

static int plan_text(struct confile *f, char *text, struct plan *plan, const char *action,
                     const char *verb, const char *path, struct err *e)
{
    _cleanup_(free_ptr) char *what = NULL;
    int r;

    if (asprintf(&what, "%s %s in %s", verb, path, f->path) < 0) {
        free(text);
        return err_oom(e);
    }
    r = confile_plan(f, text, plan, action, what, e);
    if (r < 0)
        free(text);
    return r;
}

int fstab_plan_declare(struct confile *f, const struct declaration *d,
                       const struct declaration_target *target, struct plan *plan, struct err *e)
{
    char *text;
    int r;

    r = fstab_declare_text(f->root, f->text, d, target, &text, e);
    if (r < 0)
        return r;
    return plan_text(f, text, plan, "persist-fstab", "declare", d->path, e);
}

int fstab_plan_undeclare(struct confile *f, const struct declaration_target *target,
                         struct plan *plan, struct err *e)
{
    size_t begin, end;
    char *text;
    int r;

    r = fstab_find(f->root, f->text, target, &begin, &end, e);
    if (r <= 0)
        return r < 0 ? r : 1;
    r = fstab_undeclare_text(f->root, f->text, target, &text, e);
    if (r < 0)
        return r;
    return plan_text(f, text, plan, "unpersist-fstab", "undeclare", target->path, e);
}
