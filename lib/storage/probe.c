/* SPDX-License-Identifier: MIT */
#include "probe.h"

#include "blkidlib.h"
#include <fcntl.h>

/* A probe with the functions to use it. */
struct prober {
    struct blkidlib blkid;
    blkid_probe pr;
};

static void free_prober(struct prober *p)
{
    if (p->pr)
        p->blkid.free_probe(p->pr);
}

static int begin(struct prober *p, struct err *e)
{
    int r = blkidlib_load(&p->blkid, e);

    if (r < 0)
        return r;
    p->pr = p->blkid.new_probe();
    return p->pr ? 0 : err_oom(e);
}

static int begin_at(struct prober *p, int fd, const char *name, struct err *e)
{
    int r = begin(p, e);

    if (r == 0 && p->blkid.probe_set_device(p->pr, fd, 0, 0) < 0)
        return err_set(e, -EIO, "%s: cannot probe its content", name);
    return r;
}

static int describe(const struct prober *p, char **out)
{
    const char *type = NULL, *usage = NULL;

    if (p->blkid.probe_lookup_value(p->pr, "PTTYPE", &type, NULL) == 0)
        return asprintf(out, "%s partition table", type) < 0 ? -ENOMEM : 0;
    if (p->blkid.probe_lookup_value(p->pr, "TYPE", &type, NULL) != 0)
        return 0;
    p->blkid.probe_lookup_value(p->pr, "USAGE", &usage, NULL);
    if (usage && streq(usage, "filesystem"))
        return asprintf(out, "%s file system", type) < 0 ? -ENOMEM : 0;
    return asprintf(out, "%s", type) < 0 ? -ENOMEM : 0;
}

int probe_content(int fd, const char *name, char **out, struct err *e)
{
    _cleanup_(free_prober) struct prober p = {.pr = NULL};
    char *text = NULL;
    int r = begin_at(&p, fd, name, e);

    if (r < 0)
        return r;
    p.blkid.probe_enable_partitions(p.pr, 1);
    p.blkid.probe_enable_superblocks(p.pr, 1);
    p.blkid.probe_set_superblocks_flags(p.pr, BLKID_SUBLKS_TYPE | BLKID_SUBLKS_USAGE);
    r = p.blkid.do_fullprobe(p.pr);
    if (r < 0)
        return err_set(e, -EIO, "%s: cannot probe its content", name);
    if (r == 0) {
        r = describe(&p, &text);
        if (r < 0)
            return err_oom(e);
    }
    *out = text;
    return 0;
}

int probe_wipe(int fd, const char *name, struct err *e)
{
    _cleanup_(free_prober) struct prober p = {.pr = NULL};
    int r = begin_at(&p, fd, name, e);

    if (r < 0)
        return r;
    p.blkid.probe_enable_superblocks(p.pr, 1);
    p.blkid.probe_set_superblocks_flags(p.pr, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_BADCSUM);
    p.blkid.probe_enable_partitions(p.pr, 1);
    p.blkid.probe_set_partitions_flags(p.pr, BLKID_PARTS_MAGIC);
    while ((r = p.blkid.do_probe(p.pr)) == 0)
        if (p.blkid.do_wipe(p.pr, 0) < 0)
            return err_sys(e, errno ? -errno : -EIO, "%s: cannot wipe its old content", name);
    return r < 0 ? err_set(e, -EIO, "%s: cannot probe its content", name) : 0;
}

int probe_split_tag(const char *tag, char **type, char **value, struct err *e)
{
    _cleanup_(free_ptr) char *t = NULL, *v = NULL;
    struct blkidlib blkid;
    int r = blkidlib_load(&blkid, e);

    if (r < 0)
        return r;
    if (blkid.parse_tag_string(tag, &t, &v) != 0 || !*v)
        return err_usage(e, -EINVAL, "%s: is not of the form UUID=... or LABEL=...", tag);
    *type = TAKE_PTR(t);
    *value = TAKE_PTR(v);
    return 0;
}

/* libblkid may write its cache file when it is told to forget it; that must be no file. */
#define NO_CACHE_FILE "/dev/null"

/* All devices, and a walk over those that match, with the functions for both. */
struct devices {
    struct blkidlib blkid;
    blkid_cache cache;
    blkid_dev_iterate iter;
};

static void clear_devices(struct devices *d)
{
    if (d->iter)
        d->blkid.dev_iterate_end(d->iter);
    if (d->cache)
        d->blkid.put_cache(d->cache);
}

static int find_devices(struct devices *d, const char *type, const char *value, struct err *e)
{
    int r = blkidlib_load(&d->blkid, e);

    if (r < 0)
        return r;
    if (d->blkid.get_cache(&d->cache, NO_CACHE_FILE) != 0)
        return err_oom(e);
    if (d->blkid.probe_all(d->cache) < 0)
        return err_set(e, -EIO, "/proc/partitions: cannot find out what block devices there are");
    d->iter = d->blkid.dev_iterate_begin(d->cache);
    return d->iter && d->blkid.dev_set_search(d->iter, type, value) == 0 ? 0 : err_oom(e);
}

int probe_each_tagged(const char *type, const char *value, probe_each_fn *fn, void *arg,
                      struct err *e)
{
    _cleanup_(clear_devices) struct devices d = {.cache = NULL};
    int r = find_devices(&d, type, value, e);
    blkid_dev dev;

    while (r == 0 && d.blkid.dev_next(d.iter, &dev) == 0) {
        const char *name = d.blkid.dev_devname(dev);
        _cleanup_(free_ptr) char *kind = d.blkid.get_tag_value(d.cache, "TYPE", name);

        r = fn(arg, name, kind, e);
    }
    return r;
}

/* NULL: there is none. */
static const char *uuid_of(const struct prober *p, int fd)
{
    const char *uuid = NULL;

    if (p->blkid.probe_set_device(p->pr, fd, 0, 0) < 0)
        return NULL;
    p->blkid.probe_enable_superblocks(p->pr, 1);
    p->blkid.probe_set_superblocks_flags(p->pr, BLKID_SUBLKS_UUID);
    if (p->blkid.do_safeprobe(p->pr) != 0)
        return NULL;
    return p->blkid.probe_lookup_value(p->pr, "UUID", &uuid, NULL) == 0 ? uuid : NULL;
}

int probe_device_uuid(dev_t dev, const char *name, char **out, struct err *e)
{
    _cleanup_(free_prober) struct prober p = {.pr = NULL};
    _cleanup_(free_ptr) char *device = NULL;
    _cleanup_(close_fd) int fd = -1;
    const char *uuid;
    int r = begin(&p, e);

    if (r < 0)
        return r;
    device = p.blkid.devno_to_devname(dev);
    if (!device)
        return err_set(e, -ENODEV, "%s: the device of its file system is not in /dev", name);
    fd = open(device, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_sys(e, -errno, "%s: cannot open the device that %s lies on", device, name);
    uuid = uuid_of(&p, fd);
    if (!uuid)
        return err_set(e, -ENODEV, "%s: the file system that %s lies on has no UUID", device, name);
    *out = strdup(uuid);
    return *out ? 0 : err_oom(e);
}
