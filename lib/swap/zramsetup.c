/* SPDX-License-Identifier: MIT */
#include "zramsetup.h"

#include "kv.h"
#include "module.h"
#include "size.h"
#include "swaparea.h"
#include "swapfit.h"
#include "swapheader.h"
#include <inttypes.h>
#include <limits.h>
#include <time.h>

#define CONTROL "/sys/class/zram-control"

/* 100 times 20 ms */
enum { BUSY_TRIES = 100, BUSY_PAUSE_NS = 20 * 1000 * 1000 };

void zramsetup_clear(struct zramsetup *s)
{
    zram_clear(&s->now);
    *s = ZRAMSETUP_INIT;
}

static const char *path_of(const struct zramsetup *s, char buf[static ZRAM_PATH_MAX])
{
    return s->number < 0 ? "the new zram device" : zram_path((unsigned)s->number, buf);
}

/* ---- what the kernel is told -------------------------------------------------------------- */

static int write_patiently(const struct root *root, const char *path, const char *text,
                           struct err *e)
{
    const struct timespec pause = {.tv_nsec = BUSY_PAUSE_NS};
    int r;

    for (int i = 1;; i++) {
        r = root_write(root, path, text, e);
        if (r != -EBUSY || i == BUSY_TRIES)
            return r;
        nanosleep(&pause, NULL);
    }
}

static int set(const struct zramsetup *s, const char *attribute, const char *text, struct err *e)
{
    char path[64], device[ZRAM_PATH_MAX];
    int r;

    snprintf(path, sizeof(path), "/sys/block/zram%d/%s", s->number, attribute);
    r = write_patiently(s->root, path, text, e);
    if (r == -EBUSY)
        return err_set(e, r, "%s: another program has it in use or has set it up meanwhile",
                       path_of(s, device));
    return r;
}

static int set_bytes(const struct zramsetup *s, const char *attribute, uint64_t bytes,
                     struct err *e)
{
    char text[24];

    snprintf(text, sizeof(text), "%" PRIu64, bytes);
    return set(s, attribute, text, e);
}

static int open_device(const struct zramsetup *s, int flags, struct err *e)
{
    char path[ZRAM_PATH_MAX];
    const char *name = path_of(s, path);
    int fd = root_openat(s->root, name, flags | O_NONBLOCK | O_NOCTTY, 0);

    if (fd == -EBUSY)
        return err_set(e, fd, "%s: is in use (mounted, or part of another device)", name);
    return fd < 0 ? err_sys(e, fd, "%s: cannot open", name) : fd;
}

static int write_header(const struct zramsetup *s, uint64_t size, struct err *e)
{
    struct swapheader h = {.page_size = (uint32_t)sysconf(_SC_PAGESIZE), .label = ZRAM_LABEL};
    _cleanup_(free_ptr) void *page = malloc(h.page_size);
    _cleanup_(close_fd) int fd = -1;
    char path[ZRAM_PATH_MAX];
    int r;

    if (!page)
        return err_oom(e);
    h.pages = size / h.page_size;
    r = swapheader_uuid_random(h.uuid);
    if (r < 0)
        return err_sys(e, r, "cannot make a random UUID");
    swapheader_format(&h, page);
    fd = open_device(s, O_RDWR | O_EXCL, e);
    if (fd < 0)
        return fd;
    if (pwrite(fd, page, h.page_size, 0) != (ssize_t)h.page_size || fsync(fd) < 0)
        return err_sys(e, -errno, "%s: cannot write the swap header", path_of(s, path));
    return 0;
}

/* ---- the steps ---------------------------------------------------------------------------- */

static bool has_control(const struct root *root)
{
    struct stat st;

    return root_stat(root, CONTROL, 0, &st) == 0;
}

static int apply_load(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;
    int r = module_load("zram", e);

    if (r == 0 && !has_control(s->root))
        return err_unsupported(e, -EOPNOTSUPP,
                               "zram: this kernel cannot add devices (no " CONTROL
                               "); Linux 4.2 and later can");
    return r;
}

static int remove_device(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;
    char text[16];
    int r;

    snprintf(text, sizeof(text), "%d", s->number);
    r = write_patiently(s->root, CONTROL "/hot_remove", text, e);
    if (r == -EBUSY)
        return err_set(e, r, "/dev/zram%s: cannot remove it; another program has it in use", text);
    return r;
}

/* Reading hot_add makes a device. */
static int apply_add(void *setup, struct err *e)
{
    _cleanup_(free_ptr) char *text = NULL;
    struct zramsetup *s = setup;
    uint64_t number;
    int r = root_read(s->root, CONTROL "/hot_add", &text, NULL, e);

    if (r < 0)
        return r;
    if (kv_u64((struct kv_span){text, strcspn(text, "\n")}, &number, NULL) < 0 || number > INT_MAX)
        return err_set(e, -EBADMSG, CONTROL "/hot_add: did not tell the number of a new device");
    s->number = (int)number;
    return 0;
}

static int check_algorithm(const struct zram *z, const char *wanted, struct err *e)
{
    size_t n = strlen(wanted);

    for (const char *p = z->algorithms; p && *p; p += strspn(p, ", ")) {
        size_t len = strcspn(p, ",");

        if (len == n && strncmp(p, wanted, n) == 0)
            return 0;
        p += len;
    }
    return err_unsupported(e, -EOPNOTSUPP,
                           "\"%s\": this kernel's zram has no such algorithm; it has %s", wanted,
                           z->algorithms ? z->algorithms : "no choice");
}

static int reset(void *setup, struct err *e)
{
    return set(setup, "reset", "1", e);
}

static int apply_algorithm(void *setup, struct err *e)
{
    _cleanup_(zram_clear) struct zram z = ZRAM_INIT;
    const struct zramsetup *s = setup;
    int r = zram_read(s->root, (unsigned)s->number, &z, e);

    if (r == 0)
        r = check_algorithm(&z, s->algorithm, e);
    return r < 0 ? r : set(s, "comp_algorithm", s->algorithm, e);
}

static int apply_size(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;

    return set_bytes(s, "disksize", s->size, e);
}

static int apply_limit(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;

    return set_bytes(s, "mem_limit", s->limit, e);
}

static int undo_limit(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;

    return set_bytes(s, "mem_limit", s->now.stat.limit, e);
}

static int apply_header(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;

    return write_header(s, s->size, e);
}

static int undo_reset(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;
    int r = s->now.algorithm ? set(s, "comp_algorithm", s->now.algorithm, e) : 0;

    if (r == 0)
        r = set_bytes(s, "disksize", s->now.size, e);
    if (r == 0)
        r = set_bytes(s, "mem_limit", s->now.stat.limit, e);
    return r < 0 ? r : write_header(s, s->now.size, e);
}

static int activate(const struct zramsetup *s, int priority, struct err *e)
{
    _cleanup_(close_fd) int fd = open_device(s, O_RDONLY, e);
    char path[ZRAM_PATH_MAX];
    int r;

    if (fd < 0)
        return fd;
    r = swaparea_on(fd, path_of(s, path), priority, DECLARATION_DISCARD_UNSET, e);
    return r < 0 ? r : 0;
}

static int apply_on(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;

    return activate(s, s->priority, e);
}

/* The descriptor is closed before the next step: an open device cannot be reset or removed. */
static int apply_off(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;
    _cleanup_(close_fd) int fd = open_device(s, O_RDONLY, e);
    char path[ZRAM_PATH_MAX];
    int r;

    if (fd < 0)
        return fd;
    r = swaparea_off(fd, path_of(s, path), e);
    return r < 0 ? r : 0;
}

static int undo_off(void *setup, struct err *e)
{
    const struct zramsetup *s = setup;

    return activate(s, s->old_priority, e);
}

/* ---- planning ----------------------------------------------------------------------------- */

static int find_kernel(struct zramsetup *s, struct err *e)
{
    if (has_control(s->root))
        return 0;
    s->load = s->root->live && module_find("zram") == 0;
    if (s->load)
        return 0;
    return err_unsupported(e, -EOPNOTSUPP,
                           "%s" CONTROL ": this kernel has no zram; load its module with "
                           "\"modprobe zram\", or install the package of the kernel's other "
                           "modules",
                           s->root->path);
}

static int find_first(struct zramsetup *s, struct err *e)
{
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;
    int r = zram_list_read(s->root, &list, e);

    for (size_t i = 0; r == 0 && i < list.n; i++)
        if (list.devices[i].ours) {
            s->now = list.devices[i];
            list.devices[i] = ZRAM_INIT;
            s->number = (int)s->now.number;
            break;
        }
    return r;
}

int zramsetup_find(const struct root *root, int number, struct zramsetup *s, struct err *e)
{
    struct zramsetup found = {.root = root, .number = number};
    int r = find_kernel(&found, e);

    if (r == 0 && number < 0)
        r = find_first(&found, e);
    else if (r == 0)
        r = zram_read(root, (unsigned)number, &found.now, e);
    if (r == 0 && found.now.size > 0 && !found.now.ours) {
        zram_clear(&found.now);
        r = err_refuse(e, -EBUSY,
                       "/dev/zram%d: is in use and was not set up by swapctl; leave it alone",
                       number);
    }
    if (r < 0)
        return r;
    *s = found;
    return 0;
}

static const struct swaps_area *active_area(const struct zramsetup *s, const struct swaps *swaps)
{
    char path[ZRAM_PATH_MAX];
    struct stat st;

    if (s->now.size == 0 || root_stat(s->root, path_of(s, path), 0, &st) < 0)
        return NULL;
    return swaps_find(s->root, swaps, &st);
}

static int plan_off(struct zramsetup *s, const struct swaps *swaps, const struct swaps_area *area,
                    bool force, struct plan *plan, struct err *e)
{
    char path[ZRAM_PATH_MAX];
    int r = force ? 0 : swapfit_check(s->root, swaps, area, 0, e);

    if (r < 0)
        return r;
    /* the kernel shows its own choices as negative numbers, which swapon(2) does not take */
    s->old_priority = area->priority < 0 ? -1 : area->priority;
    return plan_add(plan, "deactivate", apply_off, undo_off, s, e, "deactivate %s",
                    path_of(s, path));
}

static int plan_existence(struct zramsetup *s, struct plan *plan, struct err *e)
{
    int r = 0;

    if (s->load)
        r = plan_add(plan, "load-module", apply_load, NULL, s, e, "load the kernel module zram");
    if (r == 0 && s->number < 0)
        r = plan_add(plan, "add-device", apply_add, remove_device, s, e, "add a zram device");
    return r;
}

static int plan_settings(struct zramsetup *s, struct plan *plan, struct err *e)
{
    char path[ZRAM_PATH_MAX], size[SIZE_TEXT_MAX];
    const char *name = path_of(s, path);
    int r = 0;

    if (s->algorithm)
        r = plan_add(plan, "set-algorithm", apply_algorithm, reset, s, e,
                     "set the algorithm of %s to %s", name, s->algorithm);
    if (r == 0)
        r = plan_add(plan, "set-size", apply_size, reset, s, e, "set the size of %s to %s", name,
                     size_format(s->size, size));
    return r;
}

static int plan_limit(struct zramsetup *s, struct plan *plan, struct err *e)
{
    char path[ZRAM_PATH_MAX], limit[SIZE_TEXT_MAX];

    if (s->limit == 0)
        return plan_add(plan, "set-mem-limit", apply_limit, undo_limit, s, e,
                        "let %s take as much memory as it wants", path_of(s, path));
    return plan_add(plan, "set-mem-limit", apply_limit, undo_limit, s, e,
                    "let %s take at most %s of memory", path_of(s, path),
                    size_format(s->limit, limit));
}

/* What nobody asked for stays as it is. */
static void want(struct zramsetup *s, const struct zramsetup_wish *wish,
                 const struct swaps_area *area)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);

    s->size = wish->size ? wish->size : s->now.size;
    s->algorithm = wish->algorithm;
    if (!s->algorithm && s->now.size > 0)
        s->algorithm = s->now.algorithm;
    /* the kernel rounds up */
    s->limit =
        wish->limit < 0 ? s->now.stat.limit : ((uint64_t)wish->limit + page - 1) / page * page;
    s->priority = wish->priority;
    if (s->priority < 0)
        s->priority = area && area->priority >= 0 ? area->priority : ZRAMSETUP_PRIORITY;
}

/* The list is the same for all devices. Without any, the step will ask. */
static int check_wish(const struct zramsetup *s, const struct zramsetup_wish *wish, struct err *e)
{
    _cleanup_(zram_list_clear) struct zram_list list = ZRAM_LIST_INIT;
    int r;

    if (!wish->algorithm)
        return 0;
    r = zram_list_read(s->root, &list, e);
    return r < 0 || list.n == 0 ? r : check_algorithm(&list.devices[0], wish->algorithm, e);
}

int zramsetup_plan(struct zramsetup *s, const struct zramsetup_wish *wish,
                   const struct swaps *swaps, struct plan *plan, struct err *e)
{
    const struct swaps_area *area = active_area(s, swaps);
    bool fresh = s->now.size == 0, remake, again;
    char path[ZRAM_PATH_MAX];
    int r = check_wish(s, wish, e);

    want(s, wish, area);
    remake = !fresh && (s->size != s->now.size || (wish->algorithm && s->now.algorithm &&
                                                   !streq(wish->algorithm, s->now.algorithm)));
    again = area && (remake || (wish->priority >= 0 && area->priority != wish->priority));
    if (r == 0)
        r = plan_existence(s, plan, e);
    if (r == 0 && again)
        r = plan_off(s, swaps, area, wish->force, plan, e);
    if (r == 0 && remake)
        r = plan_add(plan, "reset", reset, undo_reset, s, e, "reset %s", path_of(s, path));
    if (r == 0 && (fresh || remake))
        r = plan_settings(s, plan, e);
    if (r == 0 && s->limit != (remake ? 0 : s->now.stat.limit))
        r = plan_limit(s, plan, e);
    if (r == 0 && (fresh || remake))
        r = plan_add(plan, "format", apply_header, NULL, s, e, "write a swap header to %s",
                     path_of(s, path));
    if (r == 0 && (!area || again))
        r = plan_add(plan, "activate", apply_on, apply_off, s, e, "activate %s with priority %d",
                     path_of(s, path), s->priority);
    return r;
}

int zramsetup_plan_remove(struct zramsetup *s, const struct swaps *swaps, bool force,
                          struct plan *plan, struct err *e)
{
    const struct swaps_area *area = active_area(s, swaps);
    char path[ZRAM_PATH_MAX];
    int r = 0;

    if (!s->now.ours)
        return err_refuse(e, -EBUSY, "%s: was not set up by swapctl; it is left alone",
                          path_of(s, path));
    if (area)
        r = plan_off(s, swaps, area, force, plan, e);
    return r < 0 ? r
                 : plan_add(plan, "remove-device", remove_device, NULL, s, e, "remove %s",
                            path_of(s, path));
}
