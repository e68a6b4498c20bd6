/* SPDX-License-Identifier: MIT */
#include "cgunit.h"

#include "cgvalue.h"
#include "kv.h"
#include "unitname.h"

#include <inttypes.h>

#define USER_SERVICE "user@"

enum { PERCENT_US = 10000 };

/* ---- units in paths */

static bool is_leaf(struct kv_span name)
{
    static const char *const endings[] = {".service", ".scope", ".mount", ".socket", ".swap"};

    for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
        if (kv_span_ends(name, endings[i]))
            return true;
    return false;
}

bool cgunit_is_name(const char *name)
{
    struct kv_span span = {name, strlen(name)};

    return span.n < CGUNIT_NAME && !strchr(name, '/') &&
           (is_leaf(span) || kv_span_ends(span, ".slice"));
}

/* Is it a user's manager? */
static bool is_manager(const char *name, size_t n, uid_t *out)
{
    const char *number = str_after(name, USER_SERVICE);
    struct kv_span rest;
    uint64_t uid;

    if (!number || kv_u64((struct kv_span){number, n - strlen(USER_SERVICE)}, &uid, &rest) < 0 ||
        !kv_span_eq(rest, ".service") || uid >= UINT32_MAX)
        return false;
    *out = (uid_t)uid;
    return true;
}

void cgunit_of(const char *path, struct cgunit *out)
{
    struct cgunit u = {.whose = SDBUS_SYSTEM, .slice = true, .rest = path};

    while (*u.rest) {
        struct kv_span name = {u.rest, strcspn(u.rest, "/")};
        size_t n = name.n;
        bool leaf = is_leaf(name);

        if (n >= CGUNIT_NAME || (!leaf && !kv_span_ends(name, ".slice")))
            break;
        snprintf(u.name, sizeof(u.name), "%.*s", (int)n, u.rest);
        u.slice = !leaf;
        u.length = (size_t)(u.rest - path) + n;
        u.rest += n + (u.rest[n] == '/');
        if (leaf && !(*u.rest && u.whose == SDBUS_SYSTEM && is_manager(u.name, n, &u.whose)))
            break;
    }
    *out = u;
}

static char *manager_path(uid_t whose)
{
    char *path;

    if (whose == SDBUS_SYSTEM)
        return strdup("");
    return asprintf(&path, "user.slice/user-%u.slice/" USER_SERVICE "%u.service/", whose, whose) < 0
               ? NULL
               : path;
}

char *cgunit_slice_path(uid_t whose, const char *name)
{
    _cleanup_(free_ptr) char *above = manager_path(whose);
    char *text = NULL;
    size_t size;
    FILE *f = above ? open_memstream(&text, &size) : NULL;

    if (!f)
        return NULL;
    fputs(above, f);
    for (const char *p = name + 1; (p = strchr(p, '-')); p++)
        fprintf(f, "%.*s.slice/", (int)(p - name), name);
    fputs(name, f);
    if (fclose(f) == 0)
        return text;
    free(text);
    return NULL;
}

int cgunit_slice(const char *group, char **out, struct err *e)
{
    _cleanup_(free_ptr) char *escaped = unitname_escape(group), *name = NULL;

    if (!escaped || asprintf(&name, "headroom-%s.slice", escaped) < 0)
        return err_oom(e);
    if (strlen(name) >= CGUNIT_NAME)
        return err_usage(e, -ENAMETOOLONG, "%s: is too long for the name of a unit of systemd",
                         group);
    *out = TAKE_PTR(name);
    return 0;
}

/* ---- properties of limits */

/* What systemd writes itself. */
static const struct {
    const char *file, *property;
    const char *setting; /* as in unit files and the names of drop-ins; NULL: the same */
    const char *option;  /* of ours */
} known[] = {
    {"memory.max", "MemoryMax", NULL, "memory-max"},
    {"memory.high", "MemoryHigh", NULL, "memory-high"},
    {"memory.low", "MemoryLow", NULL, "memory-low"},
    {"memory.min", "MemoryMin", NULL, "memory-min"},
    {"memory.swap.max", "MemorySwapMax", NULL, "swap-max"},
    {"memory.zswap.max", "MemoryZSwapMax", NULL, "zswap-max"},
    {"pids.max", "TasksMax", NULL, "pids-max"},
    {"cpu.weight", "CPUWeight", NULL, "cpu-weight"},
    {"io.weight", "IOWeight", NULL, "io-weight"},
    {"cpu.max", "CPUQuotaPerSecUSec", "CPUQuota", "cpu-max"},
    {"cpuset.cpus", "AllowedCPUs", NULL, "cpuset"},
    {"io.max", NULL, "IOReadBandwidthMax", "io-max"},
};

const char *cgunit_setting(const char *file)
{
    for (size_t i = 0; i < ARRAY_SIZE(known); i++)
        if (streq(known[i].file, file))
            return known[i].setting ? known[i].setting : known[i].property;
    return NULL;
}

/* "150000 100000": time of a period */
static int add_cpu(const struct cglimit *l, struct sdbus_properties *out, struct err *e)
{
    struct kv_span rest = {l->value, strlen(l->value)}, quota, period;
    uint64_t time, of;
    int r;

    if (!cgvalue_word(&rest, &quota) || !cgvalue_word(&rest, &period) ||
        cgvalue_parse(quota, &time) < 0 || cgvalue_parse(period, &of) < 0 || of == 0)
        return err_usage(e, -EINVAL, "cpu.max: \"%s\" is not QUOTA PERIOD", l->value);
    if (time != CGVALUE_MAX)
        time = time * 1000000 / of;
    if (time != CGVALUE_MAX && time % PERCENT_US)
        return err_refuse(e, -ERANGE,
                          "cpu.max: systemd keeps whole per cents of a processor only, so \"%s\" "
                          "would not outlast a reload; %" PRIu64 "%% or %" PRIu64 "%% would",
                          l->value, time / PERCENT_US, time / PERCENT_US + 1);
    r = sdbus_properties_number(out, "CPUQuotaPerSecUSec", "t", time, e);
    return r < 0 ? r : sdbus_properties_number(out, "CPUQuotaPeriodUSec", "t", of, e);
}

/* "0,2-3" as bits, the first in the lowest of the first byte */
static int add_cpus(const struct cglimit *l, struct sdbus_properties *out, struct err *e)
{
    uint8_t bits[1024] = {0};
    size_t used = 0;

    for (const char *p = l->value; *p;) {
        char *end;
        unsigned long from = strtoul(p, &end, 10), to = from;

        if (*end == '-')
            to = strtoul(end + 1, &end, 10);
        for (; from <= to && from / 8 < sizeof(bits); from++) {
            bits[from / 8] = (uint8_t)(bits[from / 8] | 1U << from % 8);
            used = from / 8 + 1;
        }
        p = end + (*end == ',');
        if (p == end)
            break;
    }
    return sdbus_properties_bytes(out, "AllowedCPUs", "ay", bits, used, e);
}

/* systemd wants a file of the device. Return: allocated, or NULL. */
static char *device_node(const struct root *root, const char *number)
{
    _cleanup_(free_ptr) char *path = NULL, *text = NULL;
    struct kv_span name;
    char *node;

    if (asprintf(&path, "/sys/dev/block/%s/uevent", number) < 0)
        return NULL;
    if (root_read(root, path, &text, NULL, NULL) == 0 && kv_find(text, '=', "DEVNAME", &name))
        return asprintf(&node, "/dev/%.*s", (int)name.n, name.p) < 0 ? NULL : node;
    return asprintf(&node, "/dev/block/%s", number) < 0 ? NULL : node;
}

/* "8:16 rbps=1048576 wiops=max" */
static int add_io(const struct root *root, const struct cglimit *l, struct sdbus_properties *out,
                  struct err *e)
{
    static const struct {
        const char *key, *property;
    } keys[] = {
        {"rbps", "IOReadBandwidthMax"},
        {"wbps", "IOWriteBandwidthMax"},
        {"riops", "IOReadIOPSMax"},
        {"wiops", "IOWriteIOPSMax"},
    };
    _cleanup_(free_ptr) char *number = strndup(l->value, strcspn(l->value, " ")), *node = NULL;
    uint64_t value;
    int r = 0;

    node = number ? device_node(root, number) : NULL;
    if (!node)
        return err_oom(e);
    for (size_t i = 0; i < ARRAY_SIZE(keys) && r == 0; i++) {
        struct sdbus_property p = {.name = keys[i].property, .type = "a(st)"};

        if (cgvalue_nested(l->value, number, keys[i].key, &value) < 0)
            continue;
        p.number = value == CGVALUE_MAX ? SDBUS_INFINITY : value;
        p.text = strdup(node);
        r = p.text ? sdbus_properties_add(out, p, e) : err_oom(e);
    }
    return r;
}

int cgunit_property(const struct root *root, const struct cglimit *l, struct sdbus_properties *out,
                    struct err *e)
{
    size_t i = 0;

    while (i < ARRAY_SIZE(known) && !streq(known[i].file, l->file))
        i++;
    if (i == ARRAY_SIZE(known))
        return 1;
    if (l->raw)
        return err_usage(e, -EINVAL, "--set %s: systemd keeps this file itself; use --%s", l->file,
                         known[i].option);
    if (streq(l->file, "cpu.max"))
        return add_cpu(l, out, e);
    if (streq(l->file, "cpuset.cpus"))
        return add_cpus(l, out, e);
    if (streq(l->file, "io.max"))
        return add_io(root, l, out, e);
    return sdbus_properties_number(out, known[i].property, "t",
                                   l->number == CGVALUE_MAX ? SDBUS_INFINITY : l->number, e);
}
