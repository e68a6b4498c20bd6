/* SPDX-License-Identifier: MIT */
/* report - what a group used and how it fared, from its first moment to now */
#ifndef HEADROOM_CGCTL_REPORT_H
#define HEADROOM_CGCTL_REPORT_H

#include "cmd.h"

struct report_number {
    bool known; /* absent is not zero */
    uint64_t value;
};

enum report_key {
    REPORT_MEMORY_PEAK,
    REPORT_SWAP_PEAK,
    REPORT_CPU,
    REPORT_CPU_USER,
    REPORT_CPU_SYSTEM,
    REPORT_STALL_SOME,
    REPORT_STALL_FULL,
    REPORT_SCAN_BACKGROUND,
    REPORT_SCAN_DIRECT,
    REPORT_SCAN_PROACTIVE,
    REPORT_STEAL,
    REPORT_HIGH,
    REPORT_MAX,
    REPORT_OOM,
    REPORT_OOM_KILL,
    REPORT_KEYS
};

struct report {
    struct report_number numbers[REPORT_KEYS];
};

/* Read what there is. */
void report_read(int dir, struct report *out);

/* Only how many were killed for lack of memory: much less to read. */
struct report_number report_kills(int dir);

/* For a group that was there before: only what came since. Peaks stay what they are. */
void report_since(struct report *now, const struct report *before);

/* Print lines for people on stderr, because stdout is the command's. */
void report_print(const struct cmd_context *ctx, const char *path, const struct report *r);

/* The same as one JSON object on a line. @status: of the command. Return: 0 or -ENOMEM. */
int report_print_json(const char *path, const struct report *r, int status, struct err *e);

/* Whose lack of memory made the kernel kill, of a group where it did: "for lack of memory in the
 * group", or above it, which the group does not count as its own. */
const char *report_killer(const struct report *r);

/* "peak memory 64M, peak swap 12M"; "unknown" for what the kernel does not record. Return: @buf. */
enum { REPORT_PEAKS_MAX = 96 };
const char *report_peaks(const struct report *r, char buf[static REPORT_PEAKS_MAX]);

#endif
