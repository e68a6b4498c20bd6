/* SPDX-License-Identifier: MIT */
#include "btrfs.h"

#include <endian.h>
#include <linux/btrfs.h>
#include <linux/btrfs_tree.h>
#include <sys/ioctl.h>

struct chunk {
    bool found;
    uint64_t start; /* address of its first byte */
    struct btrfs_chunk item;
};

/* Take the last chunk of one answer: they come in order. Return: 0 or -EBADMSG. */
static int take_last(const struct btrfs_ioctl_search_args *args, struct chunk *out)
{
    size_t at = 0;

    for (uint32_t i = 0; i < args->key.nr_items; i++) {
        struct btrfs_ioctl_search_header header;

        if (sizeof(args->buf) - at < sizeof(header))
            return -EBADMSG;
        memcpy(&header, args->buf + at, sizeof(header));
        at += sizeof(header);
        if (header.len > sizeof(args->buf) - at || header.len < sizeof(out->item))
            return -EBADMSG;
        out->found = true;
        out->start = header.offset;
        memcpy(&out->item, args->buf + at, sizeof(out->item));
        at += header.len;
    }
    return 0;
}

/* The chunk with the highest start that is not above the address. */
static int find_chunk(int fd, const char *name, uint64_t logical, struct chunk *out, struct err *e)
{
    struct btrfs_ioctl_search_args args;
    struct chunk chunk = {.found = false};
    uint64_t from = 0;

    while (from <= logical) {
        memset(&args, 0, sizeof(args));
        args.key = (struct btrfs_ioctl_search_key){
            .tree_id = BTRFS_CHUNK_TREE_OBJECTID,
            .min_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
            .max_objectid = BTRFS_FIRST_CHUNK_TREE_OBJECTID,
            .min_type = BTRFS_CHUNK_ITEM_KEY,
            .max_type = BTRFS_CHUNK_ITEM_KEY,
            .min_offset = from,
            .max_offset = logical,
            .max_transid = UINT64_MAX,
            .nr_items = UINT32_MAX,
        };
        if (ioctl(fd, BTRFS_IOC_TREE_SEARCH, &args) < 0) {
            if (errno == EPERM)
                return err_set(e, -EPERM,
                               "%s: where btrfs puts it is told to CAP_SYS_ADMIN only; run it as "
                               "root",
                               name);
            return err_sys(e, -errno, "%s: cannot read the chunks of its file system", name);
        }
        if (args.key.nr_items == 0)
            break;
        if (take_last(&args, &chunk) < 0)
            return err_set(e, -EBADMSG, "%s: the chunks of its file system make no sense", name);
        from = chunk.start + 1;
    }
    *out = chunk;
    return 0;
}

int btrfs_physical(int fd, const char *name, uint64_t logical, uint64_t *physical, struct err *e)
{
    struct chunk chunk;
    int r = find_chunk(fd, name, logical, &chunk, e);

    if (r < 0)
        return r;
    if (!chunk.found || logical - chunk.start >= le64toh(chunk.item.length))
        return err_set(e, -ENODATA, "%s: no chunk of its file system holds it", name);
    if (le64toh(chunk.item.type) & BTRFS_BLOCK_GROUP_PROFILE_MASK ||
        le16toh(chunk.item.num_stripes) != 1)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: lies more than once, or in stripes; that needs the data "
                               "profile \"single\" of btrfs",
                               name);
    *physical = le64toh(chunk.item.stripe.offset) + (logical - chunk.start);
    return 0;
}

int btrfs_identity(int fd, const char *name, uint8_t uuid[static 16], struct err *e)
{
    struct btrfs_ioctl_fs_info_args info = {0};

    if (ioctl(fd, BTRFS_IOC_FS_INFO, &info) < 0)
        return err_sys(e, -errno, "%s: cannot tell which file system it is on", name);
    if (info.num_devices != 1)
        return err_unsupported(e, -EOPNOTSUPP,
                               "%s: its file system has %llu devices, and its UUID names none of "
                               "them; use a file system on one",
                               name, (unsigned long long)info.num_devices);
    memcpy(uuid, info.fsid, 16);
    return 0;
}
