/* SPDX-License-Identifier: MIT */
/* blkidlib - libblkid, loaded when the first content is probed */
#ifndef HEADROOM_BLKIDLIB_H
#define HEADROOM_BLKIDLIB_H

#include "err.h"
#include <blkid.h>

#define BLKIDLIB_FUNCTIONS(X)                                                                      \
    X(dev_devname)                                                                                 \
    X(dev_iterate_begin)                                                                           \
    X(dev_iterate_end)                                                                             \
    X(dev_next)                                                                                    \
    X(dev_set_search)                                                                              \
    X(devno_to_devname)                                                                            \
    X(do_fullprobe)                                                                                \
    X(do_probe)                                                                                    \
    X(do_safeprobe)                                                                                \
    X(do_wipe)                                                                                     \
    X(free_probe)                                                                                  \
    X(get_cache)                                                                                   \
    X(get_tag_value)                                                                               \
    X(new_probe)                                                                                   \
    X(parse_tag_string)                                                                            \
    X(probe_all)                                                                                   \
    X(probe_enable_partitions)                                                                     \
    X(probe_enable_superblocks)                                                                    \
    X(probe_lookup_value)                                                                          \
    X(probe_set_device)                                                                            \
    X(probe_set_partitions_flags)                                                                  \
    X(probe_set_superblocks_flags)                                                                 \
    X(put_cache)

/* What we use of it: .new_probe is blkid_new_probe(), and so on. */
struct blkidlib {
#define BLKIDLIB_MEMBER(name) __typeof__(blkid_##name) *name;
    BLKIDLIB_FUNCTIONS(BLKIDLIB_MEMBER)
#undef BLKIDLIB_MEMBER
};

/**
 * blkidlib_load() - find the functions
 * @out: set on success; good for as long as the process lives
 *
 * Return: 0, or -ENOPKG as ERR_UNSUPPORTED if the library, or one of the functions, is not there.
 */
int blkidlib_load(struct blkidlib *out, struct err *e);

#endif
