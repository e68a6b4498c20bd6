/* SPDX-License-Identifier: MIT */
#include "metric.h"

#include "closest.h"
#include "decimal.h"
#include "size.h"

#define PSI_NAME(resource, kind, average) "psi." resource "." kind "." average
#define PSI(at, resource, kind, average, words)                                                    \
    [METRIC_PSI_FIRST +                                                                            \
        (at)] = {METRIC_PSI_FIRST + (at),           METRIC_PSI, METRIC_PERCENT, false,             \
                 PSI_NAME(resource, kind, average), NULL,       NULL,           words}
#define PSI_THREE(at, resource, kind, words)                                                       \
    PSI(at, resource, kind, "avg10", "time in which " words ", over 10 seconds"),                  \
        PSI((at) + 1, resource, kind, "avg60", "time in which " words ", over a minute"),          \
        PSI((at) + 2, resource, kind, "avg300", "time in which " words ", over 5 minutes")

/* clang-format off */
static const struct metric_info infos[METRIC_IDS] = {
    [METRIC_RAM] = {METRIC_RAM, METRIC_MEMINFO, METRIC_PERCENT, false, "ram", NULL, NULL,
        "RAM in use: all of it less what is available"},
    [METRIC_RAM_AVAILABLE] = {METRIC_RAM_AVAILABLE, METRIC_MEMINFO, METRIC_BYTES, false, "ram.available", NULL, NULL,
        "RAM that programs can have without swapping; ZFS' cache counts as such"},
    [METRIC_RAM_USED] = {METRIC_RAM_USED, METRIC_MEMINFO, METRIC_BYTES, false, "ram.used", NULL, NULL,
        "RAM in use: all of it less what is available"},
    [METRIC_SWAP] = {METRIC_SWAP, METRIC_MEMINFO, METRIC_PERCENT, false, "swap", NULL, NULL,
        "swap in use; absent without swap"},
    [METRIC_SWAP_USED] = {METRIC_SWAP_USED, METRIC_MEMINFO, METRIC_BYTES, false, "swap.used", NULL, NULL,
        "swap in use"},
    [METRIC_MEMORY] = {METRIC_MEMORY, METRIC_MEMINFO, METRIC_PERCENT, false, "memory", NULL, NULL,
        "RAM and swap in use, of both together; without swap that of RAM"},
    [METRIC_MEMORY_AVAILABLE] = {METRIC_MEMORY_AVAILABLE, METRIC_MEMINFO, METRIC_BYTES, false, "memory.available", NULL,
        NULL, "RAM that is available, and swap that is free"},
    [METRIC_COMMIT] = {METRIC_COMMIT, METRIC_MEMINFO, METRIC_PERCENT, false, "commit", NULL, NULL,
        "memory that programs were promised, of the limit that strict overcommit would set; may exceed 100"},
    [METRIC_ZFS_ARC] = {METRIC_ZFS_ARC, METRIC_MEMINFO, METRIC_BYTES, false, "zfs.arc", NULL, NULL,
        "ZFS' cache"},

    [METRIC_RECLAIM_KSWAPD] = {METRIC_RECLAIM_KSWAPD, METRIC_VMSTAT, METRIC_PAGES_PER_SECOND, true,
        "reclaim.kswapd", NULL, NULL, "pages looked at in the background because the machine is short of memory"},
    [METRIC_RECLAIM_DIRECT] = {METRIC_RECLAIM_DIRECT, METRIC_VMSTAT, METRIC_PAGES_PER_SECOND, true,
        "reclaim.direct", NULL, NULL, "pages looked at while a program waited because the machine is short of memory"},
    [METRIC_RECLAIM_LIMIT] = {METRIC_RECLAIM_LIMIT, METRIC_VMSTAT, METRIC_PAGES_PER_SECOND, true,
        "reclaim.limit", NULL, NULL, "pages looked at because a control group met its limit"},
    [METRIC_RECLAIM_PROACTIVE] = {METRIC_RECLAIM_PROACTIVE, METRIC_VMSTAT, METRIC_PAGES_PER_SECOND, true,
        "reclaim.proactive", NULL, NULL, "pages looked at because somebody wrote to memory.reclaim"},
    [METRIC_RECLAIM_KHUGEPAGED] = {METRIC_RECLAIM_KHUGEPAGED, METRIC_VMSTAT, METRIC_PAGES_PER_SECOND, true,
        "reclaim.khugepaged", NULL, NULL, "pages looked at to make room for huge pages"},
    [METRIC_RECLAIM_EFFICIENCY] = {METRIC_RECLAIM_EFFICIENCY, METRIC_VMSTAT, METRIC_PERCENT, true,
        "reclaim.efficiency", NULL, NULL, "of the pages looked at, those taken away; absent while nothing is looked at"},
    [METRIC_REFAULT_RATIO] = {METRIC_REFAULT_RATIO, METRIC_VMSTAT, METRIC_RATIO, true,
        "refault.ratio", NULL, NULL, "pages that came back soon, for each that was taken away; may exceed 1"},
    [METRIC_SWAP_IN] = {METRIC_SWAP_IN, METRIC_VMSTAT, METRIC_BYTES_PER_SECOND, true,
        "swap.in", NULL, NULL, "read back from swap"},
    [METRIC_SWAP_OUT] = {METRIC_SWAP_OUT, METRIC_VMSTAT, METRIC_BYTES_PER_SECOND, true,
        "swap.out", NULL, NULL, "written to swap"},
    [METRIC_OOM] = {METRIC_OOM, METRIC_VMSTAT, METRIC_COUNT, true,
        "oom", NULL, NULL, "processes killed for memory since the sample before"},

    PSI_THREE(0, "memory", "some", "some program waited for memory"),
    PSI_THREE(3, "memory", "full", "every program waited for memory"),
    PSI_THREE(6, "cpu", "some", "some program waited for a processor"),
    PSI_THREE(9, "cpu", "full", "every program waited for a processor"),
    PSI_THREE(12, "io", "some", "some program waited for a disk"),
    PSI_THREE(15, "io", "full", "every program waited for a disk"),

    [METRIC_KSWAPD_CPU] = {METRIC_KSWAPD_CPU, METRIC_KSWAPD, METRIC_PERCENT, true, "kswapd.cpu", NULL, NULL,
        "of one processor, what background reclaim takes on the busiest node"},
    [METRIC_KSWAPD_CPU_NODE] = {METRIC_KSWAPD_CPU_NODE, METRIC_KSWAPD, METRIC_PERCENT, true, "kswapd.cpu", "N", NULL,
        "the same on node N"},
    [METRIC_DISK_USED] = {METRIC_DISK_USED, METRIC_DISK, METRIC_PERCENT, false, "disk", "PATH", NULL,
        "of the file system that PATH lies in, what is used, as df(1) counts"},
    [METRIC_GPU_PERCENT] = {METRIC_GPU_PERCENT, METRIC_GPU, METRIC_PERCENT, false, "gpu", "N", NULL,
        "memory of GPU N in use"},
    [METRIC_GPU_USED] = {METRIC_GPU_USED, METRIC_GPU, METRIC_BYTES, false, "gpu", "N", "used",
        "memory of GPU N in use"},

    [METRIC_CGROUP_MEMORY] = {METRIC_CGROUP_MEMORY, METRIC_CGROUP, METRIC_BYTES, false, "cgroup", "PATH", "memory",
        "memory charged to the group, cached files too"},
    [METRIC_CGROUP_MEMORY_PERCENT] = {METRIC_CGROUP_MEMORY_PERCENT, METRIC_CGROUP, METRIC_PERCENT, false,
        "cgroup", "PATH", "memory_percent", "of the lowest limit on the group and those above, the memory in use that "
        "is no clean cache; absent without a limit"},
    [METRIC_CGROUP_MAX] = {METRIC_CGROUP_MAX, METRIC_CGROUP, METRIC_BYTES, false, "cgroup", "PATH", "max",
        "the group's memory.max; absent without a limit"},
    [METRIC_CGROUP_SWAP] = {METRIC_CGROUP_SWAP, METRIC_CGROUP, METRIC_BYTES, false, "cgroup", "PATH", "swap",
        "swap charged to the group"},
    [METRIC_CGROUP_SWAP_MAX] = {METRIC_CGROUP_SWAP_MAX, METRIC_CGROUP, METRIC_BYTES, false, "cgroup", "PATH", "swap_max",
        "the group's memory.swap.max; absent without a limit"},
    [METRIC_CGROUP_PSI] = {METRIC_CGROUP_PSI, METRIC_CGROUP, METRIC_PERCENT, false, "cgroup", "PATH", "psi",
        "time in which some program of the group waited for memory, over 10 seconds"},
    [METRIC_CGROUP_PSI_FULL] = {METRIC_CGROUP_PSI_FULL, METRIC_CGROUP, METRIC_PERCENT, false, "cgroup", "PATH", "psi_full",
        "time in which every program of the group waited for memory, over 10 seconds"},
    [METRIC_CGROUP_OOM] = {METRIC_CGROUP_OOM, METRIC_CGROUP, METRIC_COUNT, true, "cgroup", "PATH", "oom",
        "processes of the group killed for memory since the sample before"},

    [METRIC_PROC_RSS] = {METRIC_PROC_RSS, METRIC_PROC, METRIC_BYTES, false, "proc", "PID", "rss",
        "memory of the process that is in RAM"},
    [METRIC_PROC_PSS] = {METRIC_PROC_PSS, METRIC_PROC, METRIC_BYTES, false, "proc", "PID", "pss",
        "the same, with what is shared divided by those who share it"},
    [METRIC_PROC_SWAP] = {METRIC_PROC_SWAP, METRIC_PROC, METRIC_BYTES, false, "proc", "PID", "swap",
        "memory of the process that is swapped out"},
};
/* clang-format on */

const struct metric_info *metric_infos(void)
{
    return infos;
}

void metric_clear(struct metric *m)
{
    free(m->name);
    free(m->param);
    *m = METRIC_INIT;
}

void metric_full_name(const struct metric_info *info, char out[METRIC_NAME_MAX])
{
    snprintf(out, METRIC_NAME_MAX, "%s%s%s%s%s", info->name, info->param ? ":" : "",
             info->param ? info->param : "", info->field ? "." : "",
             info->field ? info->field : "");
}

/* How long the parameter is in @param, which @info's field may follow. 0: it is not this one. */
static size_t param_length(const struct metric_info *info, const char *param)
{
    size_t n = strlen(param), field = info->field ? strlen(info->field) + 1 : 0;

    if (n <= field)
        return 0;
    if (field > 0 && (param[n - field] != '.' || !streq(param + n - field + 1, info->field)))
        return 0;
    n -= field;
    if (!streq(info->param, "PATH") && strspn(param, "0123456789") != n)
        return 0;
    return n;
}

static const struct metric_info *find(const char *name, size_t *param_at, size_t *param_len)
{
    const char *colon = strchr(name, ':');

    for (size_t i = 0; i < METRIC_IDS; i++) {
        const struct metric_info *info = &infos[i];

        if (!info->param && streq(info->name, name))
            return info;
        if (!info->param || !colon || strlen(info->name) != (size_t)(colon - name) ||
            strncmp(info->name, name, (size_t)(colon - name)) != 0)
            continue;
        *param_len = param_length(info, colon + 1);
        *param_at = (size_t)(colon + 1 - name);
        if (*param_len > 0)
            return info;
    }
    return NULL;
}

static int unknown(const char *name, struct err *e)
{
    char names[METRIC_IDS][METRIC_NAME_MAX];
    struct closest c;

    closest_begin(&c, name, strlen(name));
    for (size_t i = 0; i < METRIC_IDS; i++) {
        metric_full_name(&infos[i], names[i]);
        closest_try(&c, names[i]);
    }
    return c.best
               ? err_usage(e, -EINVAL, "%s: is no metric; did you mean %s", name, c.best)
               : err_usage(e, -EINVAL, "%s: is no metric; \"memwatch metrics\" lists them", name);
}

int metric_parse(const char *name, struct metric *out, struct err *e)
{
    struct metric m = METRIC_INIT;
    size_t at = 0, len = 0;

    m.info = find(name, &at, &len);
    if (!m.info)
        return unknown(name, e);
    m.name = strdup(name);
    m.param = m.info->param ? strndup(name + at, len) : NULL;
    if (!m.name || (m.info->param && !m.param)) {
        metric_clear(&m);
        return err_oom(e);
    }
    *out = m;
    return 0;
}

const char *metric_unit_text(enum metric_unit unit)
{
    static const char *const texts[] = {
        [METRIC_PERCENT] = "%",
        [METRIC_BYTES] = "B",
        [METRIC_BYTES_PER_SECOND] = "B/s",
        [METRIC_PAGES_PER_SECOND] = "pages/s",
        [METRIC_RATIO] = "",
        [METRIC_COUNT] = "",
    };

    return texts[unit];
}

/* Without printf(3): a row of them would cost more than the measuring. */
void metric_format(enum metric_unit unit, double value, char out[METRIC_TEXT_MAX])
{
    switch (unit) {
    case METRIC_BYTES:
        size_format((uint64_t)value, out);
        break;
    case METRIC_BYTES_PER_SECOND:
        size_format((uint64_t)value, out);
        strcat(out, "/s");
        break;
    case METRIC_PERCENT:
        strcpy(decimal_put_fixed(out, value, 1), "%");
        break;
    case METRIC_RATIO:
        decimal_put_fixed(out, value, 2);
        break;
    case METRIC_PAGES_PER_SECOND:
    case METRIC_COUNT:
        decimal_put_fixed(out, value, 0);
        break;
    }
}
