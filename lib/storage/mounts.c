/* SPDX-License-Identifier: MIT */
#include "mounts.h"

#include "mountlib.h"
#include <sys/sysmacros.h>

#define MOUNTINFO "/proc/self/mountinfo"

/* The table of mounts with libmount's functions. */
struct table {
    struct mountlib mnt;
    struct libmnt_table *tb;
    struct libmnt_iter *iter;
};

static void clear_table(struct table *t)
{
    if (t->tb)
        t->mnt.unref_table(t->tb);
    if (t->iter)
        t->mnt.free_iter(t->iter);
}

static bool is_of(const struct root *root, const struct table *t, struct libmnt_fs *fs, dev_t dev)
{
    const char *source = t->mnt.fs_get_srcpath(fs);
    struct stat st;

    if (t->mnt.fs_get_devno(fs) == dev)
        return true;
    return source && *source == '/' && root_stat(root, source, 0, &st) == 0 &&
           S_ISBLK(st.st_mode) && st.st_rdev == dev;
}

static int read_table(const struct root *root, struct table *t, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    _cleanup_(close_file) FILE *f = NULL;
    size_t n;
    int r = root_read(root, MOUNTINFO, &text, &n, e);

    if (r == 0)
        r = mountlib_load(&t->mnt, e);
    if (r < 0)
        return r;
    t->tb = t->mnt.new_table();
    t->iter = t->mnt.new_iter(MNT_ITER_FORWARD);
    f = n ? fmemopen(text, n, "r") : NULL;
    if (!t->tb || !t->iter || (n && !f))
        return err_oom(e);
    if (f && t->mnt.table_parse_stream(t->tb, f, MOUNTINFO) != 0)
        return err_set(e, -EBADMSG, "%s" MOUNTINFO ": cannot be understood", root->path);
    return 0;
}

int mounts_has_option(const struct root *root, dev_t dev, const char *option, struct err *e)
{
    _cleanup_(clear_table) struct table t = {.tb = NULL};
    struct libmnt_fs *fs;
    int r = read_table(root, &t, e);

    while (r == 0 && t.mnt.table_next_fs(t.tb, t.iter, &fs) == 0) {
        const char *options = t.mnt.fs_get_fs_options(fs);

        if (t.mnt.fs_get_devno(fs) == dev)
            return options && t.mnt.optstr_get_option(options, option, NULL, NULL) == 0;
    }
    return r < 0 ? r
                 : err_set(e, -ENODEV, "%s" MOUNTINFO ": has no mount of device %u:%u", root->path,
                           major(dev), minor(dev));
}

int mounts_point_of(const struct root *root, dev_t dev, char **out, struct err *e)
{
    _cleanup_(clear_table) struct table t = {.tb = NULL};
    struct libmnt_fs *fs;
    int r = read_table(root, &t, e);

    while (r == 0 && t.mnt.table_next_fs(t.tb, t.iter, &fs) == 0) {
        if (!is_of(root, &t, fs, dev))
            continue;
        *out = strdup(t.mnt.fs_get_target(fs));
        return *out ? 1 : err_oom(e);
    }
    return r;
}
