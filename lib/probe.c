/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include <blkid.h>
#include <fcntl.h>

static void free_probe(blkid_probe *pr)
{
    blkid_free_probe(*pr);
}

static int describe(blkid_probe pr, char **out)
{
    const char *type = NULL, *usage = NULL;

    if (blkid_probe_lookup_value(pr, "PTTYPE", &type, NULL) == 0)
        return asprintf(out, "%s partition table", type) < 0 ? -ENOMEM : 0;
    if (blkid_probe_lookup_value(pr, "TYPE", &type, NULL) != 0)
        return 0;
    blkid_probe_lookup_value(pr, "USAGE", &usage, NULL);
    if (usage && streq(usage, "filesystem"))
        return asprintf(out, "%s file system", type) < 0 ? -ENOMEM : 0;
    return asprintf(out, "%s", type) < 0 ? -ENOMEM : 0;
}

int probe_content(int fd, const char *name, char **out, struct err *e)
{
    _cleanup_(free_probe) blkid_probe pr = blkid_new_probe();
    char *text = NULL;
    int r;

    if (!pr)
        return err_oom(e);
    if (blkid_probe_set_device(pr, fd, 0, 0) < 0)
        return err_set(e, -EIO, "%s: cannot probe its content", name);
    blkid_probe_enable_partitions(pr, 1);
    blkid_probe_enable_superblocks(pr, 1);
    blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
    r = blkid_do_fullprobe(pr);
    if (r < 0)
        return err_set(e, -EIO, "%s: cannot probe its content", name);
    if (r == 0) {
        r = describe(pr, &text);
        if (r < 0)
            return err_oom(e);
    }
    *out = text;
    return 0;
}

int probe_wipe(int fd, const char *name, struct err *e)
{
    _cleanup_(free_probe) blkid_probe pr = blkid_new_probe();
    int r;

    if (!pr)
        return err_oom(e);
    if (blkid_probe_set_device(pr, fd, 0, 0) < 0)
        return err_set(e, -EIO, "%s: cannot probe its content", name);
    blkid_probe_enable_superblocks(pr, 1);
    blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM);
    blkid_probe_enable_partitions(pr, 1);
    blkid_probe_set_partitions_flags(pr, BLKID_PARTS_MAGIC);
    while ((r = blkid_do_probe(pr)) == 0)
        if (blkid_do_wipe(pr, 0) < 0)
            return err_sys(e, errno ? -errno : -EIO, "%s: cannot wipe its old content", name);
    return r < 0 ? err_set(e, -EIO, "%s: cannot probe its content", name) : 0;
}

int probe_split_tag(const char *tag, char **type, char **value, struct err *e)
{
    _cleanup_(free_ptr) char *t = NULL, *v = NULL;

    if (blkid_parse_tag_string(tag, &t, &v) != 0 || !*v)
        return err_usage(e, -EINVAL, "%s: is not of the form UUID=... or LABEL=...", tag);
    *type = TAKE_PTR(t);
    *value = TAKE_PTR(v);
    return 0;
}

/* libblkid may write its cache file when it is told to forget it; that must be no file. */
#define NO_CACHE_FILE "/dev/null"

static void put_cache(blkid_cache *cache)
{
    if (*cache)
        blkid_put_cache(*cache);
}

static void end_iterate(blkid_dev_iterate *iter)
{
    if (*iter)
        blkid_dev_iterate_end(*iter);
}

static char *tag_of(blkid_cache cache, const char *name, blkid_dev dev)
{
    return blkid_get_tag_value(cache, name, blkid_dev_devname(dev));
}

int probe_each_tagged(const char *type, const char *value, probe_each_fn *fn, void *arg,
                      struct err *e)
{
    _cleanup_(end_iterate) blkid_dev_iterate iter = NULL;
    _cleanup_(put_cache) blkid_cache cache = NULL;
    blkid_dev dev;
    int r = 0;

    if (blkid_get_cache(&cache, NO_CACHE_FILE) != 0)
        return err_oom(e);
    if (blkid_probe_all(cache) < 0)
        return err_set(e, -EIO, "/proc/partitions: cannot find out what block devices there are");
    iter = blkid_dev_iterate_begin(cache);
    if (!iter || blkid_dev_set_search(iter, type, value) != 0)
        return err_oom(e);
    while (r == 0 && blkid_dev_next(iter, &dev) == 0) {
        _cleanup_(free_ptr) char *kind = tag_of(cache, "TYPE", dev);

        r = fn(arg, blkid_dev_devname(dev), kind, e);
    }
    return r;
}

/* NULL: there is none. */
static const char *uuid_of(blkid_probe pr, int fd)
{
    const char *uuid = NULL;

    if (blkid_probe_set_device(pr, fd, 0, 0) < 0)
        return NULL;
    blkid_probe_enable_superblocks(pr, 1);
    blkid_probe_set_superblocks_flags(pr, BLKID_SUBLKS_UUID);
    if (blkid_do_safeprobe(pr) != 0)
        return NULL;
    return blkid_probe_lookup_value(pr, "UUID", &uuid, NULL) == 0 ? uuid : NULL;
}

int probe_device_uuid(dev_t dev, const char *name, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *device = blkid_devno_to_devname(dev);
    _cleanup_(free_probe) blkid_probe pr = blkid_new_probe();
    _cleanup_(close_fd) int fd = -1;
    const char *uuid;

    if (!pr)
        return err_oom(e);
    if (!device)
        return err_set(e, -ENODEV, "%s: the device of its file system is not in /dev", name);
    fd = open(device, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot open the device that %s lies on", device, name);
    uuid = uuid_of(pr, fd);
    if (!uuid)
        return err_set(e, -ENODEV, "%s: the file system that %s lies on has no UUID", device, name);
    *out = strdup(uuid);
    return *out ? 0 : err_oom(e);
}
