/* SPDX-License-Identifier: MIT */
/* pressure - pressure stall information: /proc/pressure, Documentation/accounting/psi.rst */
#ifndef HEADROOM_PRESSURE_H
#define HEADROOM_PRESSURE_H

#include "keyed.h"
#include "root.h"

struct pressure_line {
    bool present;                /* "full" is missing for cpu on older kernels */
    double avg10, avg60, avg300; /* percent of wall time, 0 to 100 */
    uint64_t total_us;           /* microseconds of stall since boot */
};

struct pressure {
    struct pressure_line some;
    struct pressure_line full;
};

/* Pure. Return: 0; -ENODATA if neither line is there; -EBADMSG or -EOVERFLOW for values that are no
 * numbers. */
int pressure_parse(const char *text, struct pressure *out, struct err *e);

/* The same of a text whose lines keyed_find() has found: the keys for that, and what it found.
 * Return: as pressure_parse(). */
enum { PRESSURE_LINES = 2 };
struct keyed pressure_keys(void);
int pressure_take(const struct kv_span values[static PRESSURE_LINES], struct pressure *out,
                  struct err *e);

/**
 * pressure_read() - read one resource's pressure
 * @path: "/proc/pressure/memory", or a cgroup's memory.pressure
 *
 * Return: as pressure_parse(); -EOPNOTSUPP if the kernel was built without PSI or booted with psi=0
 * (the file is absent or answers EOPNOTSUPP), with the remedy in the message; otherwise the errno,
 * negated.
 */
int pressure_read(const struct root *root, const char *path, struct pressure *out, struct err *e);

#endif
