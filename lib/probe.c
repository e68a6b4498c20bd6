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

int probe_resolve_tag(const char *tag, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *type = NULL, *value = NULL;
    char *device;

    if (blkid_parse_tag_string(tag, &type, &value) != 0 || !*value)
        return err_usage(e, -EINVAL, "%s: is not of the form UUID=... or LABEL=...", tag);
    device = blkid_evaluate_tag(type, value, NULL);
    if (!device)
        return err_set(
            e, -ENODEV,
            "%s: no block device here has that tag; see lsblk -f (swap files are named by path)",
            tag);
    *out = device;
    return 0;
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
