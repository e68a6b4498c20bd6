/* SPDX-License-Identifier: MIT */
/*
 * zswap - the compressed cache in front of swap: /sys/module/zswap/parameters,
 * Documentation/admin-guide/mm/zswap.rst
 */
#ifndef HEADROOM_ZSWAP_H
#define HEADROOM_ZSWAP_H

#include "confile.h"

/* Where headroom keeps its settings for the next boot: tmpfiles.d(5). */
#define ZSWAP_FILE "/etc/tmpfiles.d/60-headroom-zswap.conf"

/* In the order in which they are set: nothing goes in before it is known how. */
enum zswap_parameter {
    ZSWAP_COMPRESSOR,
    ZSWAP_MAX_POOL_PERCENT,
    ZSWAP_SHRINKER,
    ZSWAP_ENABLED,
    ZSWAP_PARAMETERS,
};

/* A number that this kernel may lack, or that we may not see. */
struct zswap_number {
    bool known;
    uint64_t value;
};

struct zswap {
    char
        *values[ZSWAP_PARAMETERS]; /* owned; as the kernel writes them ("Y", "20"); NULL: lacking */
    struct zswap_number pool;      /* bytes that the compressed pages take */
    struct zswap_number stored;    /* bytes that they were before */
    struct zswap_number limit;     /* bytes that the pool may take */
    struct zswap_number pages;     /* stored; debugfs only */
    struct zswap_number written_back; /* pages that went on to the disk since boot */
};

#define ZSWAP_INIT ((struct zswap){.values = {NULL}})

void zswap_clear(struct zswap *z);

/**
 * zswap_read() - settings and numbers
 *
 * The numbers come from /proc/meminfo (Zswap, Zswapped; Linux 5.19), /proc/vmstat (zswpwb; Linux
 * 6.8) and /sys/kernel/debug/zswap, which wants debugfs mounted and the privilege to read it.
 *
 * Return: 0; -EOPNOTSUPP if this kernel has no zswap; or a negated errno.
 */
int zswap_read(const struct root *root, struct zswap *out, struct err *e);

/* What the steps work on; must outlive the plan. */
struct zswap_setting {
    const struct root *root; /* borrowed */
    enum zswap_parameter parameter;
    const char *wanted;     /* borrowed */
    const char *compressor; /* ZSWAP_ENABLED: the one that is wanted with it, or NULL; borrowed */
    char *old;              /* owned */
};

struct zswap_change {
    struct zswap_setting settings[ZSWAP_PARAMETERS];
    struct confile file;
};

#define ZSWAP_CHANGE_INIT ((struct zswap_change){.file = CONFILE_INIT})

void zswap_change_clear(struct zswap_change *c);

/**
 * zswap_plan_set() - change the running kernel; the steps "zswap-compressor", "zswap-max-pool",
 * "zswap-shrinker", "zswap-enabled"
 * @values: what to set, by parameter, as the kernel writes it; NULL: leave it; borrowed
 *
 * Each step reads back what it wrote; its undo writes the old value. A kernel whose zswap was never
 * on takes any compressor's name, and falls back to its own when it is switched on: so that step
 * looks at the compressor again.
 *
 * Return: 0; -EOPNOTSUPP if this kernel lacks zswap or a parameter; or a negated errno.
 */
int zswap_plan_set(const struct root *root, const char *const values[static ZSWAP_PARAMETERS],
                   struct zswap_change *c, struct plan *plan, struct err *e);

/**
 * zswap_text() - the text of ZSWAP_FILE with these values set; pure
 * @out: allocated, set on success, also when it equals @text
 *
 * A line for a parameter is replaced, a new one is appended; all other lines stay.
 *
 * Return: 0 or -ENOMEM.
 */
int zswap_text(const char *text, const char *const values[static ZSWAP_PARAMETERS], char **out,
               struct err *e);

/**
 * zswap_plan_persist() - set them at the next boot; the step "persist-zswap"
 *
 * Return: 0; 1 if the file says so already; -EOPNOTSUPP without systemd, which reads the file, with
 * what the kernel's command line would have to be; or a negated errno.
 */
int zswap_plan_persist(const struct root *root, const char *const values[static ZSWAP_PARAMETERS],
                       struct zswap_change *c, struct plan *plan, struct err *e);

#endif
