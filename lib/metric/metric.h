/* SPDX-License-Identifier: MIT */
/*
 * metric - what can be measured: one vocabulary for every subcommand, export, rules and the manual
 *
 * A metric has a name, a unit and a meaning. Some have a parameter behind a colon: "disk:/data",
 * "gpu:0.used", "cgroup:/system.slice/a.service.memory", where what is measured of the thing
 * stands behind the last dot that a field of that family follows.
 *
 * What a kernel, a machine or a group does not have is absent, never 0.
 */
#ifndef HEADROOM_METRIC_H
#define HEADROOM_METRIC_H

#include "err.h"

enum metric_unit {
    METRIC_PERCENT, /* 0 to 100; of a processor's time it may be above */
    METRIC_BYTES,
    METRIC_BYTES_PER_SECOND,
    METRIC_PAGES_PER_SECOND,
    METRIC_RATIO, /* may exceed 1 */
    METRIC_COUNT,
};

/* Where the number comes from: metrics of one family are read together. */
enum metric_family {
    METRIC_MEMINFO, /* /proc/meminfo, and ZFS' ARC where there is one */
    METRIC_VMSTAT,  /* /proc/vmstat, and the root group's memory.stat */
    METRIC_PSI,     /* /proc/pressure */
    METRIC_KSWAPD,  /* /proc/PID/stat of the threads kswapdN */
    METRIC_DISK,    /* statvfs(3) */
    METRIC_GPU,     /* NVML or sysfs */
    METRIC_CGROUP,  /* files of a control group */
    METRIC_PROC,    /* /proc/PID */
};

enum metric_id {
    METRIC_RAM,
    METRIC_RAM_AVAILABLE,
    METRIC_RAM_USED,
    METRIC_SWAP,
    METRIC_SWAP_USED,
    METRIC_MEMORY,
    METRIC_MEMORY_AVAILABLE,
    METRIC_COMMIT,
    METRIC_ZFS_ARC,

    METRIC_RECLAIM_KSWAPD,
    METRIC_RECLAIM_DIRECT,
    METRIC_RECLAIM_LIMIT,
    METRIC_RECLAIM_PROACTIVE,
    METRIC_RECLAIM_KHUGEPAGED,
    METRIC_RECLAIM_EFFICIENCY,
    METRIC_REFAULT_RATIO,
    METRIC_SWAP_IN,
    METRIC_SWAP_OUT,
    METRIC_OOM,

    /* resource (memory, cpu, io) x kind (some, full) x average (10, 60, 300), in this order */
    METRIC_PSI_FIRST,
    METRIC_PSI_LAST = METRIC_PSI_FIRST + 17,

    METRIC_KSWAPD_CPU,      /* of the busiest node */
    METRIC_KSWAPD_CPU_NODE, /* of node N */
    METRIC_DISK_USED,
    METRIC_GPU_PERCENT,
    METRIC_GPU_USED,

    METRIC_CGROUP_MEMORY,
    METRIC_CGROUP_MEMORY_PERCENT,
    METRIC_CGROUP_MAX,
    METRIC_CGROUP_SWAP,
    METRIC_CGROUP_SWAP_MAX,
    METRIC_CGROUP_PSI, /* memory, some, over 10 seconds */
    METRIC_CGROUP_PSI_FULL,
    METRIC_CGROUP_OOM,

    METRIC_PROC_RSS,
    METRIC_PROC_PSS,
    METRIC_PROC_SWAP,
    METRIC_IDS,
};

struct metric_info {
    enum metric_id id;
    enum metric_family family;
    enum metric_unit unit;
    bool change;       /* it is told for the time between two samples: the first has none */
    const char *name;  /* "ram.available"; with a parameter its family's word: "cgroup" */
    const char *param; /* NULL, or what stands behind the colon: "PATH", "N", "PID" */
    const char *field; /* with a parameter, what stands behind the last dot, or NULL: "memory" */
    const char *meaning;
};

/* A metric that somebody asked for. */
struct metric {
    const struct metric_info *info;
    char *name;  /* owned; as it was asked for */
    char *param; /* owned; "/data", "0"; NULL */
};

#define METRIC_INIT ((struct metric){.info = NULL})

void metric_clear(struct metric *m);

/* All there are, in the order of the manual; METRIC_IDS of them, each at its id. */
const struct metric_info *metric_infos(void);

/* "cgroup:PATH.memory". @out has METRIC_NAME_MAX bytes. */
enum { METRIC_NAME_MAX = 64 };
void metric_full_name(const struct metric_info *info, char out[METRIC_NAME_MAX]);

/**
 * metric_parse() - find the metric of a name; pure
 * @name: "ram", "cgroup:/a.b/c.memory"
 * @out:  set on success; release with metric_clear()
 *
 * Return: 0; -EINVAL as ERR_USAGE, with the closest name there is; -ENOMEM.
 */
int metric_parse(const char *name, struct metric *out, struct err *e);

/* "%", "B", "B/s", "pages/s", "" for ratios and counts. */
const char *metric_unit_text(enum metric_unit unit);

/* A value for people: "45.2%", "1.5G", "12.0M/s", "1234", "0.53". */
enum { METRIC_TEXT_MAX = 32 };
void metric_format(enum metric_unit unit, double value, char out[METRIC_TEXT_MAX]);

#endif
