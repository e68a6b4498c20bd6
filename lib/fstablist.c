/* SPDX-License-Identifier: MIT */
#include "fstablist.h"

#include "fstabline.h"
#include "size.h"

/* What an option says, or NULL; "" where it has no value. Caller frees; *@there: it is there. */
static char *option_value(const char *options, const char *name, bool *there)
{
    char *value = NULL;
    size_t n = 0;

    *there = mnt_optstr_get_option(options, name, &value, &n) == 0;
    return *there ? strndup(value ? value : "", n) : NULL;
}

static int bad_option(unsigned line, const char *name, const char *value, struct err *e)
{
    return err_set(e, -EBADMSG, "/etc/fstab:%u: cannot understand the option %s=%s; correct it",
                   line, name, value);
}

static int take_priority(unsigned line, const char *options, struct declaration *d, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(options, "pri", &there);
    int64_t priority;

    if (!value)
        return there ? err_oom(e) : 0;
    if (size_parse_number(value, INT32_MIN, INT16_MAX, &priority, NULL) < 0)
        return bad_option(line, "pri", value, e);
    /* swapon(8) takes a negative one for "the kernel chooses" */
    d->priority = priority < 0 ? -1 : (int)priority;
    return 0;
}

static int take_discard(unsigned line, const char *options, struct declaration *d, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(options, "discard", &there);

    if (!value)
        return there ? err_oom(e) : 0;
    d->discard = declaration_discard_value(*value ? value : NULL, strlen(value));
    return d->discard < 0 ? bad_option(line, "discard", value, e) : 0;
}

static int take_label(unsigned line, const char *options, char **label, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(options, FSTABLINE_LABEL, &there);

    if (!value)
        return there ? err_oom(e) : 0;
    *label = declaration_label_of(value, strlen(value));
    if (!*label)
        return errno == ENOMEM ? err_oom(e) : bad_option(line, FSTABLINE_LABEL, value, e);
    return 0;
}

static int take_backing(unsigned line, const char *options, struct declaration *d, struct err *e)
{
    bool there;
    _cleanup_(free_ptr) char *value = option_value(options, FSTABLINE_BACKING, &there);

    if (!value)
        return there ? err_oom(e) : 0;
    if (streq(value, "loop"))
        d->backing = DECLARATION_BACKING_LOOP;
    else if (streq(value, "file"))
        d->backing = DECLARATION_BACKING_FILE;
    else
        return bad_option(line, FSTABLINE_BACKING, value, e);
    return 0;
}

static int take_size(unsigned line, const char *value, struct declaration *d, struct err *e)
{
    return size_parse(value, &d->size, NULL) < 0 ? bad_option(line, FSTABLINE_SIZE, value, e) : 0;
}

/* @fs: a swap entry. Return: what @fn returned; 0 if it is none of ours; or -ENOMEM. */
static int tell_entry(unsigned line, struct libmnt_fs *fs, const char *options,
                      fstablist_each_fn *fn, void *arg, struct err *e)
{
    bool there, noauto = mnt_optstr_get_option(options, "noauto", NULL, NULL) == 0;
    _cleanup_(free_ptr) char *size = option_value(options, FSTABLINE_SIZE, &there), *label = NULL;
    _cleanup_(err_clear) struct err problem = ERR_INIT;
    struct declaration d = {.priority = -1, .discard = DECLARATION_DISCARD_UNSET};
    int r;

    if (!size)
        return there ? err_oom(e) : 0;
    r = take_backing(line, options, &d, &problem);
    if (noauto && r == 0 && d.backing != DECLARATION_BACKING_LOOP)
        return 0;
    d.path = mnt_fs_get_srcpath(fs);
    if (r == 0)
        r = take_size(line, size, &d, &problem);
    if (r == 0)
        r = take_priority(line, options, &d, &problem);
    if (r == 0)
        r = take_discard(line, options, &d, &problem);
    if (r == 0)
        r = take_label(line, options, &label, &problem);
    if (r == -ENOMEM)
        return err_oom(e);
    d.label = label;
    return fn(arg, line, &d, r < 0 ? &problem : NULL, e);
}

int fstablist_each(const char *text, fstablist_each_fn *fn, void *arg, struct err *e)
{
    struct fstabline line;
    unsigned number = 0;
    int r = 0;

    while (r == 0 && fstabline_next(&text, &line)) {
        _cleanup_(fstabline_free_table) struct libmnt_table *tb = NULL;
        _cleanup_(free_ptr) char *options = NULL;
        struct libmnt_fs *fs;

        number++;
        r = fstabline_understand(&line, &tb, &fs, e);
        if (r < 0 || !fs || !mnt_fs_is_swaparea(fs) || line.n_words <= FSTABLINE_OPTIONS)
            continue;
        options = strndup(line.words[FSTABLINE_OPTIONS].p, line.words[FSTABLINE_OPTIONS].n);
        r = options ? tell_entry(number, fs, options, fn, arg, e) : err_oom(e);
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
    _cleanup_(free_ptr) char *best = NULL;
    struct fstabline line;

    while (fstabline_next(&text, &line)) {
        _cleanup_(fstabline_free_table) struct libmnt_table *tb = NULL;
        _cleanup_(free_ptr) char *real = NULL;
        struct libmnt_fs *fs;
        const char *target, *below;
        int r = fstabline_understand(&line, &tb, &fs, e);

        if (r < 0)
            return r;
        target = fs && !mnt_fs_is_swaparea(fs) ? mnt_fs_get_target(fs) : NULL;
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
