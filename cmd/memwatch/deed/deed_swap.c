/* SPDX-License-Identifier: MIT */
#include "deed_swap.h"

#include "size.h"
#include "swapfile.h"

#include <sys/statvfs.h>

enum { NUMBER_MAX = 999 };

void deed_swap_clear(struct deed_swap *s)
{
    free(TAKE_PTR(s->path));
}

unsigned deed_swap_number(const char *name)
{
    const char *p = str_after(name, "headroom-");
    unsigned n = 0;

    if (!p || *p < '1' || *p > '9')
        return 0;
    for (; *p >= '0' && *p <= '9' && n <= NUMBER_MAX; p++)
        n = n * 10 + (unsigned)(*p - '0');
    return streq(p, ".swap") && n <= NUMBER_MAX ? n : 0;
}

/* What our files there take, and which numbers are taken. */
struct survey {
    uint64_t bytes;
    bool taken[NUMBER_MAX + 1];
};

static int look(int fd, const char *dir, struct survey *out, struct err *e)
{
    int copy = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    _cleanup_(close_dir) DIR *d = copy < 0 ? NULL : fdopendir(copy);
    struct stat st;

    if (!d) {
        int r = -errno;

        close_fd(&copy);
        return err_sys(e, r, "%s", dir);
    }
    for (struct dirent *entry; (entry = readdir(d));) {
        unsigned n = deed_swap_number(entry->d_name);

        if (n == 0 || fstatat(fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
            continue;
        out->taken[n] = true;
        out->bytes += (uint64_t)st.st_size;
    }
    return 0;
}

static int set_path(const char *dir, unsigned n, char **path, struct err *e)
{
    free(TAKE_PTR(*path));
    if (asprintf(path, "%s/headroom-%u.swap", dir, n) < 0) {
        *path = NULL;
        return err_oom(e);
    }
    return 0;
}

/* Return: 1 if it is an area that could be activated, 0 if not, or a negated errno. */
static int is_idle(const struct root *root, const struct swaps *swaps, struct deed_swap *s)
{
    _cleanup_(swapfile_clear) struct swapfile f = SWAPFILE_INIT;

    if (swapfile_inspect(root, s->path, swaps, &f, NULL) < 0 || f.found != SWAPFILE_AREA ||
        f.active)
        return 0;
    s->size = (uint64_t)f.st.st_size;
    s->there = true;
    return 1;
}

static int find_idle(const struct root *root, const char *dir, const struct survey *s,
                     struct deed_swap *out, struct err *e)
{
    _cleanup_(swaps_clear) struct swaps swaps = SWAPS_INIT;
    int r = swaps_read(root, &swaps, e);

    for (unsigned n = 1; n <= NUMBER_MAX && r == 0; n++) {
        if (!s->taken[n])
            continue;
        r = set_path(dir, n, &out->path, e);
        if (r == 0)
            r = is_idle(root, &swaps, out);
    }
    return r;
}

static int check_space(int fd, const char *dir, uint64_t size, uint64_t used,
                       const struct deed_swap_bounds *bounds, struct err *e)
{
    char a[SIZE_TEXT_MAX], b[SIZE_TEXT_MAX], c[SIZE_TEXT_MAX];
    struct statvfs fs;
    uint64_t available;

    if (used > bounds->total || size > bounds->total - used)
        return err_refuse(e, -EDQUOT, "%s: %s more would be beyond the bound of %s; there is %s",
                          dir, size_format(size, a), size_format(bounds->total, b),
                          size_format(used, c));
    if (fstatvfs(fd, &fs) < 0)
        return err_sys(e, -errno, "%s: cannot ask for the space on it", dir);
    available = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (size > available || available - size < bounds->reserve)
        return err_refuse(
            e, -ENOSPC, "%s: %s of swap would leave less than %s of the %s that are free", dir,
            size_format(size, a), size_format(bounds->reserve, b), size_format(available, c));
    return 0;
}

static int find_new(const char *dir, const struct survey *s, char **path, struct err *e)
{
    for (unsigned n = 1; n <= NUMBER_MAX; n++)
        if (!s->taken[n])
            return set_path(dir, n, path, e);
    return err_refuse(e, -EDQUOT, "%s: there are %d such files", dir, NUMBER_MAX);
}

int deed_swap_choose(const struct root *root, const char *dir, uint64_t size,
                     const struct deed_swap_bounds *bounds, struct deed_swap *out, struct err *e)
{
    _cleanup_(deed_swap_clear) struct deed_swap chosen = {.size = size};
    _cleanup_(close_fd) int fd = root_open_named(root, dir, O_RDONLY | O_DIRECTORY);
    struct survey s = {.bytes = 0};
    int r;

    if (fd < 0)
        return err_sys(e, fd, "%s", dir);
    r = look(fd, dir, &s, e);
    if (r == 0)
        r = find_idle(root, dir, &s, &chosen, e);
    if (r == 0)
        r = check_space(fd, dir, size, s.bytes, bounds, e);
    if (r == 0)
        r = find_new(dir, &s, &chosen.path, e);
    if (r < 0)
        return r;
    *out = chosen;
    chosen = DEED_SWAP_INIT;
    return 0;
}
