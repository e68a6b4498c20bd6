/* SPDX-License-Identifier: MIT */
#include "mounts.h"

#include <libmount.h>

#define MOUNTINFO "/proc/self/mountinfo"

static void unref_table(struct libmnt_table **tb)
{
    mnt_unref_table(*tb);
}

static void free_iter(struct libmnt_iter **iter)
{
    mnt_free_iter(*iter);
}

static bool is_of(const struct root *root, struct libmnt_fs *fs, dev_t dev)
{
    const char *source = mnt_fs_get_srcpath(fs);
    struct stat st;

    if (mnt_fs_get_devno(fs) == dev)
        return true;
    return source && *source == '/' && root_stat(root, source, 0, &st) == 0 &&
           S_ISBLK(st.st_mode) && st.st_rdev == dev;
}

int mounts_point_of(const struct root *root, dev_t dev, char **out, struct err *e)
{
    _cleanup_(unref_table) struct libmnt_table *tb = mnt_new_table();
    _cleanup_(free_iter) struct libmnt_iter *iter = mnt_new_iter(MNT_ITER_FORWARD);
    _cleanup_(free_ptr) char *text = NULL;
    _cleanup_(close_file) FILE *f = NULL;
    struct libmnt_fs *fs;
    size_t n;
    int r = root_read(root, MOUNTINFO, &text, &n, e);

    if (r < 0)
        return r;
    f = n ? fmemopen(text, n, "r") : NULL;
    if (!tb || !iter || (n && !f))
        return err_oom(e);
    if (f && mnt_table_parse_stream(tb, f, MOUNTINFO) != 0)
        return err_set(e, -EBADMSG, "%s" MOUNTINFO ": cannot be understood", root->path);
    while (mnt_table_next_fs(tb, iter, &fs) == 0) {
        if (!is_of(root, fs, dev))
            continue;
        *out = strdup(mnt_fs_get_target(fs));
        return *out ? 1 : err_oom(e);
    }
    return 0;
}
