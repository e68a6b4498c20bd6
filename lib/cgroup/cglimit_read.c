/* SPDX-License-Identifier: MIT */
#include "cglimit.h"

#include "cgvalue.h"
#include "meminfo.h"
#include "size.h"
#include <inttypes.h>
#include <sys/sysmacros.h>

struct reader {
    const struct root *root;
    struct cglimits *out;
    uint64_t page;
    uint64_t ram; /* 0: not read yet */
};

static int add(struct reader *rd, const char *file, const char *value, uint64_t number,
               uint64_t rounded, struct err *e)
{
    struct cglimits *l = rd->out;
    struct cglimit *items = reallocarray(l->items, l->n + 1, sizeof(*items));
    struct cglimit new = {.number = number, .rounded = rounded};

    if (!items)
        return err_oom(e);
    l->items = items;
    new.file = strdup(file);
    new.value = strdup(value);
    items[l->n++] = new;
    return new.file &&new.value ? 0 : err_oom(e);
}

/* Puts the option's name in front of what is wrong with its value. */
static int blame(const char *option, int r, const struct err *why, struct err *e)
{
    return why->kind == ERR_USAGE ? err_usage(e, r, "--%s: %s", option, why->text)
                                  : err_set(e, r, "--%s: %s", option, why->text);
}

static int read_bytes(struct reader *rd, const char *option, const char *file, const char *text,
                      uint64_t *out, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    char value[CGVALUE_TEXT];
    uint64_t number, asked;
    struct meminfo m;
    int r = 0;

    if (!text)
        return 0;
    if (strchr(text, '%') && rd->ram == 0) {
        r = meminfo_read(rd->root, &m, e);
        if (r < 0)
            return r;
        rd->ram = m.total;
    }
    r = cglimit_bytes(text, rd->ram, rd->page, &number, &asked, &why);
    if (r < 0)
        return blame(option, r, &why, e);
    if (out)
        *out = number;
    return file ? add(rd, file, cgvalue_format(number, value), number, asked, e) : 0;
}

/* docker's --memory-swap: what of it is not memory is swap. */
static int read_sum(struct reader *rd, const struct cglimit_words *w, struct err *e)
{
    uint64_t memory = 0, sum = 0, swap;
    char value[CGVALUE_TEXT];
    int r;

    if (!w->memory_plus_swap)
        return 0;
    if (w->swap_max)
        return err_usage(e, -EINVAL, "--memory-plus-swap: cannot be together with --swap-max");
    if (!w->memory_max || streq(w->memory_max, "max"))
        return err_usage(e, -EINVAL,
                         "--memory-plus-swap: needs --memory-max with a size beside it");
    r = read_bytes(rd, "memory-max", NULL, w->memory_max, &memory, e);
    if (r == 0)
        r = read_bytes(rd, "memory-plus-swap", NULL, w->memory_plus_swap, &sum, e);
    if (r < 0)
        return r;
    if (sum < memory)
        return err_usage(e, -ERANGE, "--memory-plus-swap: %s is less than --memory-max %s",
                         w->memory_plus_swap, w->memory_max);
    swap = sum == CGVALUE_MAX ? CGVALUE_MAX : sum - memory;
    return add(rd, "memory.swap.max", cgvalue_format(swap, value), swap, 0, e);
}

static int read_count(struct reader *rd, const char *option, const char *file, const char *text,
                      int64_t min, int64_t max, bool word, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    char value[CGLIMIT_TEXT];
    int64_t n;
    int r;

    if (!text)
        return 0;
    if (word && streq(text, "max"))
        return add(rd, file, "max", CGVALUE_MAX, 0, e);
    r = size_parse_number(text, min, max, &n, &why);
    if (r < 0)
        return blame(option, r, &why, e);
    snprintf(value, sizeof(value), streq(file, "io.weight") ? "default %" PRId64 : "%" PRId64, n);
    return add(rd, file, value, (uint64_t)n, 0, e);
}

static int read_cpu(struct reader *rd, const struct cglimit_words *w, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    _cleanup_(free_ptr) char *cpus = NULL;
    char value[CGLIMIT_TEXT];
    int r = 0;

    if (w->cpu_max) {
        r = cglimit_cpu(w->cpu_max, value, &why);
        r = r < 0 ? blame("cpu-max", r, &why, e) : add(rd, "cpu.max", value, 0, 0, e);
    }
    if (r == 0 && w->cpuset) {
        r = cglimit_cpus(w->cpuset, &cpus, &why);
        r = r < 0 ? blame("cpuset", r, &why, e) : add(rd, "cpuset.cpus", cpus, 0, 0, e);
    }
    return r;
}

/* Is it a part of a disk? Those have no limits of their own. */
static bool is_partition(const struct root *root, dev_t dev)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "/sys/dev/block/%u:%u/partition", major(dev), minor(dev));
    return root_stat(root, path, 0, &st) == 0;
}

/* "/dev/sda" or "8:0". */
static int find_device(const struct root *root, const char *name, unsigned *maj, unsigned *min,
                       struct err *e)
{
    struct kv_span rest;
    uint64_t a, b;
    struct stat st;
    int r;

    if (kv_u64((struct kv_span){name, strlen(name)}, &a, &rest) == 0 && rest.n > 1 &&
        *rest.p == ':' && kv_u64((struct kv_span){rest.p + 1, rest.n - 1}, &b, NULL) == 0 &&
        a <= UINT32_MAX && b <= UINT32_MAX) {
        *maj = (unsigned)a;
        *min = (unsigned)b;
    } else {
        r = root_stat(root, name, 0, &st);
        if (r < 0)
            return err_sys(e, r, "%s", name);
        if (!S_ISBLK(st.st_mode))
            return err_usage(e, -EINVAL, "%s: is not a block device; name one, or MAJOR:MINOR",
                             name);
        *maj = major(st.st_rdev);
        *min = minor(st.st_rdev);
    }
    if (is_partition(root, makedev(*maj, *min)))
        return err_usage(e, -EINVAL,
                         "%s: is a partition, and limits are for whole disks; name the "
                         "disk",
                         name);
    return 0;
}

/* "DEV:rbps=1M"; a device's own colon ("8:0") comes before the first "=". */
static int read_io(struct reader *rd, const char *text, struct err *e)
{
    _cleanup_(err_clear) struct err why = ERR_INIT;
    _cleanup_(free_ptr) char *device = NULL;
    const char *equals = strchrnul(text, '='), *colon = memrchr(text, ':', (size_t)(equals - text));
    char values[CGLIMIT_TEXT], line[2 * CGLIMIT_TEXT];
    unsigned maj = 0, min = 0;
    int r;

    if (!*equals || !colon)
        return err_usage(e, -EINVAL, "--io-max: \"%s\" is not DEVICE:rbps=SIZE,wiops=N", text);
    device = strndup(text, (size_t)(colon - text));
    if (!device)
        return err_oom(e);
    r = find_device(rd->root, device, &maj, &min, &why);
    if (r == 0)
        r = cglimit_io(colon + 1, values, &why);
    if (r < 0)
        return blame("io-max", r, &why, e);
    snprintf(line, sizeof(line), "%u:%u %s", maj, min, values);
    return add(rd, "io.max", line, 0, 0, e);
}

/* What acts instead of limiting, or only tells. */
static bool is_no_limit(const char *file)
{
    static const char *const others[] = {"memory.reclaim", "memory.peak", "memory.swap.peak"};
    const char *ending = strrchr(file, '.');

    for (size_t i = 0; i < ARRAY_SIZE(others); i++)
        if (streq(file, others[i]))
            return true;
    return streq(ending, ".pressure") || streq(ending, ".current") || streq(ending, ".stat") ||
           streq(ending, ".events");
}

/* Files that take a size: the kernel would read some of them as 0 that are none. */
static bool is_bytes(const char *file)
{
    static const char *const files[] = {"memory.max",      "memory.high",     "memory.low",
                                        "memory.min",      "memory.swap.max", "memory.swap.high",
                                        "memory.zswap.max"};

    for (size_t i = 0; i < ARRAY_SIZE(files); i++)
        if (streq(file, files[i]))
            return true;
    return false;
}

static int read_raw(struct reader *rd, const char *text, struct err *e)
{
    size_t n = strcspn(text, "=");
    _cleanup_(free_ptr) char *file = strndup(text, n);
    char controller[CGLIMIT_CONTROLLER];
    int r;

    if (!file)
        return err_oom(e);
    if (!text[n] || !text[n + 1 + strspn(text + n + (text[n] != 0), " \t\n")])
        return err_usage(e, -EINVAL, "--set: \"%s\" is not FILE=VALUE with a value", text);
    if (!cglimit_controller(file, controller) || is_no_limit(file))
        return err_usage(e, -EINVAL, "--set: %s: is not a limit of a group", file);
    if (cglimit_find(rd->out, file))
        return err_usage(e, -EINVAL, "--set: %s: is given twice", file);
    if (is_bytes(file))
        return read_bytes(rd, "set", file, text + n + 1, NULL, e);
    r = add(rd, file, text + n + 1, 0, 0, e);
    if (r == 0)
        rd->out->items[rd->out->n - 1].raw = true;
    return r;
}

static int read_memory(struct reader *rd, const struct cglimit_words *w, struct err *e)
{
    int r = read_bytes(rd, "swap-max", "memory.swap.max", w->swap_max, NULL, e);

    if (r == 0)
        r = read_sum(rd, w, e);
    if (r == 0)
        r = read_bytes(rd, "zswap-max", "memory.zswap.max", w->zswap_max, NULL, e);
    if (r == 0 && w->oom_group)
        r = add(rd, "memory.oom.group", "1", 1, 0, e);
    if (r == 0)
        r = read_bytes(rd, "memory-min", "memory.min", w->memory_min, NULL, e);
    if (r == 0)
        r = read_bytes(rd, "memory-low", "memory.low", w->memory_low, NULL, e);
    if (r == 0)
        r = read_bytes(rd, "memory-high", "memory.high", w->memory_high, NULL, e);
    return r < 0 ? r : read_bytes(rd, "memory-max", "memory.max", w->memory_max, NULL, e);
}

int cglimit_read(const struct root *root, const struct cglimit_words *w, struct cglimits *out,
                 struct err *e)
{
    _cleanup_(cglimit_clear) struct cglimits l = CGLIMITS_INIT;
    struct reader rd = {root, &l, (uint64_t)sysconf(_SC_PAGESIZE), 0};
    int r = read_memory(&rd, w, e);

    if (r == 0)
        r = read_cpu(&rd, w, e);
    if (r == 0)
        r = read_count(&rd, "cpu-weight", "cpu.weight", w->cpu_weight, 1, 10000, false, e);
    if (r == 0)
        r = read_count(&rd, "io-weight", "io.weight", w->io_weight, 1, 10000, false, e);
    if (r == 0)
        r = read_count(&rd, "pids-max", "pids.max", w->pids_max, 0, 4194304, true, e);
    for (size_t i = 0; r == 0 && w->io_max && w->io_max[i]; i++)
        r = read_io(&rd, w->io_max[i], e);
    for (size_t i = 0; r == 0 && w->set && w->set[i]; i++)
        r = read_raw(&rd, w->set[i], e);
    if (r < 0)
        return r;
    *out = l;
    l = CGLIMITS_INIT;
    return 0;
}
