/* SPDX-License-Identifier: MIT */
/*
 * dropcache - make the kernel forget clean caches: /proc/sys/vm/drop_caches,
 * Documentation/admin-guide/sysctl/vm.rst
 *
 * The kernel asks for user 0 here; capabilities alone are not enough. Only what is clean goes, so
 * it is written back first. MemAvailable counted it before already: this makes measurements
 * repeatable, and no more memory available.
 */
#ifndef HEADROOM_DROPCACHE_H
#define HEADROOM_DROPCACHE_H

#include "meminfo.h"
#include "plan.h"

#define DROPCACHE_STAMP "/run/headroom/drop-caches"
#define DROPCACHE_LOCK "/run/headroom/drop-caches.lock"

enum { DROPCACHE_PAUSE_MS = 60000 }; /* at most once in this time */

enum dropcache_what {
    DROPCACHE_PAGES = 1, /* the page cache */
    DROPCACHE_SLAB = 2,  /* reclaimable slab objects: dentries and inodes */
    DROPCACHE_BOTH = 3,
};

/* What the steps work on; must outlive the plan. */
struct dropcache {
    const struct root *root; /* borrowed */
    enum dropcache_what what;
    uint64_t sync_timeout_ms, drop_timeout_ms;
    bool (*interrupted)(void *arg); /* may be NULL */
    void *arg;
    bool synced;                  /* what was dirty was written back in time */
    struct meminfo before, after; /* the step */
};

/**
 * dropcache_plan() - make the steps "sync" and "drop-caches"
 * @d: its members up to .arg are set by the caller
 * @force: also when it was done less than DROPCACHE_PAUSE_MS ago
 *
 * The caller holds DROPCACHE_LOCK. A "sync" that takes longer than .sync_timeout_ms is left to
 * itself and no failure: what it has not written yet stays, and that is told by .synced.
 *
 * Return: 0; -EPERM if we are not user 0; -EOPNOTSUPP if the kernel has no such file; -EROFS, and
 * -EACCES for user 0, as ERR_UNSUPPORTED: this is a container; -EXDEV as ERR_UNSUPPORTED if it is
 * the running kernel's and the root is another one; -EALREADY as ERR_REFUSED if it was done just
 * now; or another negated errno.
 */
int dropcache_plan(struct dropcache *d, bool force, struct plan *plan, struct err *e);

/* How much less there is than before: of the page cache (what swap backs and tmpfs holds stays in
 * it), and of reclaimable slab. Never below 0. */
uint64_t dropcache_freed_pages(const struct dropcache *d);
uint64_t dropcache_freed_slab(const struct dropcache *d);

#endif
