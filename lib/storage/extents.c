/* SPDX-License-Identifier: MIT */
#include "extents.h"

#include <linux/fiemap.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

enum { BATCH = 128, CHUNK = 1 << 20 };

static bool unsupported(int error)
{
    return error == EOPNOTSUPP || error == ENOTTY || error == EBADR;
}

enum {
    ENCODED = FIEMAP_EXTENT_ENCODED | FIEMAP_EXTENT_DATA_INLINE | FIEMAP_EXTENT_NOT_ALIGNED |
              FIEMAP_EXTENT_DATA_TAIL
};

/* Add what one answer says to @x. Return: the offset up to which the file is known now. */
static uint64_t take_batch(const struct fiemap *map, uint64_t covered, struct extents *x,
                           bool *last)
{
    for (uint32_t i = 0; i < map->fm_mapped_extents; i++) {
        const struct fiemap_extent *one = &map->fm_extents[i];

        x->hole |= one->fe_logical > covered;
        x->shared |= (one->fe_flags & FIEMAP_EXTENT_SHARED) != 0;
        x->encoded |= (one->fe_flags & ENCODED) != 0;
        covered = one->fe_logical + one->fe_length;
        *last |= (one->fe_flags & FIEMAP_EXTENT_LAST) != 0;
    }
    return covered;
}

int extents_look(int fd, const char *name, uint64_t size, struct extents *out, struct err *e)
{
    struct extents x = {.known = true};
    _cleanup_(free_ptr) struct fiemap *map =
        malloc(sizeof(*map) + BATCH * sizeof(map->fm_extents[0]));
    uint64_t covered = 0;
    bool last = false;

    if (!map)
        return err_oom(e);
    while (covered < size && !last && !x.hole) {
        *map = (struct fiemap){
            .fm_start = covered,
            .fm_length = size - covered,
            .fm_flags = FIEMAP_FLAG_SYNC, /* else delayed allocation looks like a hole */
            .fm_extent_count = BATCH,
        };
        if (ioctl(fd, FS_IOC_FIEMAP, map) < 0) {
            if (!unsupported(errno))
                return err_sys(e, -errno, "%s: cannot look at its blocks (FIEMAP)", name);
            *out = (struct extents){.known = false};
            return 0;
        }
        if (map->fm_mapped_extents == 0)
            break;
        covered = take_batch(map, covered, &x, &last);
    }
    x.hole |= covered < size;
    *out = x;
    return 0;
}

int extents_first(int fd, const char *name, uint64_t size, uint64_t *place, struct err *e)
{
    union {
        struct fiemap map;
        char room[sizeof(struct fiemap) + sizeof(struct fiemap_extent)];
    } u = {
        .map = {.fm_length = size, .fm_flags = FIEMAP_FLAG_SYNC, .fm_extent_count = 1},
    };
    const struct fiemap_extent *one = &u.map.fm_extents[0];

    if (ioctl(fd, FS_IOC_FIEMAP, &u.map) < 0) {
        if (unsupported(errno))
            return err_unsupported(e, -EOPNOTSUPP,
                                   "%s: its file system does not tell where its blocks are", name);
        return err_sys(e, -errno, "%s: cannot look at its blocks (FIEMAP)", name);
    }
    if (u.map.fm_mapped_extents == 0 || one->fe_logical != 0 || one->fe_length < size ||
        one->fe_flags & (ENCODED | FIEMAP_EXTENT_UNKNOWN))
        return err_set(e, -EINVAL,
                       "%s: its beginning has no place of its own on the disk; remove it and make "
                       "it anew",
                       name);
    *place = one->fe_physical;
    return 0;
}

static bool zero(const char *buf, size_t n)
{
    return n == 0 || (buf[0] == '\0' && memcmp(buf, buf + 1, n - 1) == 0);
}

int extents_all_zero(int fd, const char *name, bool (*interrupted)(void *), void *arg,
                     struct err *e)
{
    _cleanup_(free_ptr) char *buf = malloc(CHUNK);
    off_t at = 0, data;
    ssize_t n;

    if (!buf)
        return err_oom(e);
    for (;;) {
        if (interrupted && interrupted(arg))
            return err_set(e, -EINTR, "%s: interrupted while looking whether it holds only zeros",
                           name);
        data = lseek(fd, at, SEEK_DATA);
        if (data < 0 && errno == ENXIO)
            return 1; /* nothing but a hole up to the end */
        at = data < 0 ? at : data;
        n = pread(fd, buf, CHUNK, at);
        if (n < 0)
            return err_sys(e, -errno, "%s: cannot read", name);
        if (n == 0)
            return 1;
        if (!zero(buf, (size_t)n))
            return 0;
        at += n;
    }
}
