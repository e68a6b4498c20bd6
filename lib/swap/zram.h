/* SPDX-License-Identifier: MIT */
/*
 * zram - the compressed RAM disks: /sys/block/zramN, Documentation/admin-guide/blockdev/zram.rst
 *
 * A device is set up once it has a size. Ours are known by the label that their swap header has.
 */
#ifndef HEADROOM_ZRAM_H
#define HEADROOM_ZRAM_H

#include "root.h"

#define ZRAM_LABEL "headroom-zram"

/* All in bytes. */
struct zram_stat {
    uint64_t original;   /* what is stored, before compression */
    uint64_t compressed; /* the same after it */
    uint64_t used;       /* what the allocator takes for that */
    uint64_t limit;      /* the most that it may take; 0: no limit */
    uint64_t peak;       /* the most that it ever took */
};

struct zram {
    unsigned number;
    uint64_t size;    /* bytes; 0: not set up */
    char *algorithm;  /* owned; the one in use, or that it would use; NULL if unknown */
    char *algorithms; /* owned; all that this kernel has: "lzo-rle, lzo, lz4"; NULL if unknown */
    bool has_stat;
    struct zram_stat stat;
    bool ours;
};

#define ZRAM_INIT ((struct zram){.number = 0})

void zram_clear(struct zram *z);

struct zram_list {
    struct zram *devices; /* owned; by number */
    size_t n;
};

#define ZRAM_LIST_INIT ((struct zram_list){.devices = NULL})

void zram_list_clear(struct zram_list *list);

/**
 * zram_parse_algorithms() - read comp_algorithm, "[lzo-rle] lzo lz4"; pure
 * @one, @all: as struct zram has them; allocated; NULL where the text has none
 *
 * Return: 0 or -ENOMEM.
 */
int zram_parse_algorithms(const char *text, char **one, char **all, struct err *e);

/**
 * zram_parse_stat() - read mm_stat; pure
 *
 * Columns behind the fifth are ignored: later kernels have more.
 *
 * Return: 0; -EBADMSG for fewer than five numbers; -EOVERFLOW.
 */
int zram_parse_stat(const char *text, struct zram_stat *out, struct err *e);

/* The number in "/dev/zram3" or "zram3". Return: false if it is no such name. */
bool zram_parse_name(const char *name, unsigned *out);

/* Return: 0; -ENODEV with a message if there is no such device; or a negated errno. */
int zram_read(const struct root *root, unsigned number, struct zram *out, struct err *e);

/* All devices; none where this kernel has no zram. Return: 0 or a negated errno. */
int zram_list_read(const struct root *root, struct zram_list *out, struct err *e);

enum { ZRAM_PATH_MAX = 24 };

/* "/dev/zram3". Return: @buf. */
const char *zram_path(unsigned number, char buf[static ZRAM_PATH_MAX]);

#endif
