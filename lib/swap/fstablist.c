/* SPDX-License-Identifier: MIT */
#include "fstablist.h"

#include "fstabline.h"
#include "size.h"

/* An entry of swap. */
struct entry {
    const struct mountlib *mnt;
    unsigned line;
    const char *options;
};

/* What an option says, or NULL; "" where it has no value. Caller frees; *@there: it is there. */
static char *option_value(const struct entry *entry, const char *name, bool *there)
{
    char *value = NULL;
    size_t n = 0;

    *there = entry->mnt->optstr_get_option(entry->options, name, &value, &n) == 0;
    return *there ? strndup(value ? value : "", n) : NULL;
}

static int bad_option(const struct entry *entry, const char *name, const char *value, struct err *e)
{
    return err_set(e, -EBADMSG, "/etc/fstab:%u: cannot understand the option %s=%s; correct it",
                   entry->line, name, value);
}

static int take_priority(const struct entry *entry, struct declaration *d, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(entry, "pri", &there);
    int64_t priority;

    if (!value)
        return there ? err_oom(e) : 0;
    if (size_parse_number(value, INT32_MIN, INT16_MAX, &priority, NULL) < 0)
        return bad_option(entry, "pri", value, e);
    /* swapon(8) takes a negative one for "the kernel chooses" */
    d->priority = priority < 0 ? -1 : (int)priority;
    return 0;
}

static int take_discard(const struct entry *entry, struct declaration *d, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(entry, "discard", &there);

    if (!value)
        return there ? err_oom(e) : 0;
    d->discard = declaration_discard_value(*value ? value : NULL, strlen(value));
    return d->discard < 0 ? bad_option(entry, "discard", value, e) : 0;
}

static int take_label(const struct entry *entry, char **label, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(entry, FSTABLINE_LABEL, &there);

    if (!value)
        return there ? err_oom(e) : 0;
    *label = declaration_label_of(value, strlen(value));
    if (!*label)
        return errno == ENOMEM ? err_oom(e) : bad_option(entry, FSTABLINE_LABEL, value, e);
    return 0;
}

static int take_backing(const struct entry *entry, struct declaration *d, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(entry, FSTABLINE_BACKING, &there);

    if (!value)
        return there ? err_oom(e) : 0;
    if (streq(value, "loop"))
        d->backing = DECLARATION_BACKING_LOOP;
    else if (streq(value, "file"))
        d->backing = DECLARATION_BACKING_FILE;
    else
        return bad_option(entry, FSTABLINE_BACKING, value, e);
    return 0;
}

static int take_size(const struct entry *entry, const char *value, struct declaration *d,
                     struct err *e)
{
    return size_parse(value, &d->size, NULL) < 0 ? bad_option(entry, FSTABLINE_SIZE, value, e) : 0;
}

/* Return: what @fn returned; 0 if it is none of ours; or -ENOMEM. */
static int tell_entry(const struct entry *entry, struct libmnt_fs *fs, fstablist_each_fn *fn,
                      void *arg, struct err *e)
{
    bool there, noauto = entry->mnt->optstr_get_option(entry->options, "noauto", NULL, NULL) == 0;
    _cleanup_(free_ptr) char *size = option_value(entry, FSTABLINE_SIZE, &there), *label = NULL;
    _cleanup_(err_clear) struct err problem = ERR_INIT;
    struct declaration d = {.priority = -1, .discard = DECLARATION_DISCARD_UNSET};
    int r;

    if (!size)
        return there ? err_oom(e) : 0;
    r = take_backing(entry, &d, &problem);
    if (noauto && r == 0 && d.backing != DECLARATION_BACKING_LOOP)
        return 0;
    d.path = entry->mnt->fs_get_srcpath(fs);
    if (r == 0)
        r = take_size(entry, size, &d, &problem);
    if (r == 0)
        r = take_priority(entry, &d, &problem);
    if (r == 0)
        r = take_discard(entry, &d, &problem);
    if (r == 0)
        r = take_label(entry, &label, &problem);
    if (r == -ENOMEM)
        return err_oom(e);
    d.label = label;
    return fn(arg, entry->line, &d, r < 0 ? &problem : NULL, e);
}

int fstablist_each(const char *text, fstablist_each_fn *fn, void *arg, struct err *e)
{
    _cleanup_(fstabline_reader_clear) struct fstabline_reader reader = FSTABLINE_READER_INIT;
    struct entry entry = {&reader.mnt, 0, NULL};
    struct fstabline line;
    int r = 0;

    while (r == 0 && fstabline_next(&text, &line)) {
        _cleanup_(free_ptr) char *options = NULL;
        struct libmnt_fs *fs;

        entry.line++;
        r = fstabline_understand_swap(&reader, &line, &fs, e);
        if (r < 0 || !fs || line.n_words <= FSTABLINE_OPTIONS)
            continue;
        entry.options = options =
            strndup(line.words[FSTABLINE_OPTIONS].p, line.words[FSTABLINE_OPTIONS].n);
        r = options ? tell_entry(&entry, fs, fn, arg, e) : err_oom(e);
    }
    return r;
}

/* The mount point as the kernel would have it, or as written if it is not there. */
static char *real_folder(const struct root *root, const char *path)
{
    _cleanup_(close_fd) int fd = root_openat(root, path, O_PATH | O_DIRECTORY, 0);
    char *real;

    return fd >= 0 && root_path_of(root, fd, &real, NULL) == 0 ? real : fstabline_collapse(path);
}

int fstablist_mount_of(const struct root *root, const char *text, const char *path, char **mount,
                       struct err *e)
{
    _cleanup_(fstabline_reader_clear) struct fstabline_reader reader = FSTABLINE_READER_INIT;
    _cleanup_(free_ptr) char *best = NULL;
    struct fstabline line;

    while (fstabline_next(&text, &line)) {
        _cleanup_(free_ptr) char *real = NULL;
        struct libmnt_fs *fs;
        const char *target, *below;
        int r = fstabline_understand(&reader, &line, &fs, e);

        if (r < 0)
            return r;
        target = fs && !reader.mnt.fs_is_swaparea(fs) ? reader.mnt.fs_get_target(fs) : NULL;
        if (!target || *target != '/')
            continue;
        real = real_folder(root, target);
        if (!real)
            return err_oom(e);
        below = str_after(path, real);
        if (!streq(real, "/") && below && *below == '/' && (!best || strlen(real) > strlen(best))) {
            free(best);
            best = TAKE_PTR(real);
        }
    }
    *mount = TAKE_PTR(best);
    return *mount ? 1 : 0;
}
