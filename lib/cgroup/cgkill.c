/* SPDX-License-Identifier: MIT */
#include "cgkill.h"

#include "cgscan.h"
#include "cgvalue.h"
#include "monotonic.h"
#include "pidfd.h"
#include <signal.h>
#include <sys/syscall.h>

enum { GRACE_MS = 200 };

static int event(int dir, const char *key)
{
    _cleanup_(free_ptr) char *text = NULL;
    uint64_t value;
    int r = cgroup_read(dir, "cgroup.events", &text);

    if (r == 0)
        r = cgvalue_flat(text, key, &value);
    return r < 0 ? r : value != 0;
}

int cgkill_populated(int dir)
{
    return event(dir, "populated");
}

int cgkill_frozen(int dir)
{
    uint64_t value;
    int r = cgvalue_read(dir, "cgroup.freeze", &value);

    return r < 0 ? r : value != 0;
}

/* ---- one by one */

/* The process that a thread belongs to; 0: it is gone. */
static pid_t process_of(const struct root *root, uint64_t tid)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span value;
    char path[48];
    uint64_t pid;

    snprintf(path, sizeof(path), "/proc/%u/status", (unsigned)tid);
    if (root_read(root, path, &text, NULL, NULL) < 0 || !kv_find(text, ':', "Tgid", &value) ||
        kv_u64(value, &pid, NULL) < 0)
        return 0;
    return (pid_t)pid;
}

static bool lists(const struct cgscan_group *g, const char *file, struct kv_span number)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span rest, one;

    if (cgscan_text(g, file, &text) < 0)
        return false;
    rest = (struct kv_span){text, strlen(text)};
    while (cgvalue_word(&rest, &one))
        if (one.n == number.n && memcmp(one.p, number.p, one.n) == 0)
            return true;
    return false;
}

/* Held by a descriptor and looked up again after that, so that it is none that got the number
 * since.
 */
static void kill_one(const struct cgtree *tree, const struct cgscan_group *g, const char *file,
                     struct kv_span number)
{
    _cleanup_(close_fd) int fd = -1;
    uint64_t tid;
    pid_t pid;

    if (kv_u64(number, &tid, NULL) < 0 || tid == 0)
        return;
    pid = process_of(tree->root, tid);
    if (pid <= 0)
        return;
    fd = (int)syscall(SYS_pidfd_open, pid, 0);
    if (fd >= 0 && lists(g, file, number))
        pidfd_signal(fd, SIGKILL);
}

static int kill_listed(const struct cgtree *tree, const struct cgscan_group *g, const char *file)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct kv_span rest, one;
    int n = 0;

    /* cgroup.procs of a threaded group cannot be read; its threads can */
    if (cgscan_text(g, file, &text) < 0)
        return 0;
    rest = (struct kv_span){text, strlen(text)};
    for (; cgvalue_word(&rest, &one); n++)
        kill_one(tree, g, file, one);
    return n;
}

static int kill_group(void *arg, const struct cgscan_group *g, struct err *e _unused_)
{
    const struct cgtree *tree = arg;

    if (kill_listed(tree, g, "cgroup.procs") == 0)
        kill_listed(tree, g, "cgroup.threads");
    return 0;
}

/* ---- all */

static int refuse_own(const struct cgtree *tree, const char *path, struct err *e)
{
    const char *rest = tree->own ? str_after(tree->own, path) : NULL;

    if (!*path)
        return err_refuse(e, -EBUSY, "/: that is every process here; name a group");
    if (rest && (*rest == '\0' || *rest == '/'))
        return err_refuse(e, -EBUSY,
                          "/%s: this program is in that group itself; run it from "
                          "outside",
                          path);
    return 0;
}

/* Wait a moment for the group to become empty. Return: as cgevents_wait(). */
static int wait_empty(int dir, const char *path, uint64_t ms,
                      const struct cgevents_patience *patience, struct err *e)
{
    static const struct cgevents_wish empty = {"cgroup.events", "populated", false, 0};
    const struct cgevents_patience slice = {ms, patience->interrupted, patience->arg};

    return cgevents_wait(dir, path, &empty, &slice, e);
}

int cgkill_all(const struct cgtree *tree, const char *path, bool wait,
               const struct cgevents_patience *patience, struct err *e)
{
    _cleanup_(close_fd) int dir = -1;
    uint64_t began = monotonic_ms();
    int r = refuse_own(tree, path, e);

    if (r < 0)
        return r;
    dir = cgtree_group(tree, path, e);
    if (dir < 0)
        return dir;
    r = cgvalue_write(dir, "cgroup.kill", "1");
    if (r == -EACCES || r == -EPERM)
        return err_sys(e, r, "/%s: cannot kill what is in it", path);
    r = r < 0 ? -ETIMEDOUT : wait_empty(dir, path, GRACE_MS, patience, e);
    while (r == -ETIMEDOUT) {
        uint64_t passed = monotonic_ms() - began;

        r = cgscan_walk(tree, path, kill_group, (void *)(uintptr_t)tree, e);
        if (r < 0)
            break;
        r = wait_empty(dir, path, GRACE_MS, patience, e);
        if (r == -ETIMEDOUT && !wait)
            return 0;
        if (r == -ETIMEDOUT && patience->timeout_ms != CGEVENTS_FOREVER &&
            passed >= patience->timeout_ms)
            return err_set(e, r,
                           "/%s: processes are left that were killed and did not end in the "
                           "time that was given",
                           path);
    }
    return r < 0 && r != -ENOENT ? r : 0;
}

int cgkill_freeze(int dir, const char *path, bool freeze, struct err *e)
{
    int r = cgvalue_write(dir, "cgroup.freeze", freeze ? "1" : "0");

    if (r == -ENOENT)
        return err_unsupported(e, -EOPNOTSUPP,
                               "/%s: cannot be frozen; it is the root, or the kernel is older than "
                               "5.2",
                               path);
    return r < 0 ? err_sys(e, r, "/%s: cannot write cgroup.freeze", path) : 0;
}
